"""``huiqi ask``: the questionnaire in the terminal."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.options import Day, document_option, rules_option

if TYPE_CHECKING:
    from engine.questions import Settled


@click.command(options_metavar="[选项]")
@click.argument("profile_at", metavar="[画像]", required=False)
@click.option("--as-of", type=Day(), metavar="日期", help="按哪一天判断，默认今天；如 2017-06-30。")
@document_option("只问这份文件，可多次使用。")
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只问这项措施，可多次使用。")
@click.option("-o", "--output", metavar="文件", type=click.Path(path_type=Path), help="把回答写成画像文件。")
@click.option("--force", is_flag=True, help="文件已存在时覆盖它。")
@rules_option
def ask(
    profile_at: str | None,
    as_of: date | None,
    documents: tuple[str, ...],
    measures: tuple[str, ...],
    output: Path | None,
    force: bool,
    rules_at: Path | None,
) -> None:
    """问几个最要紧的问题，然后给出结论。

    每一题都会影响某项措施的结论；不必再问时就停，并说明为什么。已有画像的，写上它，只问还缺的。
    """
    from cli.asking import Conversation
    from cli.output import write
    from cli.screen import read, screen, select
    from cli.text import report
    from engine import clock
    from engine.compiler import compile_pack
    from engine.loader import load_pack
    from web.summary import summarise

    with suppress(ImportError):
        import readline  # noqa: F401  # lines can be edited with the arrow keys
    _check_output(profile_at, output, force)
    pack = select(load_pack(rules_at), documents, measures)
    data: dict[str, Any] = {}
    if profile_at is not None:
        data = dict(read(profile_at, pack).data or {})
    day = as_of or clock.today()
    talk = Conversation(compile_pack(pack), day, data, click.echo, _hear)
    settled = talk.run()
    click.echo("")
    for line in _ending(settled):
        click.echo(line)
    click.echo("")
    write(report(summarise(screen(pack, talk.profile, day, "reference"), pack), "brief"), None)
    if output is not None:
        write(written(talk.data), output, verbatim=True)
        click.echo(f"回答已写到 {output}。完整报告：huiqi check {output} --as-of {day}", err=True)


def _check_output(profile_at: str | None, output: Path | None, force: bool) -> None:
    context = click.get_current_context()
    if profile_at == "-" or str(output) == "-":
        raise click.UsageError("问答要用标准输入和输出，画像请写成文件。", context)
    if output is None or force or not output.exists():
        return
    if profile_at is None or not Path(profile_at).exists() or not output.samefile(profile_at):
        raise click.UsageError(f"“{output}”已经存在；换一个名称，或加 --force 覆盖。", context)


def _hear() -> str:
    """A line of the user's; EOFError at the end of the input."""
    line = input("> ")
    return line.replace("\x00", "")


def _ending(settled: Settled | None) -> list[str]:
    """What the proof says."""
    if settled is None:
        return ["还没有问完：下面按已有回答给出，缺的资料列在待定里。"]
    lines = ["问完了：没有回答的资料，无论怎样都不会再改变任何一项的结论。"]
    unclear = [item for item in settled.remaining if item.unclear]
    judged = len(settled.remaining) - len(unclear)
    lines.append(f"已有结论 {len(settled.decided)} 项；只等认定或其他政策 {judged} 项。")
    if unclear:
        lines.append(f"因为有“不清楚”或只有大概范围的回答，还定不下来 {len(unclear)} 项。")
    return lines


def written(data: dict[str, Any]) -> str:
    """A profile as YAML, as ``huiqi check`` reads it."""
    from engine.flow_yaml import entry

    return "".join(f"{entry(key, value, 0)}\n" for key, value in data.items()) or "{}\n"
