"""``huiqi explain``: why one enterprise of a list got what it got."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import rules_option

if TYPE_CHECKING:
    from engine.columns.stored import Stored, Told
    from engine.determination import Reason
    from engine.pack import Pack

_GROUPS = (
    ("符合", "eligible", None),
    ("条件已满足，待认定", "undetermined", True),
    ("缺资料", "undetermined", False),
    ("不符合", "ineligible", None),
)
_MARKS = {"satisfied": "✓", "not_satisfied": "✗", "unknown": "？", "judgement": "待认定", "other_policy": "见其他文件"}
_MOST = 4  # answers below one measure


@click.command(options_metavar="[选项]")
@click.argument("result", metavar="结果", type=click.Path(path_type=Path))
@click.option("--enterprise", metavar="编号", required=True, help="名单里的企业编号。")
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只看这项措施，并列出全部条件。")
@click.option("--all", "everything", is_flag=True, help="不符合的也逐项列出。")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="输出成文字或 JSON。",
)
@click.option(
    "--list",
    "lists",
    metavar="名单",
    multiple=True,
    type=click.Path(path_type=Path),
    help="名单不在原处时，写它现在的位置。",
)
@rules_option
def explain(
    result: Path,
    enterprise: str,
    measures: tuple[str, ...],
    everything: bool,
    form: str,
    lists: tuple[Path, ...],
    rules_at: Path | None,
) -> None:
    """解读 huiqi batch 的结果里的一家企业。

    结果存的是条件成立与否；企业填写的内容从原来的名单里重读，名单要在原处而且没有改动。
    """
    from cli.batch import needs_lists
    from engine.loader import load_pack

    needs_lists()
    from engine.columns.stored import open_result

    stored = open_result(result)
    pack = load_pack(rules_at)
    told = list(stored.explain(enterprise, pack))
    known = {item.measure.id for item in told}
    for name in measures:
        if name not in known:
            raise click.UsageError(f"结果里没有措施“{name}”，或它在评估日不在有效期内。", click.get_current_context())
    told, missing = _with_answers(told, stored, enterprise, pack, lists, rules_at)
    chosen = [item for item in told if not measures or item.measure.id in measures]
    if form == "json":
        click.echo(json.dumps([_plain(item) for item in chosen], ensure_ascii=False, indent=2))
        return
    click.echo(f"{enterprise}，评估日 {stored.description['as_of']}")
    for line in _lines(chosen, trees=bool(measures), everything=everything or bool(measures)):
        click.echo(line)
    if missing:
        click.echo(f"\n没有列出企业填写的内容：{missing}")


def _with_answers(
    told: list[Told], stored: Stored, enterprise: str, pack: Pack, lists: Sequence[Path], rules: Path | None
) -> tuple[list[Told], str]:
    """What was told with the answers, where the list can be read again; else why it cannot."""
    from engine.diagnostics import InputError
    from engine.lists import answers_of
    from engine.screening import screen

    try:
        answers = answers_of(stored.description, enterprise, pack, paths=lists, rules=rules)
    except InputError as error:
        if lists:
            raise
        first = error.findings[0]
        return told, f"{first.message}（{first.file}）。{first.hint}"
    plan = stored.plan(pack)
    results = {item.measure: item for item in screen(answers, plan.pack, as_of=plan.as_of).results}
    return [item.with_result(results[item.measure.id]) for item in told], ""


def _lines(told: Sequence[Told], *, trees: bool, everything: bool) -> list[str]:
    lines: list[str] = []
    for title, verdict, ready in _GROUPS:
        group = [item for item in told if item.verdict == verdict and ready in (None, item.ready)]
        if not group:
            continue
        lines += ["", click.style(f"{title}（{len(group)}项）", bold=True)]
        if verdict == "ineligible" and not everything:
            lines.append("  加 --all 逐项列出。")
            continue
        for item in group:
            lines += _measure(item, trees=trees)
    return lines


def _measure(item: Told, *, trees: bool) -> Iterator[str]:
    from web.amounts import amount_in_words

    record = f"［{item.record}］" if item.record else ""
    amount = amount_in_words(item.result) if item.result and item.verdict != "ineligible" else ""
    yield f"  {item.measure.spec.title}（{item.measure.spec.clause}）{record}{f' — {amount}' if amount else ''}"
    yield f"      {item.sentence}"
    if trees:
        for reason in item.reasons:
            yield f"      {'  ' * reason.node.count('.')}{_MARKS[reason.status]} {_worded(reason)}"
    else:
        decisive = [reason for reason in item.reasons if reason.decisive and _answer(reason)]
        yield from (f"        {_worded(reason)}" for reason in decisive[:_MOST])


def _answer(reason: Reason) -> str:
    from web.reasons import UNTOLD, contrasted

    parts = (contrasted(reason, reason.label), reason.gap)
    return "，".join(part for part in parts if part and part != UNTOLD)


def _worded(reason: Reason) -> str:
    """The condition, and the enterprise's answer where it is known."""
    answer = _answer(reason)
    return f"{reason.label}：{answer}" if answer else reason.label


def _plain(item: Told) -> dict[str, Any]:
    result = item.result
    return {
        "measure": item.measure.id,
        "title": item.measure.spec.title,
        "verdict": item.verdict,
        "ready": item.ready,
        "record": item.record,
        "sentence": item.sentence,
        "amount_yuan": result and result.amount_yuan,
        "amount_range_yuan": result and result.amount_range_yuan,
        "amount_by_year": result and result.amount_by_year,
        "reasons": [
            {
                "node": reason.node,
                "kind": reason.kind,
                "label": reason.label,
                "status": reason.status,
                "decisive": reason.decisive,
                "value": reason.value,
                "gap": reason.gap,
            }
            for reason in item.reasons
        ],
    }
