"""The page that stands alone: the same groups, every reason, nothing from elsewhere, hostile text escaped."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.conftest import Run

VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = "<script>alert(1)</script>\"'&lt;{{7*7}}</title></style>"


class Outline(HTMLParser):
    """Elements, attributes and text of a page; fails where elements are not closed in turn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.ids: list[str | None] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(run: Run, profile: Path | str, as_of: str, **settings: str) -> str:
    found = run("check", profile, "--as-of", as_of, "--format", "html", **settings)
    assert (found.exit_code, found.stderr) == (0, "")
    return found.stdout


def test_shows_groups_trees_and_sources(run: Run, profile: Path) -> None:
    text = page(run, profile, "2017-06-30")
    outline = Outline(text)
    assert {"eligible", "facts", "ineligible", "not_in_force", "supply"} <= set(outline.ids)
    assert len(outline.ids) == len(set(outline.ids))
    for part in (
        "虚构科技（廊坊）有限公司",
        "新认定市级协同创新基地一次性奖励",
        "10万元（一次性）",
        "认定级次为设区市级",
        "由规则推导",
        "一次性奖励10万元",
        "市科技局、市财政局",
        "申报材料</dt><dd>文件未载明",
        "由主管部门决定",
        "规则版本 <code>",
        "建议先补充",
    ):
        assert part in text


def test_needs_nothing_from_elsewhere(run: Run, profile: Path) -> None:
    text = page(run, profile, "2017-06-30")
    outline = Outline(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(outline.tags)
    names = {name for name, _ in outline.attributes}
    assert not {name for name in names if name.startswith("on") or name in ("src", "srcset", "style")}
    links = [value or "" for name, value in outline.attributes if name == "href"]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "url(" not in text
    assert "@import" not in text
    assert "default-src 'none'" in text


@pytest.mark.parametrize("as_of", ["2017-06-30", "2022-06-30", "2026-06-30"])
def test_hostile_text_stays_text(run: Run, as_of: str) -> None:
    quoted = "'" + HOSTILE.replace("'", "''") + "'"
    profile = f"""
name: {quoted}
registered_division: 固安县
recognitions:
  - {{id: {quoted}, kind: 协同创新基地, tier: 市级, issuer: 廊坊市, issued: 2017-03-01}}
projects:
  - {{id: {quoted}}}
talents:
  - {{id: {quoted}, work_division: 大兴区}}
findings:
  - judgement: dx21-government-special-post
    about: {quoted}
    finding: true
    by: {quoted}
    on: 2021-05-01
    why: {quoted}
"""
    text = page(run, "-", as_of, input=profile)
    outline = Outline(text)
    assert "script" not in outline.tags
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{7*7}}" in text
    assert text.count("</title>") == 1
    assert text.count("</style>") == 1


def test_an_empty_profile_has_a_page_too(run: Run) -> None:
    text = page(run, "-", "2026-06-30", input="name:\n")
    assert "<h1>未填写名称的企业</h1>" in text
    Outline(text)
