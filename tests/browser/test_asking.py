"""Asking in a real browser: with JavaScript and without, on a phone, by keyboard alone, with a broken upload."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.helpers import ROOT

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
Accessible = Callable[[Page], None]


def told(page: Page) -> dict[str, Any]:
    """What the page carries on."""
    state = json.loads(page.locator("main input[name=state]").first.input_value())
    return dict(state["profile"])


def question(page: Page) -> str:
    """The key of the question that is asked."""
    return page.locator("main input[name=key]").input_value()


def press(page: Page, name: str) -> None:
    """A button in the page, and the page that follows."""
    before = page.locator("main").inner_html()
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_function("before => document.getElementById('main').innerHTML !== before", arg=before)


def start(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="开始提问").click()
    expect(page.locator("h1.question")).to_be_visible()


def test_a_way_with_javascript(page: Page) -> None:
    """In place: the document stays, answers are echoed as typed, names suggested, the browser's back works."""
    start(page)
    page.evaluate("window.same = true")
    first = question(page)
    assert first == "applicant_kinds"
    page.get_by_label("企业", exact=True).check()
    press(page, "下一题")
    assert question(page) == "registered_division"
    box = page.locator("#p-registered_division")
    box.press_sequentially("大兴")
    expect(page.locator("#p-registered_division-understood")).to_have_text("理解为：北京市大兴区")
    expect(page.locator("#p-registered_division-list option").first).to_be_attached()
    press(page, "下一题")
    assert told(page) == {"applicant_kinds": ["企业"], "registered_division": "大兴"}
    assert page.evaluate("window.same") is True
    page.go_back()
    assert question(page) == "registered_division"
    expect(page.locator("#p-registered_division")).to_have_value("大兴")
    page.go_forward()
    press(page, "← 上一题")
    assert question(page) == "registered_division"
    page.get_by_role("button", name="看目前结果").click()
    expect(page.locator("h1")).not_to_have_class("question")
    assert page.url.endswith("/result")


def test_the_same_way_without_javascript(visit: Visit) -> None:
    page = visit(javascript=False)
    start(page)
    page.get_by_label("企业", exact=True).check()
    page.get_by_role("button", name="下一题").click()
    page.locator("#p-registered_division").fill("朝阳")
    page.get_by_role("button", name="下一题").click()
    page.get_by_label("北京市朝阳区").check()
    page.get_by_role("button", name="下一题").click()
    assert told(page) == {"applicant_kinds": ["企业"], "registered_division": "北京市朝阳区"}
    page.get_by_role("button", name="全部资料").click()
    expect(page.locator("#p-registered_division")).to_have_value("北京市朝阳区")
    page.locator("details:has(#p-registered_capital) > summary").click()
    page.locator("#p-registered_capital").fill("2000-5000")
    page.locator("[data-list='p.recognitions']").get_by_role("button").click()
    expect(page.locator("#p-recognitions")).to_be_in_viewport()
    expect(page.locator("#p-registered_capital")).to_have_value("2000-5000")
    page.locator("#p-recognitions-n0-kind").select_option(label="国家高新技术企业")
    page.get_by_role("button", name="核对并保留").click()
    expect(page.get_by_role("status")).to_contain_text("没有问题")
    assert told(page)["recognitions"] == [{"kind": "国家高新技术企业"}]
    assert told(page)["registered_capital"] == "2000-5000万元"
    with page.expect_download() as download:
        page.get_by_role("button", name="下载画像").click()
    assert "registered_division: 北京市朝阳区" in download.value.path().read_text("utf-8")


def test_cards_are_added_and_removed_in_place(page: Page) -> None:
    start(page)
    page.get_by_role("button", name="全部资料").click()
    contracts = page.locator("[data-list='p.contracts']")
    contracts.get_by_role("button", name="加一条").click()
    contracts.get_by_role("button", name="加一条").click()
    expect(contracts.locator("[data-card]")).to_have_count(2)
    expect(contracts.get_by_label("有，下面就是全部")).to_be_checked()
    contracts.locator("#p-contracts-n1-amount").fill("大约 80-90")
    expect(contracts.locator("#p-contracts-n1-amount-understood")).to_have_text("理解为：80万元至90万元")
    contracts.locator("[data-remove]").first.click()
    expect(contracts.locator("[data-card]")).to_have_count(1)
    page.locator("#p-credit_code").fill("91110108MA01ABCD51")
    expect(page.locator("#p-credit_code-understood")).to_contain_text("校验码不符")
    press(page, "核对并保留")
    expect(page.locator("[role=alert]")).to_be_focused()
    expect(page.locator("#p-credit_code")).to_have_value("91110108MA01ABCD51")
    page.locator("[role=alert] a").click()
    expect(page.locator("#p-credit_code")).to_be_focused()
    page.locator("#p-credit_code").fill("")
    press(page, "核对并保留")
    assert told(page) == {"contracts": [{"amount": "大约 80-90万元"}]}


