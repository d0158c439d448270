"""How far a list has come: rows, rate, time left, eligible so far; on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def shown(total: int | None) -> Iterator[Callable[[Any], None]]:
    """A function that takes each finished slice. Nothing is shown where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        """Rows a second."""

        def render(self, task: Any) -> Text:
            return Text(f"{task.speed:,.0f} 行/秒" if task.speed else "…")

    columns = (
        TextColumn("评估"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} 行"),
        Rate(),
        TimeRemainingColumn(),
        TextColumn("符合 {task.fields[eligible]:,} 家"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("评估", total=total, eligible=0)
        eligible = 0

        def report(done: Any) -> None:
            nonlocal eligible
            eligible += done.counts["someone"]
            progress.update(task, advance=done.rows, eligible=eligible)

        yield report
