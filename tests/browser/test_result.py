"""The result in a real browser: every document, a measure opened, other answers tried, the road map."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.helpers import ROOT

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
Accessible = Callable[[Page], None]
BEIJING = "beijing-mixed"


def result(page: Page, sample: str, day: str) -> None:
    """Upload a sample on the first page and look at its result on a day."""
    page.goto("/")
    page.get_by_label("上传画像").set_input_files(ROOT / "samples" / f"{sample}.yaml")
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_label("主要页面").get_by_role("button", name="结果", exact=True).click()
    expect(page.locator(".eyebrow")).to_have_text("对照结果")
    page.get_by_label("评估日").fill(day)
    page.get_by_role("button", name="按这一天看").click()
    expect(page.locator(f'time[datetime="{day}"]')).to_be_visible()


def opened(page: Page, title: str) -> Locator:
    """Open a measure in place."""
    article = page.locator("article.measure", has=page.get_by_role("button", name=title, exact=True))
    article.get_by_role("button", name=title, exact=True).click()
    expect(article.locator(".measure-body")).to_be_visible()
    return article


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    "sample, day, measures",
    [
        ("langfang-2016", "2017-06-30", {"新认定市级协同创新基地一次性奖励": "一次性奖励10万元"}),
        ("daxing-2021", "2022-06-30", {"入选国家级或北京市引智项目个人1:1配套奖励": "80万元 × 1:1 = 80万元"}),
        (
            BEIJING,
            "2026-11-01",
            {
                "重点成果转化项目企业纳入“服务包”": "列入区科委年度重点任务清单",  # 大兴 2025—2027
                "科技项目支持学术带头人、青年科技工作者": "人才乙",  # 通州 2024—2026
                "建设概念验证平台": "面向高精尖产业领域的早期成果",  # 中关村 2024
            },
        ),
    ],
)
def test_each_document(page: Page, sample: str, day: str, measures: dict[str, str]) -> None:
    result(page, sample, day)
    for title, said in measures.items():
        article = opened(page, title)
        expect(article).to_contain_text(said)
        expect(article.locator(".picture .node:visible").first).to_be_visible()
        expect(article.locator("blockquote").first).to_be_visible()


def test_on_a_phone_in_the_dark(visit: Visit, accessible: Accessible) -> None:
    page = visit(phone=True, color_scheme="dark")
    result(page, BEIJING, "2026-11-01")
    page.get_by_label("地区", exact=True).select_option("北京市大兴区")
    page.get_by_label("待遇", exact=True).select_option("支持（文件未载明金额）")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("status")).to_contain_text("只显示")
    article = opened(page, "“拨投联动”：研发资金支持与股权投资联动")
    expect(article).to_contain_text("属于重点科技成果")
    assert fits(page)
    article.get_by_role("button", name="怎样才能符合").click()
    expect(article.locator(".road")).to_contain_text("不用改动已有的情况")
    assert fits(page)
    accessible(page)


def test_by_keyboard_alone(page: Page) -> None:
    result(page, "mixed", "2022-06-30")
    button = page.get_by_role("button", name="支持建设高水平研发中心", exact=True)
    page.get_by_label("部门", exact=True).focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("element => element === document.activeElement"):
            break
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#o-dx21-rd-centre-support")).to_contain_text("平台类别为研发中心")
    expect(button).to_be_focused()
    ways = page.locator("#o-dx21-rd-centre-support").get_by_role("button", name="怎样才能符合")
    for _ in range(12):
        page.keyboard.press("Tab")
        if ways.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#w-dx21-rd-centre-support .way").first).to_be_visible()
    button.focus()
    page.keyboard.press("Space")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#o-dx21-rd-centre-support")).to_be_hidden()


def test_other_answers_are_tried_and_kept_or_not(page: Page, accessible: Accessible) -> None:
    result(page, "mixed", "2022-06-30")
    place = page.locator("#what-if").get_by_label("实际经营地", exact=True)
    place.fill("天津市")
    place.press("Enter")
    moves = page.locator("#moves")
    expect(moves).to_be_focused()
    expect(moves.locator("ins")).to_have_text("天津市")
    expect(moves.locator("tr.worse").first).to_be_visible()
    opened(page, "支持建设高水平研发中心")
    page.evaluate("document.querySelectorAll('.check, .answers').forEach((part) => { part.open = true; })")
    accessible(page)
    moves.get_by_role("button", name="撤销").click()
    expect(moves).to_have_count(0)
    expect(place).to_have_value("北京市大兴区")
    place.fill("天津市")
    page.get_by_role("button", name="看看会怎样").click()
    page.get_by_role("button", name="保留改动").click()
    expect(moves).to_have_count(0)
    expect(place).to_have_value("天津市")


def test_the_road_map(page: Page, accessible: Accessible) -> None:
    result(page, "mixed", "2022-06-30")
    page.get_by_role("button", name="看路线图").click()
    expect(page.get_by_role("heading", name="先改什么")).to_be_visible()
    expect(page.locator("#over")).to_contain_text("政策已到期（有效期至2018年12月31日）")
    leg = page.locator(".leg", has_text="支持建设高水平研发中心")
    if not leg.evaluate("element => element.open"):
        leg.locator("summary").click()
    accessible(page)
    leg.get_by_role("button", name="试一试").first.click()
    row = page.locator("#moves tr", has_text="支持建设高水平研发中心")
    expect(row).to_contain_text("更有利")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("#moves")).to_have_count(0)


def test_filters(page: Page) -> None:
    result(page, BEIJING, "2026-11-01")
    page.get_by_label("地区", exact=True).select_option("北京市通州区")
    page.get_by_label("待遇", exact=True).select_option("服务")
    page.get_by_role("button", name="筛选").click()
    expect(page.get_by_role("status")).to_contain_text("只显示")
    shown = page.locator("article.measure").count()
    assert 0 < shown < 30
    page.get_by_role("button", name="显示全部").click()
    expect(page.locator("article.measure")).to_have_count(124)


def test_without_javascript(visit: Visit, accessible: Accessible) -> None:
    page = visit(javascript=False)
    result(page, "mixed", "2022-06-30")
    page.get_by_role("button", name="支持建设高水平研发中心", exact=True).click()
    expect(page.locator("h1")).to_have_text("支持建设高水平研发中心")
    expect(page.locator(".picture .node:visible").first).to_be_visible()
    page.get_by_role("button", name="怎样才能符合").click()
    page.get_by_role("button", name="试一试").first.click()
    expect(page.locator("#moves")).to_contain_text("支持建设高水平研发中心")
    page.get_by_role("button", name="保留改动").click()
    expect(page.locator("article.pending", has_text="支持建设高水平研发中心")).to_be_visible()
    page.get_by_role("button", name="改看今天").click()
    expect(page.locator(".lead time")).to_have_text("2026年11月22日")


def test_a_question_is_one_click_away(page: Page) -> None:
    result(page, BEIJING, "2026-11-01")
    page.locator("#facts").get_by_role("button", name=re.compile("回答这个问题.*活动清单")).click()
    expect(page.get_by_text("主办、承办或参与了哪些活动？").first).to_be_visible()


def test_a_part_that_cannot_be_had_becomes_a_page(page: Page) -> None:
    result(page, "daxing-2021", "2022-06-30")
    refused = "**/result/measure"
    page.route(refused, lambda r: r.fulfill(status=429) if "x-fragment" in r.request.headers else r.continue_())
    page.get_by_role("button", name="支持建设高水平研发中心", exact=True).click()
    expect(page.locator("h1")).to_have_text("支持建设高水平研发中心")
    page.go_back()
    expect(page.locator(".eyebrow")).to_have_text("对照结果")
