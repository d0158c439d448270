"""The tutorial works: every file on the page is written, every command run, every output compared.

A fence says what it is: ``文件：PATH`` is a file; ``console`` are commands after ``$ `` with their output below, and
with ``exit=1`` the exit code of each. A line ``…`` stands for any lines. ``--accept`` writes the outputs anew.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run

PAGE = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)(?: (文件：|exit=)?([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANY = "…"
VERSION = re.compile(r"(?<=规则版本 )[0-9a-f]{16}")
"""Changes with every field of the dictionary; the page shows ``ANY``."""


@dataclass(frozen=True)
class Step:
    """A file (``path``) or a command with the output shown."""

    text: str
    path: str = ""
    shown: str = ""
    code: int = 0


def steps(page: str) -> Iterator[Step]:
    for match in FENCE.finditer(page):
        kind, mark, rest, body = match.groups()
        if mark == "文件：":
            yield Step(body, path=rest)
        elif kind == "console":
            for command in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
                line, _, shown = command.partition("\n")
                yield Step(line, shown=shown, code=int(rest) if mark else 0)


def agrees(shown: str, given: str) -> bool:
    """Whether the output is what is shown, lines of ``…`` aside."""
    pattern = "".join(
        r"(?:.*\n)*" if line == ANY else re.escape(line) + r"\n" for line in shown.splitlines()
    )
    return re.fullmatch(pattern, given) is not None


def perform(step: Step, run: Run, env: dict[str, str]) -> tuple[str, int]:
    """Run one command in the working folder; answer its output and exit code."""
    name, *arguments = shlex.split(step.text)
    if name in ("mkdir", "cp", "sed"):
        done = subprocess.run([name, *arguments], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr, done.returncode
    if name == "export":
        key, _, value = arguments[0].partition("=")
        env[key] = value
        return "", 0
    assert name == "huiqi", step.text
    result = run(*arguments, env=env)
    return VERSION.sub(ANY, result.output), result.exit_code


def accepted(page: str, outputs: list[str]) -> str:
    """The page with the outputs, in their order, in place of those shown, but for those that are left open."""
    at = 0
    for step, output in zip((step for step in steps(page) if not step.path), outputs, strict=True):
        shown = f"$ {step.text}\n{step.shown}"
        at = page.index(shown, at)
        if ANY not in step.shown.splitlines():
            page = page[:at] + f"$ {step.text}\n{output}" + page[at + len(shown) :]
        at += len(f"$ {step.text}\n")
    return page


@pytest.mark.snapshot
def test_every_command_of_the_tutorial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run, accept: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    page = PAGE.read_text("utf-8")
    env: dict[str, str] = {}
    outputs: list[str] = []
    wrong = []
    for step in steps(page):
        if step.path:
            Path(step.path).write_text(step.text, "utf-8")
            continue
        given, code = perform(step, run, env)
        assert code == step.code, (step.text, given)
        outputs.append(given)
        if not agrees(step.shown, given):
            wrong.append(f"$ {step.text}\n{given}")
    if accept:
        PAGE.write_text(accepted(page, outputs), "utf-8")
    else:
        assert not wrong, "\n".join(wrong)
    assert Path("手册/index.html").is_file()


def test_the_page_shows_the_whole_way() -> None:
    commands = {step.text.split()[2] for step in steps(PAGE.read_text("utf-8")) if step.text.startswith("huiqi rules ")}
    assert {"draft", "lint", "cases", "test", "verify", "book", "show", "diff"} <= commands
