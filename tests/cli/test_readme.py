"""What the documents promise exists: files that they link, commands and options that they show."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from cli.main import huiqi
from tests.cli.conftest import ROOT

DOCUMENTS = ["README.md", "README.en.md", "CONTRIBUTING.md", "samples/README.md", *sorted(
    str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")
)]  # fmt: skip


def options_of(words: list[str]) -> set[str] | None:
    """The options of the command that the words begin with; None where there is no such command."""
    command: click.Command | None = huiqi
    context = click.Context(huiqi)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        command = command.get_command(context, words.pop(0))
    if command is None:
        return None
    return {name for parameter in command.get_params(click.Context(command)) for name in parameter.opts}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if not target.startswith("https://"):
            assert (Path(ROOT / name).parent / target).exists(), target


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_and_options_exist(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    # In code only, where the name of the command is not that of the project in a sentence.
    code = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))
    for shown in re.findall(r"\bhuiqi((?: +(?:[a-z]+|--?[a-z][\w-]*)(?![\w.]))+)", code):
        words = shown.split()
        known = options_of(words)
        assert known is not None, shown
        assert {word for word in words if word.startswith("-")} <= known, shown


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for name in DOCUMENTS:
        for shown in re.findall(r"`make((?: [a-z]+)+)", (ROOT / name).read_text("utf-8")):
            assert set(shown.split()) <= targets, (name, shown)
    assert {"demo", "test", "lint", "types", "accept", "bench", "conformance", "clean"} <= targets