def test_by_keyboard_alone(page: Page) -> None:
    """From the first page to the second answer, and the focus is always somewhere one can see."""
    page.goto("/")
    for name in ("跳到正文",):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text(name)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("开始提问")
    page.keyboard.press("Enter")
    expect(page.locator("h1.question")).to_be_visible()
    while page.evaluate("document.activeElement.type") != "checkbox":
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")  # the first button of the form: the next question
    expect(page.locator("#p-registered_division")).to_be_visible()
    while page.evaluate("document.activeElement.id") != "p-registered_division":
        page.keyboard.press("Tab")
    page.keyboard.type("大兴区")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page.locator("main input[name=key]")).not_to_have_value("registered_division")
    assert told(page) == {"applicant_kinds": ["企业"], "registered_division": "大兴区"}


def test_on_a_phone_nothing_is_cut_off(visit: Visit) -> None:
    page = visit(phone=True)

    def fits() -> bool:
        return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    page.goto("/")
    assert fits()
    start(page)
    assert fits()
    page.get_by_role("button", name="全部资料").click()
    expect(page.locator("h1")).to_have_text("全部资料")
    assert fits()
    small = page.evaluate(
        """() => [...document.querySelectorAll("main button:not(.visually-hidden), main select, main input:not([type=hidden])")]
        .filter(e => e.checkVisibility()).map(e => (e.closest("label") || e).getBoundingClientRect())
        .filter(r => r.width < 24 || r.height < 24).length"""
    )
    assert small == 0


@pytest.mark.parametrize("javascript", [True, False])
def test_a_broken_upload_is_told_by_line(visit: Visit, javascript: bool) -> None:
    page = visit(javascript=javascript)
    page.goto("/")
    page.locator("#file").set_input_files(ROOT / "samples" / "broken-values.yaml")
    page.get_by_role("button", name="上传并核对").click()
    expect(page.locator("h1")).to_have_text("这份画像没有读入")
    expect(page.locator("[role=alert] li").first).to_contain_text("行第")
    page.locator("#file").set_input_files(ROOT / "samples" / "beijing-mixed.yaml")
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_role("status")).to_contain_text("已读入")


def pages(page: Page) -> dict[str, Callable[[], None]]:
    """Ways to the pages of the asking side, each from the one before."""

    def problem() -> None:
        start(page)
        press(page, "下一题")
        expect(page.locator("[role=alert]")).to_be_visible()

    def ambiguous() -> None:
        press(page, "不清楚")
        page.locator("#p-registered_division").fill("朝阳")
        press(page, "下一题")
        expect(page.locator(".candidates")).to_be_visible()

    def cards() -> None:
        press(page, "不清楚")
        while page.locator("[data-list]").count() == 0:
            press(page, "不清楚")

    def whole() -> None:
        page.get_by_role("button", name="全部资料").click()
        expect(page.locator("h1")).to_have_text("全部资料")

    def settled() -> None:
        start(page)
        while page.locator("h1.question").count():
            press(page, "不清楚")
        expect(page.locator("h1")).to_have_text("再问也改变不了结论")

    def refused() -> None:
        page.goto("/")
        page.locator("#file").set_input_files(ROOT / "samples" / "broken-values.yaml")
        page.get_by_role("button", name="上传并核对").click()
        expect(page.locator("h1")).to_have_text("这份画像没有读入")

    return {
        "home": lambda: page.goto("/") and None,
        "problem": problem,
        "ambiguous": ambiguous,
        "cards": cards,
        "whole": whole,
        "settled": settled,
        "refused": refused,
        "error": lambda: page.goto("/nothing") and None,
    }


def test_every_page_is_accessible(page: Page, accessible: Accessible) -> None:
    for go in pages(page).values():
        go()
        accessible(page)


def test_the_dark_colours_are_accessible(visit: Visit, accessible: Accessible) -> None:
    page = visit(color_scheme="dark")
    for name in ("home", "problem", "ambiguous", "whole"):
        pages(page)[name]()
        accessible(page)


def test_leaving_is_asked_about(page: Page) -> None:
    """Nothing is stored, so the browser asks before it forgets; not while nothing was told."""
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    start(page)
    page.goto("/")
    assert asked == []
    start(page)
    page.get_by_label("企业", exact=True).check()
    press(page, "下一题")
    page.locator("header .brand").click()
    expect(page.get_by_role("button", name="开始提问")).to_be_visible()
    assert asked == ["beforeunload"]


def test_a_problem_is_told_once_and_goes_when_mended(page: Page) -> None:
    """What is understood of a text comes late at times: not below the problem that the next page tells of the same."""
    start(page)
    page.get_by_label("企业", exact=True).check()
    press(page, "下一题")
    page.route("**/understand", lambda route: (page.wait_for_timeout(600), route.continue_()))
    page.locator("#p-registered_division").fill("火星")
    page.wait_for_timeout(400)  # the echo is asked for
    press(page, "下一题")
    page.wait_for_timeout(900)  # and would have come
    told = page.locator("main .field").get_by_text("没有叫“火星”的地区")
    assert [line.is_visible() for line in told.all()] == [True]
    page.unroute("**/understand")
    page.locator("#p-registered_division").fill("大兴")
    expect(page.locator("#p-registered_division-understood")).to_have_text("理解为：北京市大兴区")
    expect(page.locator("#p-registered_division-problem")).to_be_hidden()
