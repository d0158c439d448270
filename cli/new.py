"""``huiqi new``: an annotated empty profile to fill in."""

from __future__ import annotations

from pathlib import Path

import click

from cli.options import document_option, rules_option


@click.command(options_metavar="[选项]")
@click.option(
    "-o",
    "--output",
    metavar="文件",
    type=click.Path(path_type=Path),
    required=True,
    help="写到这个文件；- 表示直接显示。",
)
@document_option("只列这份文件用到的资料，可多次使用。")
@click.option("--force", is_flag=True, help="文件已存在时覆盖它。")
@rules_option
def new(output: Path, documents: tuple[str, ...], force: bool, rules_at: Path | None) -> None:
    """生成带说明的空白画像，填好后用 huiqi check 对照。"""
    from cli.output import write
    from cli.screen import select
    from cli.template import template
    from engine.loader import load_pack

    if (output.is_file() or output.is_dir()) and not force and str(output) != "-":
        message = f"“{output}”已经存在；换一个名称，或加 --force 覆盖。"
        raise click.UsageError(message, click.get_current_context())
    pack = select(load_pack(rules_at), documents, ())
    write(template(pack, only_used=bool(documents)), output, verbatim=True)
    if str(output) != "-":
        click.echo(f"已生成 {output}。填好后运行：huiqi check {output}", err=True)
