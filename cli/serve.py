"""``huiqi serve``: the self-check as a site, and with ``--centre`` the workbench of a service centre."""

from __future__ import annotations

import errno
import ipaddress
import os
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cli.centre_options import check_jobs, database_option, files_option, jobs_option, parts_of_the_centre, ready
from cli.centre_work import worker
from cli.options import rules_option

OF_THE_CENTRE = ("database", "files", "jobs", "no_worker", "login_header", "trusted")


@click.command(options_metavar="[选项]")
@click.option("--host", metavar="地址", default="127.0.0.1", show_default=True, help="在哪个地址上提供服务。")
@click.option(
    "--port", metavar="端口", type=click.IntRange(0, 65535), default=8000, show_default=True, help="端口；0 为随意。"
)
@click.option("--workers", metavar="个数", type=click.IntRange(1, 64), default=2, show_default=True, help="工作进程。")
@click.option(
    "--threads", metavar="个数", type=click.IntRange(1, 64), default=4, show_default=True, help="每个工作进程的线程。"
)
@click.option(
    "--sources",
    metavar="文件夹",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="政策原文所在的文件夹；有了它，结果页会显示条款原文。",
)
@rules_option
@click.option(
    "--page-rate",
    metavar="频率",
    default="240 per minute",
    show_default=True,
    help="一个地址最多看多少页，每个工作进程各自计数。",
)
@click.option("--api-rate", metavar="频率", default="120 per minute", show_default=True, help="同上，接口的调用。")
@click.option("--behind-proxy", is_flag=True, help="前面有一层反向代理：相信它给的来访地址，Cookie 只走 HTTPS。")
@click.option("--no-access-log", is_flag=True, help="不记访问日志（日志只有时间、路径、状态和耗时）。")
@click.option("--centre", is_flag=True, help="同时提供服务中心工作台（/centre/）；以下选项都要和它一起用。")
@database_option
@files_option
@jobs_option
@click.option("--no-worker", is_flag=True, help="不在这里处理名单；另外运行 huiqi centre work。")
@click.option("--login-header", metavar="名称", default="", help="由反向代理登录：它用这个请求头告诉用户名。")
@click.option("--trusted", metavar="地址", multiple=True, help="只相信这个地址或网段的反向代理；可以给几次。")
def serve(
    host: str,
    port: int,
    workers: int,
    threads: int,
    sources: Path | None,
    rules_at: Path | None,
    page_rate: str,
    api_rate: str,
    behind_proxy: bool,
    no_access_log: bool,
    centre: bool,
    no_worker: bool,
    **workbench: Any,
) -> None:
    """启动自查网站，默认只有本机能访问；加 --centre 同时提供服务中心工作台。

    自查网站不保存访问者填写的内容；工作台保存在数据库和文件夹里。按 Ctrl-C 停止。
    """
    context = click.get_current_context()
    try:
        from web.serving import Hosting, listening
        from web.serving import serve as run
        from web.settings import Settings
    except ImportError as error:
        message = f"缺少网站部件 {error.name}，请安装：pip install 'huiqi[forward,lists,verify,web]'。"
        raise click.UsageError(message, context) from None
    for rate in (page_rate, api_rate):
        _check_rate(rate, context)
    told = _workbench(context, centre, **workbench)
    beside = worker(rules_at, **workbench) if centre and not no_worker else None
    try:
        listener = listening(host, port)
    except (OSError, UnicodeError) as error:
        raise click.UsageError(_why(error, host, port), context) from None
    settings = Settings(
        rules=rules_at, sources=sources, secure_cookies=behind_proxy, page_rate=page_rate, api_rate=api_rate, **told
    )
    local, number = _local(host), listener.getsockname()[1]

    def started() -> None:
        address = f"http://{f'[{host}]' if ':' in host else host}:{number}/"
        click.echo(f"惠企自查：{address} （按 Ctrl-C 停止）", err=True)
        if centre:
            click.echo(f"工作台：{address}centre/", err=True)
        if not local and not behind_proxy:
            click.echo("注意：别的机器也能访问。请放在提供 HTTPS 的反向代理后面，并加 --behind-proxy。", err=True)

    run(settings, Hosting(listener.detach(), workers, threads, behind_proxy, not no_access_log, beside), started)


def _workbench(
    context: click.Context, centre: bool, database: str, files: Path, jobs: str, login_header: str, trusted: tuple[str, ...]
) -> dict[str, Any]:
    """What the settings of the site say of the workbench; nothing without it. Raises InputError where it cannot be used."""
    if not centre:
        given = [name for name in OF_THE_CENTRE if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
        if given:
            raise click.UsageError(f"--{given[0].replace('_', '-')} 要和 --centre 一起用。", context)
        return {}
    _check_proxy(login_header, trusted, context)
    check_jobs(jobs, context)
    with parts_of_the_centre(context):
        import web.centre.pages  # noqa: F401
        from web.centre.secret import VARIABLE, secret_of
        from web.centre.settings import CentreSettings
    ready(database).dispose()
    secret = secret_of(files, os.environ.get(VARIABLE))
    return {"secret": secret, "centre": CentreSettings(database, files, jobs, login_header=login_header, trusted=trusted)}


def _check_proxy(header: str, trusted: tuple[str, ...], context: click.Context) -> None:
    if bool(header) != bool(trusted):
        raise click.UsageError("--login-header 和 --trusted 要一起用：只相信这个地址的反向代理给的用户名。", context)
    if header and not (header.isascii() and header.replace("-", "").isalnum()):
        raise click.UsageError(f"“{header}”不是请求头的名称，请写成 X-Remote-User 这样。", context)
    for address in trusted:
        try:
            network = ipaddress.ip_network(address, strict=False)
        except ValueError:
            raise click.UsageError(f"看不懂地址“{address}”，请写 IP 地址或网段，例如 10.0.0.5 或 10.0.0.0/24。", context) from None
        if network.prefixlen == 0:
            raise click.UsageError(f"“{address}”是所有地址，谁都能冒充；请只写反向代理的地址。", context)


def _check_rate(rate: str, context: click.Context) -> None:
    from limits import parse_many

    try:
        parse_many(rate)
    except ValueError:
        raise click.UsageError(f"看不懂频率“{rate}”，请写成“240 per minute”。", context) from None


def _local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _why(error: Exception, host: str, port: int) -> str:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE:
            return f"端口 {port} 已被占用，请换一个，例如 --port {port + 1 if port < 65535 else 8000}。"
        case errno.EACCES:
            return f"没有权限使用端口 {port}，请用 1024 以上的端口。"
        case errno.EADDRNOTAVAIL:
            return f"“{host}”不是本机的地址。"
    return f"看不懂地址“{host}”，请写 IP 地址，例如 127.0.0.1。"
