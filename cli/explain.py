"""``huiqi explain``: why one enterprise of a list got what it got."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import rules_option

if TYPE_CHECKING:
    from engine.columns.stored import Told

_GROUPS = (
    ("符合", "eligible", None),
    ("条件已满足，待认定", "undetermined", True),
    ("缺资料", "undetermined", False),
    ("不符合", "ineligible", None),
)
_MARKS = {"satisfied": "✓", "not_satisfied": "✗", "unknown": "？", "judgement": "待认定", "other_policy": "见其他文件"}


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
@rules_option
def explain(
    result: Path, enterprise: str, measures: tuple[str, ...], everything: bool, form: str, rules_at: Path | None
) -> None:
    """解读 huiqi batch 的结果里的一家企业。

    结果只存条件成立与否，不存企业填写的内容；要看内容和算法，请用 huiqi check。
    """
    from cli.batch import needs_lists
    from engine.loader import load_pack

    needs_lists()
    from engine.columns.stored import open_result

    stored = open_result(result)
    told = list(stored.explain(enterprise, load_pack(rules_at)))
    known = {item.measure.id for item in told}
    for name in measures:
        if name not in known:
            raise click.UsageError(f"结果里没有措施“{name}”，或它在评估日不在有效期内。", click.get_current_context())
    chosen = [item for item in told if not measures or item.measure.id in measures]
    if form == "json":
        click.echo(json.dumps([_plain(item) for item in chosen], ensure_ascii=False, indent=2))
        return
    click.echo(f"{enterprise}，评估日 {stored.description['as_of']}")
    for line in _lines(chosen, trees=bool(measures), everything=everything or bool(measures)):
        click.echo(line)


def _lines(told: Sequence[Told], *, trees: bool, everything: bool) -> list[str]:
    lines: list[str] = []
    for title, verdict, met in _GROUPS:
        group = [item for item in told if item.verdict == verdict and met in (None, item.stated_met)]
        if not group:
            continue
        lines += ["", click.style(f"{title}（{len(group)}项）", bold=True)]
        if verdict == "ineligible" and not everything:
            lines.append("  加 --all 逐项列出。")
            continue
        for item in group:
            record = f"［{item.record}］" if item.record else ""
            lines.append(f"  {item.measure.spec.title}（{item.measure.spec.clause}）{record}")
            lines.append(f"      {item.sentence}")
            if trees:
                lines += [
                    f"      {'  ' * reason.node.count('.')}{_MARKS[reason.status]} {reason.label}"
                    for reason in item.reasons
                ]
    return lines


def _plain(item: Told) -> dict[str, Any]:
    return {
        "measure": item.measure.id,
        "title": item.measure.spec.title,
        "verdict": item.verdict,
        "stated_met": item.stated_met,
        "record": item.record,
        "sentence": item.sentence,
        "reasons": [
            {
                "node": reason.node,
                "kind": reason.kind,
                "label": reason.label,
                "status": reason.status,
                "decisive": reason.decisive,
            }
            for reason in item.reasons
        ],
    }
