"""``huiqi centre``: the workbench's database, accounts, proof, backup."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.centre_erase import erase
from cli.centre_options import database_option, engine_of, files_option, ready
from cli.centre_watch import watch
from cli.centre_work import work
from cli.errors import FINDINGS, WORKED

if TYPE_CHECKING:
    from web.centre.store.backup import Backup
    from web.centre.store.backup_files import Folders

def evidence_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--files``; or ``--evidence``, as it was called before there was more than evidence: that folder alone."""
    old = click.option("--evidence", type=click.Path(path_type=Path, file_okay=False), hidden=True)
    return files_option(old(command))


@click.group(options_metavar="[选项]", subcommand_metavar="命令 [参数]...")
def centre() -> None:
    """服务中心工作台的数据库、账号、核验和备份。"""


centre.add_command(work)
centre.add_command(watch)
centre.add_command(erase)


@centre.command(options_metavar="[选项]")
@database_option
def init(database: str) -> None:
    """建立数据库；已经建立的不动。"""
    from web.centre.store import schema

    engine = engine_of(database)
    found = schema.revision(engine)
    if found is None:
        schema.migrate(engine)
        click.echo("数据库已建立。下一步，建立第一个管理员：huiqi centre user add 用户名 --role administrator")
    else:
        schema.require_newest(engine)
        click.echo("数据库已经建立，没有改动。")


@centre.command(options_metavar="[选项]")
@database_option
def migrate(database: str) -> None:
    """把数据库升级到程序的版本；请先备份。"""
    from web.centre.store import schema

    engine = engine_of(database, exists=True)
    before = schema.revision(engine)
    if before == schema.newest():
        click.echo("数据库已是最新。")
        return
    schema.migrate(engine)
    click.echo(f"数据库已从{before or '空'}升级到{schema.newest()}。")


@centre.group(options_metavar="[选项]", subcommand_metavar="命令 [参数]...")
def user() -> None:
    """账号。"""


@user.command("add", options_metavar="[选项]")
@click.argument("name", metavar="用户名")
@click.option("--role", metavar="角色", required=True, help="clerk、reviewer、head、administrator 或 auditor。")
@click.option("--full-name", metavar="姓名", default="", help="显示的姓名；默认同用户名。")
@click.option("--no-password", is_flag=True, help="不设密码，只能经可信的反向代理登录。")
@database_option
def add(name: str, role: str, full_name: str, no_password: bool, database: str) -> None:
    """建立账号；密码在提示后输入，不写在命令里。

    角色：clerk 受理员，reviewer 审核员，head 负责人，administrator 管理员，auditor 审计员（只看不改）。
    """
    from web.centre import accounts, keeping

    password = None if no_password else _new_password()
    with _writing(database) as session:
        made = accounts.add_user(session, name, full_name or name, role, password)
        keeping.audit(session, None, "user-added", user=made.id, role=made.role)
    click.echo(f"已建立{accounts.ROLES[made.role]}“{name}”。")


@user.command("password", options_metavar="[选项]")
@click.argument("name", metavar="用户名")
@database_option
def password(name: str, database: str) -> None:
    """重设密码；这个账号已登录的会话全部失效。"""
    from web.centre import accounts, keeping

    with _writing(database) as session:
        found = accounts.named(session, name)
        accounts.set_password(found, _new_password())
        keeping.audit(session, None, "password-set", user=found.id)
    click.echo(f"已重设“{name}”的密码。")


@user.command("off", options_metavar="[选项]")
@click.argument("name", metavar="用户名")
@database_option
def off(name: str, database: str) -> None:
    """停用账号；记录都保留。"""
    _switch(database, name, active=False)
    click.echo(f"已停用“{name}”。")


@user.command("on", options_metavar="[选项]")
@click.argument("name", metavar="用户名")
@database_option
def on(name: str, database: str) -> None:
    """恢复停用的账号，用原来的密码。"""
    _switch(database, name, active=True)
    click.echo(f"已恢复“{name}”。")


