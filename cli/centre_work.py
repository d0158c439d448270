"""``huiqi centre work``: the process that works on lists; ``huiqi serve --centre`` keeps one running."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.centre_options import check_jobs, database_option, files_option, jobs_option, parts_of_the_centre, ready
from cli.options import rules_option

if TYPE_CHECKING:
    from web.beside import Beside


@click.command(options_metavar="[选项]")
@database_option
@files_option
@jobs_option
@rules_option
@click.option("--parent", type=int, hidden=True)
def work(database: str, files: Path, jobs: str, rules_at: Path | None, parent: int | None) -> None:
    """处理工作台收下的名单，直到停止；可以同时运行几个。

    huiqi serve --centre 会自己带一个。几台机器一起用时，在每台上运行它，--database、--files 和 --jobs 指向同一处。
    """
    context = click.get_current_context()
    check_jobs(jobs, context)
    with parts_of_the_centre(context):
        from web.centre.lists.worker import work as run
        from web.centre.settings import CentreSettings
        from web.settings import Settings
    ready(database).dispose()
    settings = Settings(rules=rules_at, executor="reference", centre=CentreSettings(database, files, jobs))

    def started() -> None:
        if parent is None:
            click.echo("等着处理名单（按 Ctrl-C 停止）。", err=True)

    run(settings, parent, started)


def worker(rules: Path | None, database: str, files: Path, jobs: str, **_: Any) -> Beside:
    """One such process, to be kept running beside a server. Addresses may hold passwords: they are no words of a command."""
    from web.beside import Beside

    environment = {"HUIQI_DATABASE": database, "HUIQI_FILES": str(files.resolve()), "HUIQI_JOBS": jobs}
    if rules is not None:
        environment["HUIQI_RULES"] = str(rules)
    return Beside([sys.executable, "-m", "cli.main", "centre", "work", "--parent", str(os.getpid())], environment)
