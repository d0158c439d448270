"""``huiqi check``: one enterprise against the documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from cli.options import Day, document_option, rules_option


@click.command(options_metavar="[选项]")
@click.argument("profile_at", metavar="画像")
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
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="输出成文字、JSON 或网页。",
)
@click.option("-o", "--output", metavar="文件", type=click.Path(path_type=Path), help="写到文件，不显示。")
@click.option("--brief", is_flag=True, help="文字只要十来行。")
@click.option("--all", "everything", is_flag=True, help="文字列出每一项，包括背景内容。")
@rules_option
def check(
    profile_at: str,
    as_of: date | None,
    documents: tuple[str, ...],
    measures: tuple[str, ...],
    executor: str,
    form: str,
    output: Path | None,
    brief: bool,
    everything: bool,
    rules_at: Path | None,
) -> None:
    """把一家企业与政策逐条对照。

    画像是 YAML 或 JSON 文件，- 表示从标准输入读取；用 huiqi new 可生成空白画像。
    """
    from cli.output import write
    from cli.screen import read, screen, select
    from engine.loader import load_pack

    if brief and everything:
        raise click.UsageError("--brief 和 --all 只能选一个。", click.get_current_context())
    if output is not None and profile_at != "-" and _same(output, profile_at):
        raise click.UsageError("输出文件不能就是画像文件。", click.get_current_context())
    whole = load_pack(rules_at)
    pack = select(whole, documents, measures)
    profile = read(profile_at, pack)
    determination = screen(pack, profile, as_of or date.today(), executor)
    if form == "json":
        write(determination.to_json(), output, verbatim=True)
    elif form == "html":
        from web.standalone import page

        write(page(determination, pack), output, verbatim=True)
    else:
        from cli.text import Detail, report
        from web.summary import summarise

        detail: Detail = "brief" if brief else "all" if everything else "trees" if measures else "normal"
        write(report(summarise(determination, pack), detail), output)


def _same(output: Path, profile: str) -> bool:
    return output.exists() and Path(profile).exists() and output.samefile(profile)
