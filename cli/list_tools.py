"""What ``huiqi batch`` does beside evaluating: the empty workbook, and what was understood of a list."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.columns import clipped, width
from cli.errors import FINDINGS, WORKED
from cli.output import replace_file
from engine.lists import (
    LazyList,
    ListSource,
    NeedsMapping,
    Proposal,
    inspect,
    open_list,
    origin_of,
    read_mappings,
    write_template,
)
from engine.pack import Pack

_WIDTHS = (26, 26, 5, 6, 9, 22, 30)
_TITLES = ("列", "读作", "把握", "单位", "年度版本", "依据", "例")


def template(out: Path, pack: Pack) -> int:
    """``--template OUT.xlsx``: write the empty workbook, whole or not at all. Raises OSError."""
    if out.suffix.lower() != ".xlsx":
        raise click.BadParameter(f"空白名单应存为 .xlsx，不是“{out.suffix}”", param_hint="--template")
    with tempfile.TemporaryDirectory(dir=out.resolve().parent, prefix=".huiqi-") as folder:
        made = Path(folder) / "template.xlsx"
        write_template(made, pack)
        made.replace(out.resolve())
    click.echo(f"已写出空白名单 {out}，填法见其中的“说明”。")
    return WORKED


def show(
    paths: Sequence[Path], mappings: Sequence[Path], pack: Pack, save: Path | None, rules: Path | None = None
) -> int:
    """``--inspect``: show what was understood, and save it as a mapping. 1 where something is still to be said."""
    proposal = inspect(paths, pack, read_mappings(mappings), rules)
    for line in proposal_lines(proposal):
        click.echo(line)
    if save is not None:
        replace_file(save, proposal.to_yaml())
        click.echo(f"\n映射已存为 {save}；改好后加 --mapping {save} 再运行。")
    else:
        click.echo("\n加 -o 映射.yaml 可以存成映射文件来改。")
    return FINDINGS if proposal.findings else WORKED


def open_or_ask(
    paths: Sequence[Path], mappings: Sequence[Path], pack: Pack, rules: Path | None = None
) -> ListSource | LazyList:
    """The list. Where a word is missing, the lines to paste are shown before the error goes on its way."""
    try:
        return open_list(paths, pack, read_mappings(mappings), rules=rules)
    except NeedsMapping as error:
        if error.paste:
            click.echo("把下面几行存成映射文件（例如 映射.yaml），把 ? 改掉，再加 --mapping 映射.yaml：\n", err=True)
            click.echo(error.paste, err=True)
        raise


def origin(paths: Sequence[Path], mappings: Sequence[Path]) -> dict[str, Any]:
    """What a result stores so that ``huiqi explain`` can show answers."""
    return origin_of(paths, read_mappings(mappings))


def proposal_lines(proposal: Proposal) -> list[str]:
    """The proposal for a terminal: a table for each sheet, then what is open."""
    lines: list[str] = []
    for table in proposal.tables:
        header = f"，表头在第 {table.layout.first + 1} 行" if table.layout.last >= 0 else ""
        if table.layout.last > table.layout.first:
            header = f"，表头在第 {table.layout.first + 1} 至 {table.layout.last + 1} 行"
        key = " + ".join(table.shown[position] for position in table.key) or "未定"
        note = f"（{table.sheet.note}）" if table.sheet.note else ""
        lines += [
            click.style(f"{table.sheet.title}{note}", bold=True),
            f"  一行一条{proposal.row_label(table)}{header}；编号：{key}",
            "  " + _row(_TITLES),
        ]
        lines += [
            "  " + _row((i.column, i.field, i.sure, i.unit, i.more, i.origin, i.sample)) for i in proposal.lines(table)
        ]
        lines.append("")
    lines += [f"{item.file}{'·' + item.sheet if item.sheet else ''}：不读，{item.why}" for item in proposal.skipped]
    lines += [click.style(str(finding), fg="red") for finding in proposal.findings]
    return lines


def _row(cells: Sequence[str]) -> str:
    parts = [clipped(cell, room) for cell, room in zip(cells, _WIDTHS, strict=True)]
    return " ".join(f"{part}{'':>{room - width(part)}}" for part, room in zip(parts, _WIDTHS, strict=True)).rstrip()
