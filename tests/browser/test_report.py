"""The report, the check of a determination and the page of the API in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, expect

from engine import load_pack, screen
from engine.diagnostics import Findings
from engine.selection import select
from engine.yaml_source import read_file
from tests.browser.conftest import TODAY
from tests.helpers import ROOT

pytestmark = pytest.mark.slow
Visit = Callable[..., Page]
Accessible = Callable[[Page], None]


@pytest.fixture(scope="module")
def name() -> str:
    source = read_file(ROOT / "samples" / "langfang-2016.yaml", Findings(), rule_file=False)
    assert source is not None and isinstance(source.data, dict)
    return str(source.data["name"])


def result(page: Page) -> None:
    """Upload a sample on the first page and look at its result on a day on which its document is in force."""
    page.goto("/")
    page.get_by_label("上传画像").set_input_files(ROOT / "samples" / "langfang-2016.yaml")
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_label("主要页面").get_by_role("button", name="结果", exact=True).click()
    page.get_by_label("评估日").fill("2017-06-30")
    page.get_by_role("button", name="按这一天看").click()
    expect(page.locator('time[datetime="2017-06-30"]')).to_be_visible()


def saved(page: Page, button: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def fits(page: Page) -> bool:
    """Whether nothing sticks out sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_report_is_printed_and_taken_along(
    page: Page, accessible: Accessible, tmp_path: Path, name: str
) -> None:
    result(page)
    page.get_by_role("button", name="打印", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    accessible(page)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="打印", exact=True).click()
    assert page.evaluate("window.printed") is True
    page.emulate_media(media="print")
    expect(page.locator(".bar")).to_be_hidden()
    printed = pypdf.PdfReader(BytesIO(page.pdf()))
    assert name in printed.pages[0].extract_text()
    page.emulate_media(media="screen")

    pdf = saved(page, "下载 PDF", tmp_path)
    assert pdf.name == f"惠企对照报告-{name}-2017-06-30.pdf"
    assert name in pypdf.PdfReader(pdf).pages[0].extract_text()
    record = saved(page, "下载认定记录", tmp_path)
    told = json.loads(record.read_text("utf-8"))
    assert (told["as_of"], told["name"]) == ("2017-06-30", name)
    page.get_by_role("button", name="回到结果").click()
    expect(page.locator('time[datetime="2017-06-30"]')).to_be_visible()


def test_without_javascript_on_a_phone(visit: Visit, accessible: Accessible, tmp_path: Path) -> None:
    page = visit(javascript=False, phone=True)
    result(page)
    page.get_by_role("button", name="打印", exact=True).click()
    expect(page.get_by_role("button", name="打印", exact=True)).to_be_hidden()
    expect(page.get_by_role("heading", name="企业画像")).to_be_visible()
    record = saved(page, "下载认定记录", tmp_path)
    page.goto("/verify")
    page.get_by_label("认定记录（JSON 文件）").set_input_files(record)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.get_by_text("重新得出的全部一致")).to_be_visible()


def test_a_changed_determination_is_refuted(page: Page, accessible: Accessible, tmp_path: Path) -> None:
    pack = select(load_pack(), ["langfang-2016"], (), lambda *_: "")
    told = json.loads(screen({"registered_division": "固安县"}, pack, as_of=TODAY).to_json())
    told["results"][0]["verdict"] = "eligible"
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(told), "utf-8")
    page.goto("/")
    page.get_by_role("link", name="核对认定记录").click()
    accessible(page)
    page.get_by_label("认定记录（JSON 文件）").set_input_files(path)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.get_by_text("其中 1 项有 1 处与重新得出的不同")).to_be_visible()
    expect(page.get_by_role("cell", name="结论 verdict")).to_be_visible()
    accessible(page)
    path.write_text("{", "utf-8")
    page.get_by_label("认定记录（JSON 文件）").set_input_files(path)
    page.get_by_role("button", name="核对", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("不是完整的 JSON")
    accessible(page)


def test_the_page_of_the_api_can_be_tried(visit: Visit, accessible: Accessible) -> None:
    page = visit(phone=True)
    page.goto("/api/v1/docs")
    assert fits(page)
    section = page.locator("#screen")
    section.get_by_role("button", name="发送").click()
    expect(section.locator("output")).to_have_text("200 application/json")
    expect(section.locator("form pre")).to_contain_text('"verdict": "eligible"')
    section.get_by_label("请求的正文").fill("{")
    section.get_by_role("button", name="发送").click()
    expect(section.locator("output")).to_have_text("400 application/problem+json")
    section.get_by_label("请求的正文").press("Tab")
    expect(section.get_by_role("button", name="发送")).to_be_focused()
    accessible(page)
