"""click speaks Chinese: its catalogue is complete for the installed click, and compiled."""

from __future__ import annotations

import ast
import gettext
from pathlib import Path

import click
from babel.messages.pofile import read_po

from cli.localisation import DOMAIN, LOCALE

CATALOGUE = LOCALE / "zh_CN" / "LC_MESSAGES"


def sentences() -> set[str]:
    """Every sentence that the installed click looks up."""
    found: set[str] = set()
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            if node.func.id in ("_", "ngettext") and isinstance(node.args[0], ast.Constant):
                found.add(str(node.args[0].value))
    return found


def test_every_sentence_of_click_is_translated() -> None:
    said = gettext.translation(DOMAIN, str(LOCALE), languages=["zh_CN"])
    missing = {
        text for text in sentences() if said.gettext(text) == text and said.ngettext(text, text, 2) == text
    }
    assert missing == set()
    assert len(sentences()) > 50


def test_the_compiled_catalogue_is_that_of_its_source() -> None:
    with open(CATALOGUE / "huiqi.po", "rb") as stream:
        source = read_po(stream)
    said = gettext.translation(DOMAIN, str(LOCALE), languages=["zh_CN"])
    for message in source:
        if not message.id:
            continue
        plural = isinstance(message.id, tuple)
        found = said.ngettext(*message.id, 2) if plural else said.gettext(str(message.id))
        assert found == (message.string[0] if plural else message.string)
