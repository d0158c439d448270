"""What goes wrong, as exit codes and single Chinese lines: never a traceback.

0 worked · 1 what was checked has findings · 2 bad input or usage · 70 a fault of ours · 130 interrupted ·
141 the reader of the output went away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Callable

import click

WORKED, FINDINGS, BAD_INPUT, FAULT, INTERRUPTED, READER_GONE = 0, 1, 2, 70, 130, 141


def guarded(action: Callable[[], object], *, debug: bool = False) -> int:
    """Run ``action`` and answer the exit code: what it returns, if that is an int.

    ``debug`` lets faults through.
    """
    try:
        code = action()
        sys.stdout.flush()
        return code if isinstance(code, int) else WORKED
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("已中断。")
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return BAD_INPUT
    except click.ClickException as error:
        _say(_usage(error))
        return BAD_INPUT
    except OSError as error:
        return _system(error, debug)
    except Exception as error:
        return _input(error) or _fault(error, debug)


def _input(error: Exception) -> int | None:
    """A line for each problem of what was put in; None where the error is something else."""
    # Imported here, so that little is loaded before Ctrl-C is heeded.
    from engine.diagnostics import InputError

    if not isinstance(error, InputError):
        return None
    for finding in error.findings:
        _say(str(finding))
    return BAD_INPUT


def _usage(error: click.ClickException) -> str:
    """One line: what is wrong, and where to read on."""
    missing = error.param if isinstance(error, click.MissingParameter) else None
    message = error.format_message() if missing is None else _missing(missing)
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = f"运行 {context.command_path} --help 查看用法。" if context else ""
    message = " ".join(message.split()).replace("。 ", "。")
    return f"错误：{message}{'' if message.endswith(('。', '？')) else '。'}{where}"


def _missing(param: click.Parameter) -> str:
    if param.param_type_name == "argument":
        return f"缺少参数“{param.metavar or param.human_readable_name}”。"
    return f"缺少选项 {' / '.join(param.opts)}。"


def _system(error: OSError, debug: bool) -> int:
    if error.errno == errno.EPIPE:
        _abandon_output()
        _say("输出没有写完：接收输出的程序已经关闭。")
        return READER_GONE
    if error.errno not in _SYSTEM:
        return _fault(error, debug)
    if error.filename is None:
        _abandon_output()
    name = f"“{error.filename}”" if isinstance(error.filename, str) else "输出"
    _say(f"错误：{name}{_SYSTEM[error.errno]}。")
    return BAD_INPUT


def _abandon_output() -> None:
    """What is still buffered would be written, and fail again, as the interpreter ends."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_SYSTEM = {
    errno.ENOENT: "所在的文件夹不存在",
    errno.ENOTDIR: "的路径里有一段不是文件夹",
    errno.EISDIR: "是文件夹，不是文件",
    errno.EACCES: "没有权限写入",
    errno.EPERM: "没有权限写入",
    errno.EROFS: "所在的磁盘只读",
    errno.ENOSPC: "写不下：磁盘已满",
    errno.EDQUOT: "写不下：超出配额",
    errno.ENAMETOOLONG: "的名称太长",
}


def _fault(error: Exception, debug: bool) -> int:
    if debug:
        raise error
    handle, path = tempfile.mkstemp(prefix="huiqi-error-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write("".join(traceback.format_exception(error)))
    report = f"详情在 {path}，请连同所用命令在项目主页反馈"
    _say(f"程序内部出错，不是您的输入有误。{report}；设 HUIQI_DEBUG=1 可直接显示。")
    return FAULT


def _say(line: str) -> None:
    # With standard error gone too there is nobody left to tell.
    with contextlib.suppress(OSError):
        click.echo(line, err=True)
