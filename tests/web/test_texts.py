"""The texts of the site can be replaced by a catalogue: every one is found by extraction, and goes through it."""

from __future__ import annotations

import ast
import gettext
import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from web import texts

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What ``make catalogue`` collects, by the same command."""
    out = tmp_path_factory.mktemp("catalogue") / "site.pot"
    command = ["pybabel", "-q", "extract", "-F", str(ROOT / "pyproject.toml"), "-o", str(out), str(ROOT / "web")]
    CommandLineInterface().run(command)
    with out.open("rb") as stream:
        return {str(message.id) for message in read_po(stream) if message.id}


def test_the_texts_of_templates_and_modules_are_found(extracted: set[str]) -> None:
    for text in ("开始提问", "全部资料", "理解为：", "没有这个页面", "满足一项即可", "%s起，未规定终止日"):
        assert text in extracted
    assert len(extracted) > 300


def test_every_chinese_text_of_a_template_is_wrapped() -> None:
    """What stands outside ``_()`` no catalogue could replace."""
    bare = {}
    for path in sorted(page for part in ("site", "centre") for page in (ROOT / "web/templates" / part).glob("*.html")):
        outside = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        if CHINESE.search(outside):
            bare[path.name] = CHINESE.findall(outside)
    assert bare == {}


SITE = [f"web/site/{name}.py" for name in ("board", "condition_picture", "home", "timeline", "visit", "asking", "reports")]
CENTRE = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "web/centre/pages").glob("*.py"))]


@pytest.mark.parametrize("name", [*SITE, *CENTRE])
def test_every_chinese_text_of_a_view_is_wrapped(name: str) -> None:
    tree = ast.parse((ROOT / name).read_text("utf-8"))
    wrapped = {
        id(inner)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("_", "gettext")
        for inner in ast.walk(call)
    }
    comments = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    bare = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value)
        if id(node) not in wrapped | comments and node.value != "年"  # a mark of calculations, compared with them
    ]
    assert bare == []


def test_a_catalogue_replaces_the_texts(
    client: FlaskClient, tmp_path: Path, extracted: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that the template of the first page says; what documents say stays as they say it."""
    made = Catalog(locale="en")
    for text in extracted:
        made.add(text, f"EN {CHINESE.sub('x', text)}")
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    out = BytesIO()
    write_mo(out, made)
    (folder / "site.mo").write_bytes(out.getvalue())
    monkeypatch.setattr(texts, "_CATALOGUE", texts.catalogue("en", tmp_path))
    page = client.get("/").text
    assert "EN xxxx" in page
    visible = re.sub(r'<ul class="plain">.*?</ul>|lang="zh-CN"|<[^>]*>', "", page, flags=re.DOTALL)
    # The date is written by the engine.
    assert set(CHINESE.findall(visible)) <= set("年月日")


def test_without_a_catalogue_the_source_is_shown(tmp_path: Path) -> None:
    assert type(texts.catalogue("en", tmp_path)) is gettext.NullTranslations
