"""``huiqi rules``: the tools of those who write the rules."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli.options import document_option, rules_option


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
    rules = rules_directory(rules_at)
    settings = editor_settings(rules.as_posix(), output.as_posix())
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


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
