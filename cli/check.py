"""``huiqi check``: one enterprise against the documents, and a determination made again."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import click

from cli.options import Day, document_option, rules_option


@click.command(options_metavar="[选项]")
@click.argument("profile_at", metavar="画像", required=False)
@click.option("--as-of", type=Day(), metavar="日期", help="按哪一天判断，默认今天；如 2017-06-30。")
@document_option("只看这份文件，可多次使用。")
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只看这项措施，并列出全部条件。")
@click.option(
    "--executor",
    type=click.Choice(["forward", "reference"]),
    default="forward",
    show_default=True,
    help="用哪个执行器；结论相同。",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html", "pdf"]),
    default="text",
    show_default=True,
    help="输出成文字、JSON、网页或 PDF。",
)
@click.option("-o", "--output", metavar="文件", type=click.Path(path_type=Path), help="写到文件，不显示。")
@click.option("--brief", is_flag=True, help="文字只要十来行；核对时只列不一致的。")
@click.option("--all", "everything", is_flag=True, help="文字列出每一项，包括背景内容。")
@click.option("--verify", "determination_at", metavar="文件", help="核对一份认定记录（JSON）：重新得出，逐项比较。")
@rules_option
def check(
    profile_at: str | None,
    as_of: date | None,
    documents: tuple[str, ...],
    measures: tuple[str, ...],
    executor: str,
    form: str,
    output: Path | None,
    brief: bool,
    everything: bool,
    determination_at: str | None,
    rules_at: Path | None,
) -> int:
    """把一家企业与政策逐条对照。

    画像是 YAML 或 JSON 文件，- 表示从标准输入读取；用 huiqi new 可生成空白画像。
    """
    context = click.get_current_context()
    if determination_at is not None:
        return _verify(context, determination_at, rules_at, brief=brief)
    if profile_at is None:
        raise click.MissingParameter(ctx=context, param=context.command.params[0])
    from cli.output import write, write_bytes
    from cli.screen import read, screen, select
    from engine import clock
    from engine.loader import load_pack

    if brief and everything:
        raise click.UsageError("--brief 和 --all 只能选一个。", context)
    if output is not None and profile_at != "-" and _same(output, profile_at):
        raise click.UsageError("输出文件不能就是画像文件。", context)
    if form == "pdf" and output is None and sys.stdout.isatty():
        raise click.UsageError("PDF 不能显示在终端里，请加 -o 报告.pdf。", context)
    whole = load_pack(rules_at)
    pack = select(whole, documents, measures)
    profile = read(profile_at, pack)
    determination = screen(pack, profile, as_of or clock.today(), executor)
    if form == "json":
        write(determination.to_json(), output, verbatim=True)
    elif form == "html":
        from web.standalone import page

        write(page(determination, pack), output, verbatim=True)
    elif form == "pdf":
        from web.paper import paper
        from web.pdf_process import made

        write_bytes(made(paper(determination, pack)), output)
    else:
        from cli.text import Detail, report
        from web.summary import summarise

        detail: Detail = "brief" if brief else "all" if everything else "trees" if measures else "normal"
        write(report(summarise(determination, pack), detail), output)
    return 0


FOR_VERIFYING = {"determination_at", "rules_at", "brief"}


def _verify(context: click.Context, path: str, rules_at: Path | None, *, brief: bool) -> int:
    """A determination says itself for whom, of what and of which day it is, so nothing else may be said."""
    from cli.verification import run

    source = click.core.ParameterSource.COMMANDLINE
    for param in context.command.params:
        if param.name not in FOR_VERIFYING and context.get_parameter_source(param.name or "") is source:
            name = param.opts[-1] if isinstance(param, click.Option) else "画像"
            raise click.UsageError(f"--verify 按认定记录里写的画像和日期核对，不能再加“{name}”。", context)
    return run(path, rules_at, brief=brief)


def _same(output: Path, profile: str) -> bool:
    return output.exists() and Path(profile).exists() and output.samefile(profile)
