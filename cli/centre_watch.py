"""``huiqi centre watch``: everybody screened again by today's rules, for a timer."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.centre_options import database_option, ready
from cli.options import Day, rules_option

if TYPE_CHECKING:
    from web.centre.watching.run import Done


@click.command(options_metavar="[选项]")
@click.option("--as-of", type=Day(), metavar="日期", help="按哪一天的情况，不晚于今天；默认今天。")
@database_option
@rules_option
def watch(as_of: date | None, database: str, rules_at: Path | None) -> None:
    """全部企业按今天的规则和日期重新对照，记下变化和将要失去的；适合每天夜里定时运行。

    只对照结论可能不同的企业，只写下有变化的；工作不必停。中途被打断，再运行一次就接着做。
    """
    from engine.clock import today
    from engine.compiler import compile_pack
    from engine.loader import BUILT_IN, load_pack
    from engine.quantities import format_date
    from web.centre import packs
    from web.centre.store.database import writing
    from web.centre.watching import state
    from web.centre.watching.run import rescreen

    if as_of is not None and as_of > today():
        message = f"--as-of 不能晚于今天（{format_date(today())}）：还没有到的日子，不能写下结论。"
        raise click.UsageError(message, click.get_current_context())
    engine = ready(database)
    pack = load_pack(rules_at)
    with writing(engine) as session:
        packs.keep(session, pack, rules_at or BUILT_IN)
        by = state.machine(session).id
    with _shown() as progress:
        done = rescreen(engine, compile_pack(pack), as_of or today(), by, progress)
    engine.dispose()
    for line in told(done):
        click.echo(line)


def told(done: Done) -> Iterator[str]:
    """The summary, line by line."""
    from engine.quantities import format_date
    from web.centre.outcomes import GROUP_OF
    from web.summary import GROUPS

    yield f"已按{format_date(done.day)}核对{done.checked}家企业：重新对照{done.evaluated}家，写下新结论{done.changed}家。"
    order = "".join(GROUP_OF)
    for (before, after), count in sorted(done.moves.items(), key=lambda item: (order.index(item[0][0]), order.index(item[0][1]))):
        yield f"{GROUPS[GROUP_OF[before]]} → {GROUPS[GROUP_OF[after]]}：{count}项次"
    if done.unreadable:
        yield f"{done.unreadable}家的资料用现在的规则读不出，仍保留原来的结论；请打开这些企业修改资料。"


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("核对", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
