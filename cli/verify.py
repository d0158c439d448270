"""``huiqi rules verify`` and ``huiqi rules cases``: what the solver says of the rules."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.errors import FINDINGS, WORKED
from cli.options import Day, rules_option

if TYPE_CHECKING:
    from engine.completions.examination import Flaw
    from engine.pack import Pack


@click.command(options_metavar="[选项]")
@click.argument("documents", metavar="[文件编号]...", nargs=-1)
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只验证这项措施，可多次使用。")
@click.option("--as-of", type=Day(), help="只按这一天验证；默认在有效期内取几天，都有的问题才算。")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="输出成文字或 JSON。",
)
@rules_option
def verify(
    documents: tuple[str, ...], measures: tuple[str, ...], as_of: date | None, form: str, rules_at: Path | None
) -> int:
    """验证规则：每项措施都能达到，每个条件、选项、分档都有作用；有问题的退出码为 1。"""
    from engine.completions import require
    from engine.loader import load_pack

    require()
    from engine.completions.verify import verify as run

    pack = load_pack(rules_at)
    _known(pack, documents, measures)
    flaws = run(pack, documents=documents, measures=measures, as_of=as_of)
    if form == "json":
        shown = json.dumps([_plain(flaw) for flaw in flaws], ensure_ascii=False, indent=2) + "\n"
        click.echo(shown.encode(), nl=False)
    else:
        for flaw in flaws:
            click.echo(_told(flaw))
        click.echo(f"{len(flaws)} 处问题。" if flaws else "没有发现问题。")
    return FINDINGS if flaws else WORKED


@click.command(options_metavar="[选项]")
@click.argument("document", metavar="文件编号")
@click.option("--write", "overwrite", is_flag=True, help="按现在的条件重写案例文件；请逐条读过再提交。")
@rules_option
def cases(document: str, overwrite: bool, rules_at: Path | None) -> int:
    """由条件生成边界案例，与已提交的比较；有差异的退出码为 1，从不自行改写。"""
    from cli.output import replace_file
    from engine.completions import require
    from engine.generated_cases import FILE, compare, text_of
    from engine.loader import load_pack, rules_directory
    from engine.reference import ReferenceSolver

    require()
    from engine.compiler import compile_pack
    from engine.completions.document_cases import document_cases
    from engine.completions.verify import days

    directory, pack = rules_directory(rules_at), load_pack(rules_at)
    _known(pack, (document,), ())
    proposed = document_cases(compile_pack(pack), document, lambda id: days(pack, id)[0])
    findings = compare(directory, document, proposed, pack, ReferenceSolver())
    for finding in findings:
        click.echo(str(finding))
    if overwrite:
        path = directory / "packs" / document / FILE
        replace_file(path, text_of(proposed))
        click.echo(f"已写出 {len(proposed)} 个案例：{path}")
        return WORKED
    click.echo(f"{len(proposed)} 个案例，{len(findings)} 处差异。")
    return FINDINGS if findings else WORKED


def _known(pack: Pack, documents: tuple[str, ...], measures: tuple[str, ...]) -> None:
    """Refuse ids that do not exist."""
    from engine.diagnostics import Finding, InputError

    ids = {measure.id for measure in pack.measures}
    documents = tuple(id for id in documents if id not in pack.documents)
    unknown = [Finding(id, 0, 0, "rules-no-document", f"没有文件编号“{id}”") for id in documents]
    unknown += [Finding(id, 0, 0, "rules-no-measure", f"没有措施“{id}”") for id in measures if id not in ids]
    if unknown:
        raise InputError(unknown)


def _told(flaw: Flaw) -> str:
    """A flaw in one line, and below it the profiles that show it, as `huiqi check -` reads them."""
    from engine.cases import VERDICTS

    lines = [str(flaw.finding)]
    for shown in flaw.shown:
        lines.append(f"    {shown.label}（评估日 {shown.as_of.isoformat()}，结论：{VERDICTS[shown.verdict]}）：")
        lines.append(f"    {json.dumps(shown.profile, ensure_ascii=False)}")
    return "\n".join(lines)


def _plain(flaw: Flaw) -> dict[str, object]:
    keys = ("file", "line", "column", "code", "severity", "message", "hint")
    found: dict[str, object] = {key: getattr(flaw.finding, key) for key in keys}
    found["shown"] = [
        {"label": s.label, "as_of": s.as_of.isoformat(), "verdict": s.verdict, "profile": s.profile} for s in flaw.shown
    ]
    return found
