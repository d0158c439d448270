"""``huiqi centre erase``: what is past its time, listed or erased."""

from __future__ import annotations

from pathlib import Path

import click

from cli.centre_options import database_option, files_option, ready

BATCH = 100
"""Enterprises that are erased in one transaction."""


@click.command(options_metavar="[选项]")
@click.option("--due", is_flag=True, help="超过保存年限的企业和名单；年限在工作台的“设置”里。")
@click.option("--yes", is_flag=True, help="真的清除；不给只列出。清除以后不能恢复。")
@database_option
@files_option
def erase(due: bool, yes: bool, database: str, files: Path) -> None:
    """列出或清除超过保存年限的资料，并删掉没有记录引用的证据和名单文件。

    年限从最后一次有人处理算起；自动的重新对照不算。以前的备份里仍有这些内容，要按备份的保存期限另行销毁。
    """
    from web.centre import choices, erasing
    from web.centre.clock import local
    from web.centre.settings import CentreSettings
    from web.centre.store.database import now, reading, writing

    if not due:
        raise click.UsageError("请写 --due。一家企业在它的页面上清除。", click.get_current_context())
    engine, today = ready(database), local(now()).date()
    with reading(engine) as session:
        years = choices.read(session).retention_years
        found = erasing.due(session, years, today) if years is not None else None
    if found is None:
        click.echo("本中心没有设保存年限，没有到期的资料。可在工作台的“设置”里设定。")
    elif not yes:
        for label, rows in (("企业", found.enterprises), ("名单", found.lists)):
            for number, day in rows:
                click.echo(f"{label}{number}\t最后处理于{day.isoformat()}")
        click.echo(f"超过{years}年：{len(found.enterprises)}家企业、{len(found.lists)}份名单。加 --yes 清除。")
    else:
        for start in range(0, max(len(found.enterprises), 1), BATCH):
            part = erasing.Due(found.enterprises[start : start + BATCH], found.lists if not start else ())
            with writing(engine) as session:
                erasing.erase_due(session, part, None, today)
        click.echo(f"已清除{len(found.enterprises)}家企业、{len(found.lists)}份名单。")
    if yes:
        erasing.finish(engine, CentreSettings(database, files))
    engine.dispose()
