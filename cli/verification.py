"""``huiqi check --verify``: a determination made again and compared, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from cli.errors import FINDINGS, WORKED
from engine.diagnostics import Finding, InputError
from engine.exact_json import MAX_BYTES
from engine.loader import load_pack
from engine.verification import Part, Verification, verify
from web import verifying


def run(path: str, rules_at: Path | None, *, brief: bool) -> int:
    """Verify the determination in the file ``path`` (``-``: standard input), print the lines, answer the exit code.

    ``brief`` prints only what differs. Raises InputError where it cannot be read.
    """
    name = "标准输入" if path == "-" else path
    found = verify(_read(path), load_pack(rules_at), name)
    for line in _lines(found, brief=brief):
        click.echo(line)
    return WORKED if found.confirmed else FINDINGS


def _read(path: str) -> bytes:
    if path == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    try:
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        message, hint = "找不到这个文件", "检查路径和文件名"
    except IsADirectoryError:
        message, hint = "这是一个文件夹，不是文件", "写出其中一个文件的名称"
    except (OSError, ValueError):
        message, hint = "文件无法读取", "检查文件是否完好、是否有读取权限"
    raise InputError([Finding(path, 0, 0, "verify-file", message, hint)])


def _lines(found: Verification, *, brief: bool) -> Iterator[str]:
    note = verifying.version_note(found)
    if note is not None:
        yield click.style(note, fg="yellow", bold=True)
    yield verifying.subject(found)
    for part in found.parts:
        if part.differences or not brief:
            yield from _part(part)
    yield click.style(verifying.conclusion(found), bold=True)


def _part(part: Part) -> Iterator[str]:
    mark = click.style("✗", fg="red") if part.differences else click.style("✓", fg="green")
    verdict = verifying.verdict(part)
    yield f"{mark} {verifying.title(part)}{f'：{verdict}' if verdict else ''}"
    for difference in part.differences:
        yield f"    {difference.key}：{verifying.told(difference)}，{verifying.derived(difference)}"
