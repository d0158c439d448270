"""The handbook: a page a measure, everything it must say, no asset from outside, links that lead somewhere."""

from __future__ import annotations

import posixpath
from html.parser import HTMLParser
from pathlib import Path

import pytest

from engine import load_pack
from tests.helpers import document, measure, pack_of
from web.book import book, search_text
from web.rule_words import Row, conditions

COMMISSION = "lf16-intermediary-jingjin-to-langfang-commission-award"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return book(load_pack())


class Page(HTMLParser):
    """Links, ids, words, what is loaded, and whether tags close."""

    VOID = ("meta", "link", "input", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.loaded: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        elif "href" in given or "src" in given:
            self.loaded.append(given.get("href") or given["src"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_measure_and_document_has_its_page(pages: dict[str, str]) -> None:
    pack = load_pack()
    wanted = {f"measures/{measure.id}.html" for measure in pack.measures}
    wanted |= {f"documents/{id}.html" for id in pack.documents}
    indexes = {"index.html", "departments.html", "beneficiaries.html", "benefits.html", "book.css"}
    assert set(pages) == wanted | indexes


def test_every_link_leads_to_a_page_or_a_place_in_it(pages: dict[str, str]) -> None:
    parsed = {name: Page(text) for name, text in pages.items() if name.endswith(".html")}
    for name, page in parsed.items():
        assert page.open == [], name
        assert len(page.ids) == len(set(page.ids)), name
        for link in page.links:
            path, _, place = link.partition("#")
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            assert target in pages, (name, link)
            assert not place or place in parsed[target].ids, (name, link)


def test_nothing_is_loaded_from_outside(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        assert "url(" not in text
        assert "@import" not in text
        for loaded in Page(text).loaded if name.endswith(".html") else ():
            assert posixpath.normpath(posixpath.join(posixpath.dirname(name), loaded)) == "book.css", name


def test_a_measure_says_all_that_its_reader_needs(pages: dict[str, str]) -> None:
    text = Page(pages[f"measures/{COMMISSION}.html"]).text
    for wanted in (
        "受益人 中介服务机构", "技术合同的技术交易额 × 1‰，每年最高10万元", "付给 申报单位", "市科技局、市财政局",
        "2016年1月1日至2018年12月31日（推断：", "联系方式 文件未载明", "按技术交易额的1‰给予年度最高10万元的奖励",
        "成果提供方类型为高等院校或科研院所", "三(三)", "文号未载明", COMMISSION,
    ):  # fmt: skip
        assert wanted in text, wanted


def test_judgements_doubts_and_other_policies_are_marked(pages: dict[str, str]) -> None:
    subsidy = Page(pages["measures/lf16-outside-institution-investment-subsidy.html"]).text
    assert "人工判断" in subsidy
    assert "文件未写明按每项还是合计" in subsidy
    institution = Page(pages["measures/lf16-tech-transfer-trading-institution-award.html"]).text
    assert "清单以“等”结尾，清单以外待认定" in institution
    assert "未填写时按满足处理" in institution


def test_programmes_and_targets_stand_with_their_document(pages: dict[str, str]) -> None:
    text = Page(pages["documents/langfang-2016.html"]).text
    assert "背景：只有目标，没有可申报的内容（18 项）" in text
    assert "2018年12月31日前：" in text
    assert "到2018年,要力争建成30个科技小镇" in text


def test_indexes_hold_every_measure(pages: dict[str, str]) -> None:
    pack = load_pack()
    for name in ("index", "departments", "beneficiaries", "benefits"):
        links = set(Page(pages[f"{name}.html"]).links)
        assert {f"measures/{measure.id}.html" for measure in pack.measures} <= links, name
    text = Page(pages["benefits.html"]).text
    assert text.index("奖励") < text.index("服务")


def test_search_finds_words_of_title_department_and_text_and_works_without_a_script(
    pages: dict[str, str],
) -> None:
    pack = load_pack()
    found = search_text(pack.measure(COMMISSION), pack)
    for word in ("中介", "市财政局", "1‰", "按技术交易额", COMMISSION):
        assert word in found
    index = pages["index.html"]
    assert index.count("data-search=") == len(pack.measures)
    assert "<noscript>" in index
    assert 'role="search" hidden' in index  # only a script shows the box


def test_the_pages_print(pages: dict[str, str]) -> None:
    style = pages["book.css"].partition("@media print")[2]
    for wanted in ("@page", "header, form, .around", "break-inside: avoid"):
        assert wanted in style


def test_the_text_of_rules_is_escaped(tmp_path: Path) -> None:
    odd = measure("{exists: project, label: '<b>项目</b>'}", more="notes: ['</p><script>x</script>']")
    made = book(
        pack_of(tmp_path, odd.replace("措施m", "'<i>甲</i>\"'"), document=document(jurisdiction="<u>市</u>"))
    )
    for text in made.values():
        for tag in ("<b>", "<script>x", "<i>", "<u>"):
            assert tag not in text
    assert "&lt;b&gt;项目" in made["measures/m.html"]


def test_conditions_on_records_are_rows_of_their_own(tmp_path: Path) -> None:
    pack = pack_of(
        tmp_path,
        measure("{exists: recognition, where: [{field: recognition.kind, equals: hnte}, {held: recognition}]},"
                "{judgement: major}, {not: {field: listed, equals: true}}"),
    )  # fmt: skip
    exists, judged, negated = conditions(pack.measure("m"), pack)
    assert exists.text.endswith("每条同时符合")
    assert exists.parts[0].text == "认定类别为高新技术企业"
    assert judged == Row("属于重大项目", "judgement")
    assert negated.parts == (Row("已上市：是", "condition"),)