@user.command("list", options_metavar="[选项]")
@database_option
def listed(database: str) -> None:
    """列出账号。"""
    from web.centre import accounts
    from web.centre.store.database import reading

    with reading(ready(database)) as session:
        for found in accounts.everyone(session):
            state = "" if found.active else "\t已停用"
            click.echo(f"{found.name}\t{accounts.ROLES[found.role]}\t{found.full_name}{state}")


@centre.command(options_metavar="[选项]")
@click.option("--noted", metavar="环号:校验值", help="此前记下的一环；与现在的链核对。")
@database_option
def audit(noted: str | None, database: str) -> int:
    """核验没有一条认定记录、意见、画像或操作记录被改动或丢失；有问题的退出码为 1。"""
    from web.centre.store import chain
    from web.centre.store.database import reading

    with reading(ready(database)) as session:
        problems = list(chain.verify(session, _noted(noted)))
        number, head = chain.newest(session)
    for problem in problems:
        click.echo(f"第{problem.number}环：{problem.what}" if problem.number else problem.what)
    if problems:
        click.echo(f"核验了{number}环，{len(problems)}处不成立。")
        return FINDINGS
    click.echo(f"核验了{number}环，全部成立。请把这一行记在别处：{number}:{head}")
    return WORKED


@centre.command(options_metavar="[选项]")
@click.option("-o", "--output", metavar="文件", type=click.Path(path_type=Path), required=True, help="备份文件（.zip）。")
@evidence_option
@database_option
def backup(output: Path, files: Path, evidence: Path | None, database: str) -> None:
    """备份数据库、证据和没有处理完的名单；工作不必停。"""
    from web.centre.store.backup import back_up

    done = back_up(ready(database), _folders(database, files, evidence), output)
    click.echo(f"已备份到{output}：{_contents(done)}。")
    if done.missing:
        click.echo(f"有{done.missing}个文件不在 --files 的文件夹里，备份里也没有。", err=True)


@centre.command(options_metavar="[选项]")
@click.argument("source", metavar="备份文件", type=click.Path(path_type=Path))
@evidence_option
@database_option
def restore(source: Path, files: Path, evidence: Path | None, database: str) -> None:
    """从备份恢复到空的数据库；全部恢复，或者什么都不动。"""
    from web.centre.store.backup import restore

    done = restore(engine_of(database), _folders(database, files, evidence), source)
    click.echo(f"已恢复：{_contents(done)}，核验成立。")


def _writing(database: str) -> Any:
    from web.centre.store.database import writing

    return writing(ready(database))


def _switch(database: str, name: str, *, active: bool) -> None:
    from web.centre import accounts, staff

    with _writing(database) as session:
        found = accounts.named(session, name)
        staff.switch(session, None, found.id, found.version, active)


def _folders(database: str, files: Path, evidence: Path | None) -> Folders:
    from web.centre.settings import CentreSettings
    from web.centre.store.backup_files import Folders

    settings = CentreSettings(database, files)
    return Folders(settings.evidence, settings.lists) if evidence is None else Folders(evidence)


def _contents(backup: Backup) -> str:
    rows = backup.rows
    return f"{rows['enterprises']}家企业，{rows['determinations']}份认定记录，{rows['chain']}环，{backup.files}个文件"


def _new_password() -> str:
    if not sys.stdin.isatty():
        # A script gives it as one line; it never stands in the command, where others could see it.
        return sys.stdin.readline().rstrip("\r\n")
    ask: Callable[..., str] = click.prompt
    return ask("密码", hide_input=True, confirmation_prompt="再输一次", err=True)


def _noted(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, head = text.strip().partition(":")
    if not number.isdecimal() or len(head) != 64:
        raise click.UsageError("--noted 要写成“环号:校验值”，与 huiqi centre audit 上次显示的一样。", click.get_current_context())
    return int(number), head
