"""``huiqi rules diff``: two versions of the rules, and what a list gets under each."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.errors import FINDINGS, WORKED
from cli.options import Day

if TYPE_CHECKING:
    from engine.difference.lists import ListDifference
    from engine.difference.model import PackDifference
    from engine.pack import Pack

Folder = click.Path(path_type=Path, exists=True, file_okay=False)
File = click.Path(path_type=Path)
ENDINGS = (".xlsx", ".json", ".html")


@click.command(options_metavar="[选项]")
@click.argument("old_at", metavar="旧版", type=Folder)
@click.argument("new_at", metavar="新版", type=Folder)
@click.option("--as-of", type=Day(), metavar="日期", help="按哪一天比较；默认取有效期和参数各段的代表日期。")
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只比较这项措施，可多次使用。")
@click.option("--list", "lists", metavar="名单", multiple=True, type=File, help="用这份名单算出哪些企业的结论改变，可多次使用。")
@click.option("--mapping", "mappings", metavar="文件", multiple=True, type=File, help="名单里列和字段的对应关系。")
@click.option("-o", "--output", metavar="文件", type=File, help="写到 .xlsx、.html 或 .json。")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="输出成文字或 JSON。",
)
def diff(
    old_at: Path,
    new_at: Path,
    as_of: date | None,
    measures: tuple[str, ...],
    lists: tuple[Path, ...],
    mappings: tuple[Path, ...],
    output: Path | None,
    form: str,
) -> int:
    """比较规则的两个版本：哪些画像的结论或金额改变，名单里有多少企业受影响；有差异的退出码为 1。

    旧版和新版是规则目录（里面有 packs/），或一份规则包（里面有 document.yaml）。
    """
    from engine.completions import require

    require()
    _check(output, lists, mappings)
    if lists:
        from cli.batch import needs_lists

        needs_lists()
    from engine import clock
    from engine.difference.folders import load_version
    from engine.difference.packs import differences

    packs = load_version(old_at), load_version(new_at)
    _known(packs, measures)
    today = clock.today()
    found = differences(*packs, today=today, as_of=as_of, measures=measures)
    listed = _listed(packs, (old_at, new_at), lists, mappings, measures, as_of or today) if lists else None
    _tell(found, packs, listed, output, form)
    return FINDINGS if found.changed else WORKED


def _check(output: Path | None, lists: tuple[Path, ...], mappings: tuple[Path, ...]) -> None:
    context = click.get_current_context()
    if mappings and not lists:
        raise click.UsageError("--mapping 要和 --list 一起用。", context)
    if output is None:
        return
    if output.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"不认识输出“{output.name}”的格式，请用 {'、'.join(ENDINGS)}。", context)
    if not output.resolve().parent.is_dir():
        raise FileNotFoundError(2, "", str(output))
    if any(path.exists() and output.exists() and output.samefile(path) for path in (*lists, *mappings)):
        raise click.UsageError("输出文件不能就是输入文件。", context)


def _known(packs: tuple[Pack, Pack], measures: tuple[str, ...]) -> None:
    """Refuse measures that neither version has."""
    from engine.diagnostics import Finding, InputError

    ids = {measure.id for pack in packs for measure in pack.measures}
    unknown = [Finding(id, 0, 0, "rules-no-measure", f"没有措施“{id}”") for id in measures if id not in ids]
    if unknown:
        raise InputError(unknown)


def _listed(
    packs: tuple[Pack, Pack],
    folders: tuple[Path, Path],
    lists: tuple[Path, ...],
    mappings: tuple[Path, ...],
    measures: tuple[str, ...],
    as_of: date,
) -> ListDifference:
    """The list as each version reads it, screened under both."""
    from dataclasses import replace

    from cli.list_tools import open_or_ask
    from cli.progress import shown
    from engine.difference.lists import Comparing

    rules = [folder if (folder / "lists").is_dir() else None for folder in folders]
    one, other = (open_or_ask(lists, mappings, pack, place) for pack, place in zip(packs, rules, strict=True))
    if measures:
        old, new = (replace(p, measures=tuple(m for m in p.measures if m.id in measures)) for p in packs)
        packs = old, new
    with shown(other.rows) as progress:
        return Comparing(packs, (one, other), as_of).run(progress)


def _tell(
    found: PackDifference, packs: tuple[Pack, Pack], listed: ListDifference | None, output: Path | None, form: str
) -> None:
    """To the terminal, and into the file that was asked for."""
    from cli.rules_diff_text import short, told

    if output is not None:
        _write(found, packs, listed, output)
    if form == "json":
        click.echo(_json(found, listed).encode(), nl=False)
    elif output is None:
        click.echo("\n".join(told(found, packs[1], listed)))
    else:
        click.echo("\n".join([*short(found, listed), f"结果在 {output}。"]))


def _write(found: PackDifference, packs: tuple[Pack, Pack], listed: ListDifference | None, output: Path) -> None:
    """Write the file, whole or not at all. Raises OSError."""
    from cli.output import replace_file

    match output.suffix.lower():
        case ".json":
            replace_file(output, _json(found, listed))
        case ".html":
            from cli.rules_diff_page import page

            replace_file(output, page(found, packs[1], listed))
        case _:
            _workbook(found, packs, listed, output.resolve())


def _workbook(found: PackDifference, packs: tuple[Pack, Pack], listed: ListDifference | None, output: Path) -> None:
    import os
    import tempfile

    from cli.batch import needs_lists

    needs_lists()
    from engine.difference.workbook import write_workbook

    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".huiqi-") as folder:
        made = Path(folder) / "diff.xlsx"
        write_workbook(made, found, packs[1], listed)
        os.replace(made, output)


def _json(found: PackDifference, listed: ListDifference | None) -> str:
    from engine.difference.plain import plain

    data: dict[str, Any] = plain(found)
    if listed is not None:
        from engine.difference.list_plain import plain_list

        data["list"] = plain_list(listed)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
