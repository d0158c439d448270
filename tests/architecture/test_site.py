"""The shape of the site: which module may know which library, size, docstrings, texts that can be translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.test_architecture import MOST_LINES, imports, public, self_evident
from tests.helpers import ROOT

WEB = ROOT / "web"
MODULES = sorted([*WEB.glob("*.py"), *(WEB / "site").rglob("*.py"), *(WEB / "api").rglob("*.py")])
TEMPLATES = sorted((WEB / "templates" / "site").glob("*.html"))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
DOORS = {
    "flask_wtf": {"web/security.py", "web/errors.py", "web/api/__init__.py"},
    "gunicorn": {"web/serving.py"},
    "weasyprint": {"web/pdf.py"},
    "yaml": set(),
    "click": set(),
}
"""The only modules of the site that may import a library."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("library", DOORS)
def test_a_library_has_one_door(library: str) -> None:
    users = {name(path) for path in MODULES if any(used.split(".")[0] == library for used in _imports(path))}
    assert users <= DOORS[library]


def _imports(path: Path) -> Iterator[str]:
    return imports(ast.parse(path.read_text("utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_a_module_can_be_read_in_a_sitting(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    assert [name for name, node in public(tree) if not ast.get_docstring(node) and not self_evident(node)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_what_people_read_can_be_translated(path: Path) -> None:
    """Chinese in a template stands inside ``_('…')``; comments aside."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"_\((['\"]).*?\1", "", text, flags=re.DOTALL)
    assert CHINESE.findall(text) == []


@pytest.mark.parametrize("path", [*TEMPLATES, *(WEB / "static").glob("*.js"), WEB / "static" / "site.css"], ids=name)
def test_nothing_comes_from_another_host(path: Path) -> None:
    assert not re.search(r"(?:src|href|action|url)\s*[=(]\s*[\"']?(?:https?:)?//", path.read_text("utf-8"))
