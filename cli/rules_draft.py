"""``huiqi rules draft``: the skeleton of a pack from an official text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from engine.drafting import Draft


@click.command(options_metavar="[选项]")
@click.argument("text", metavar="原文", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    metavar="文件夹",
    type=click.Path(path_type=Path),
    help="把规则包的骨架写到这个文件夹，例如 rules/packs/文件编号；已有内容的文件夹不会覆盖。",
)
@click.option("--id", "given", metavar="编号", help="文件编号；不写则用文件夹的名字，没有 -o 时用原文的文件名。")
@click.option(
    "--text",
    "texts",
    metavar="文件夹",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="把读出的文字另存到这个文件夹（编号.txt），供 lint --sources 核对引文。",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="输出成文字或 JSON。",
)
def draft(text: Path, output: Path | None, given: str | None, texts: Path | None, form: str) -> None:
    """由政策原文（.txt .html .docx .pdf）起草规则包：分条款，找数字、单位、对象；没有定的都标出来。"""
    from cli.folders import new_folder
    from cli.output import write
    from engine.drafting import draft_of, read_text

    id = _id(text, output, given)
    read = read_text(text)
    made = draft_of(read.text, id)
    target = _text_file(texts, id, made.text) if texts is not None else None
    if output is not None:
        new_folder(output, made.files)
    if target is not None:
        write(made.text, target, verbatim=True)
    for note in read.notes:
        click.echo(f"{text}: （提示）{note}。", err=True)
    if form == "json":
        write(json.dumps(made.to_data(), ensure_ascii=False, indent=1) + "\n", None, verbatim=True)
    else:
        write(_told(made, output), None)


def _id(text: Path, output: Path | None, given: str | None) -> str:
    """The document's id, as people give it or as the folder or the file is called."""
    from engine.drafting import ID

    id = given or (output.resolve().name if output is not None else text.stem)
    if not ID.fullmatch(id):
        message = f"“{id}”不能作文件编号，请用 --id 写一个，用小写英文字母开头，例如 langfang-2016。"
        raise click.UsageError(message, click.get_current_context())
    if output is not None and given is not None and output.resolve().name != given:
        message = f"文件夹要和编号同名：-o 的最后一段写“{given}”。"
        raise click.UsageError(message, click.get_current_context())
    return id


def _text_file(folder: Path, id: str, text: str) -> Path:
    """Where the text goes; never over another text."""
    target = folder / f"{id}.txt"
    if target.exists() and target.read_text(encoding="utf-8", errors="replace") != text:
        raise click.UsageError(f"“{target}”已经有了，内容不同；请换一个文件夹。", click.get_current_context())
    return target


def _told(made: Draft, output: Path | None) -> str:
    """A line for each entry, then what was found and what is open."""
    from engine.drafting.figures import KINDS, ROLES

    lines = [made.heading.title or "（没有认出标题）"]
    for entry in made.entries:
        figures = "；".join(f"{ROLES[figure.role]} {figure.text}" for figure in entry.figures)
        who = f"　对象：{entry.beneficiary}" if entry.beneficiary else ""
        kind = "措施" if entry.promise else "背景"
        lines.append(f"{entry.clause.label}　{kind}　{entry.id}{who}{f'　{figures}' if figures else ''}")
    counts = {kind: sum(figure.kind == kind for _, figure in made.figures) for kind in KINDS}
    found = "，".join(f"{KINDS[kind]} {count}" for kind, count in counts.items() if count)
    measures = sum(entry.promise for entry in made.entries)
    lines.append(
        f"{len(made.clauses) - 1} 个条款，{measures} 项措施，{len(made.entries) - measures} 项背景；"
        f"数字：{found or '没有'}；待定 {sum(made.open.values())} 处。"
    )
    if made.left_out:
        lines.append(f"没有列入的话（目标、程序、附则等）在：{'、'.join(made.left_out)}。请自己读一遍。")
    if output is not None:
        lines.append(f"已写到 {output}。以 ?? 开头的是待定事项，huiqi rules lint 逐条列出；全部定下以前不能使用。")
    return "\n".join(lines) + "\n"
