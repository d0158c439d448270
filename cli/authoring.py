"""``huiqi rules``: the tools of those who write the rules."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.errors import FINDINGS, WORKED
from cli.options import Day, document_option, rules_option

if TYPE_CHECKING:
    from engine.coverage import Coverage
    from engine.diagnostics import Findings


@click.command(options_metavar="[选项]")
@click.option(
    "-o",
    "--output",
    metavar="文件夹",
    type=click.Path(path_type=Path),
    help="写到这个文件夹；不写则输出成一个 JSON。",
)
@rules_option
def schema(output: Path | None, rules_at: Path | None) -> None:
    """写出各类规则文件的 JSON Schema，供编辑器补全、提示和检查。"""
    from cli.folders import replace_folder
    from cli.output import write
    from engine.loader import load_pack, rules_directory
    from engine.rule_schema import editor_settings, modeline, schemas

    made = schemas(load_pack(rules_at))
    if output is None:
        write(_json(made), None, verbatim=True)
        return
    settings = editor_settings(_from_here(rules_directory(rules_at)), _from_here(output))
    files = {name: _json(text) for name, text in made.items()}
    replace_folder(output, {**files, "settings.json": _json(settings)}, "schema")
    click.echo(f"已写出 {len(files)} 个 schema 到 {output}。")
    click.echo(f"VS Code：把 {output / 'settings.json'} 的内容并入 .vscode/settings.json（装有 YAML 扩展）。")
    click.echo(f"其他编辑器：在规则文件第一行写 {modeline(output.resolve().as_posix(), 'measures')}")


@click.command(options_metavar="[选项]")
@click.option(
    "-o",
    "--output",
    metavar="文件夹",
    type=click.Path(path_type=Path),
    required=True,
    help="写到这个文件夹。",
)
@document_option("只收这份文件，可多次使用。")
@rules_option
def book(output: Path, documents: tuple[str, ...], rules_at: Path | None) -> None:
    """写出事项清单：每项措施一页，可查找、可打印，不需要服务器。"""
    from cli.folders import replace_folder
    from cli.screen import select
    from engine.loader import load_pack
    from web.book import book as pages

    pack = select(load_pack(rules_at), documents, ())
    made = pages(pack)
    replace_folder(output, made, "book")
    click.echo(f"已写出 {len(pack.measures)} 项措施到 {output}，请打开 {output / 'index.html'}。")


@click.command(options_metavar="[选项]")
@click.option(
    "--sources",
    metavar="文件夹",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="政策原文所在的文件夹。",
)
@document_option("只对照这份文件，可多次使用。")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="输出成文字、JSON 或网页（左边原文，右边规则）。",
)
@click.option("-o", "--output", metavar="文件", type=click.Path(path_type=Path), help="写到这个文件。")
@rules_option
def coverage(
    sources: Path, documents: tuple[str, ...], form: str, output: Path | None, rules_at: Path | None
) -> int:
    """逐句对照政策原文：每一句成了哪条措施或背景；有没有着落的，退出码为 1。"""
    from cli.output import write
    from cli.screen import select
    from engine.coverage import coverage as covered_by
    from engine.diagnostics import Findings
    from engine.loader import load_pack, rules_directory

    findings = Findings()
    pack = load_pack(rules_at)
    select(pack, documents, ())  # refuses names that there are not
    covered = covered_by(pack, rules_directory(rules_at), sources, findings, documents)
    if form == "html":
        from web.coverage_page import page

        write(page(covered, pack), output, verbatim=True)
    elif form == "json":
        write(
            _json({"documents": [item.to_data() for item in covered], "findings": listed(findings)}),
            output,
            verbatim=True,
        )
    else:
        write(_covered(covered, findings), output)
    if form == "html" or output is not None:
        for finding in findings:
            click.echo(str(finding), err=True)
    return FINDINGS if findings.errors else WORKED


def _covered(covered: list[Coverage], findings: Findings) -> str:
    """Every finding, then a line for each document."""
    from engine.coverage import KINDS

    lines = [str(finding) for finding in findings]
    for item in covered:
        counts = "，".join(f"{KINDS[kind]} {count}" for kind, count in item.counts().items())
        lines.append(f"{item.document}：{len(item.accounts)} 句，{counts}。")
    missing = sum(item.counts().get(None, 0) for item in covered)
    lines.append(
        f"{missing} 句没有着落，共 {len(findings.errors)} 个问题。" if findings.errors else "每一句都有着落。"
    )
    return "\n".join(lines) + "\n"


def listed(findings: Findings) -> list[dict[str, object]]:
    """Findings as JSON objects."""
    keys = ("file", "line", "column", "code", "severity", "message", "hint")
    return [{key: getattr(finding, key) for key in keys} for finding in findings]


@click.command(options_metavar="[选项]")
@click.option(
    "--format", "form", type=click.Choice(["jdm"]), default="jdm", show_default=True, help="GoRules JDM 决策图。"
)
@document_option("只导出这份文件，可多次使用。")
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只导出这项措施，可多次使用。")
@click.option(
    "--input", "profile_at", metavar="画像", type=click.Path(), help="不导出图，而把这份画像写成图的输入。"
)
@click.option("--as-of", type=Day(), metavar="日期", help="按哪一天判断，默认今天；与 --input 同用。")
@click.option("-o", "--output", metavar="文件", type=click.Path(path_type=Path), help="写到这个文件。")
@rules_option
def export(
    form: str,
    documents: tuple[str, ...],
    measures: tuple[str, ...],
    profile_at: str | None,
    as_of: date | None,
    output: Path | None,
    rules_at: Path | None,
) -> int:
    """把措施导出成 GoRules JDM 决策图；写不准的措施不导出，逐条说明，退出码为 1。"""
    from cli.output import write
    from cli.screen import read, select
    from engine import clock
    from engine.jdm import export as exported_as
    from engine.jdm import jdm_input
    from engine.loader import load_pack

    pack = select(load_pack(rules_at), documents, measures)
    if profile_at is not None:
        given = jdm_input(read(profile_at, pack), pack.vocabulary, as_of or clock.today())
        write(_json(given), output, verbatim=True)
        return WORKED
    exported = exported_as(pack)
    for finding in exported.refused:
        click.echo(str(finding), err=True)
    write(_json(exported.graph), output, verbatim=True)
    return FINDINGS if exported.refused else WORKED


def _from_here(path: Path) -> str:
    """A path as seen from the working folder where it lies inside it, else in full."""
    path, here = path.resolve(), Path.cwd().resolve()
    return (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
