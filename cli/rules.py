"""``huiqi rules``: look at the rules and check them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.errors import FINDINGS, WORKED
from cli.main import LazyGroup
from cli.options import document_option, rules_option

if TYPE_CHECKING:
    from engine.diagnostics import Findings

COMMANDS = {
    "list": "cli.rules:list_rules",
    "show": "cli.rules:show",
    "lint": "cli.rules:lint",
    "test": "cli.rules:test",
    "book": "cli.authoring:book",
    "coverage": "cli.authoring:coverage",
    "diff": "cli.rules_diff:diff",
    "draft": "cli.rules_draft:draft",
    "export": "cli.authoring:export",
    "schema": "cli.authoring:schema",
    "verify": "cli.verify:verify",
    "cases": "cli.verify:cases",
}


@click.group(cls=LazyGroup, table=COMMANDS, options_metavar="[选项]", subcommand_metavar="命令 [参数]...")
def rules() -> None:
    """查看和检查规则。"""


FORM = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="输出成文字或 JSON。",
)


@click.command("list", options_metavar="[选项]")
@document_option("只列这份文件，可多次使用。")
@FORM
@rules_option
def list_rules(documents: tuple[str, ...], form: str, rules_at: Path | None) -> None:
    """列出全部措施和背景内容的编号。"""
    from cli.catalogue import listing, rows
    from cli.output import write
    from cli.screen import select
    from engine.loader import load_pack

    pack = select(load_pack(rules_at), documents, ())
    if form == "json":
        write(json.dumps(rows(pack), ensure_ascii=False, indent=2) + "\n", None, verbatim=True)
    else:
        write(listing(pack), None)


@click.command(options_metavar="[选项]")
@click.argument("name", metavar="编号")
@rules_option
def show(name: str, rules_at: Path | None) -> None:
    """用中文写出一项措施的条件、待遇和出处。"""
    from cli.catalogue import described
    from cli.output import write
    from engine.loader import load_pack

    write(described(name, load_pack(rules_at)), None)


@click.command(options_metavar="[选项]")
@document_option("只检查这份文件，可多次使用。")
@click.option(
    "--sources",
    metavar="文件夹",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="政策原文所在的文件夹；给出时把引文与原文核对。",
)
@click.option("--write-lock", is_flag=True, help="按原文重写引文锁，要同时给出 --sources。")
@FORM
@rules_option
def lint(
    documents: tuple[str, ...], sources: Path | None, write_lock: bool, form: str, rules_at: Path | None
) -> int:
    """检查规则文件，逐条列出问题；有错误时退出码为 1。"""
    from engine.diagnostics import Findings
    from engine.lint import lint as check
    from engine.loader import rules_directory

    if write_lock:
        if sources is None or documents:
            message = "--write-lock 要有 --sources，不能有 --document。"
            raise click.UsageError(message, click.get_current_context())
        _write_lock(rules_directory(rules_at), sources)
    findings = Findings()
    for document in documents or (None,):
        check(rules_directory(rules_at), findings, document=document, sources=sources)
    if form == "json":
        click.echo(_json(findings).encode(), nl=False)
    else:
        for item in findings:
            click.echo(str(item))
        warnings = len(findings) - len(findings.errors)
        click.echo(f"{len(findings.errors)} 个错误，{warnings} 个提示。" if findings else "没有发现问题。")
    return FINDINGS if findings.errors else WORKED


@click.command(options_metavar="[选项]")
@document_option("只运行这份文件的案例，可多次使用。")
@click.option(
    "--executor",
    type=click.Choice(["forward", "reference"]),
    default="reference",
    show_default=True,
    help="用哪个执行器；结论相同。",
)
@rules_option
def test(documents: tuple[str, ...], executor: str, rules_at: Path | None) -> int:
    """运行规则旁边的案例（cases*.yaml）；有不符的退出码为 1。"""
    from cli.screen import select
    from engine.cases import check_cases
    from engine.diagnostics import Findings
    from engine.executors import solver_named
    from engine.loader import case_files, load_pack, rules_directory

    directory, unreadable = rules_directory(rules_at), Findings()
    pack = load_pack(rules_at)
    chosen = set(documents or select(pack, documents, ()).documents)
    files = (item for item in case_files(directory, unreadable) if Path(item[0].file).parent.name in chosen)
    count, findings = check_cases(files, pack, solver_named(executor))
    findings.extend(unreadable)
    for finding in findings:
        click.echo(str(finding))
    click.echo(f"{count} 个案例，{len(findings)} 处不符。")
    return FINDINGS if findings.errors else WORKED


def _write_lock(directory: Path, sources: Path) -> None:
    """Lock every phrase as it stands in the texts; where one does not, report it and leave the lock alone."""
    from cli.output import replace_file
    from engine.citations import LOCK_NAME, build_lock
    from engine.diagnostics import Findings
    from engine.loader import load_pack

    findings = Findings()
    lock = build_lock(load_pack(directory), sources, findings)
    findings.raise_errors()
    replace_file(directory / LOCK_NAME, lock)


def _json(findings: Findings) -> str:
    keys = ("file", "line", "column", "code", "severity", "message", "hint")
    shown = [{key: getattr(item, key) for key in keys} for item in findings]
    return json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
