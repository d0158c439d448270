"""A list in a real browser: its columns confirmed, the page that keeps itself up to date, on a phone and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from tests.centre.office import PASSWORD, app_of, people
from tests.helpers import ROOT
from tests.serving import served
from web.centre.lists.work import Work
from web.centre.pages.guard import KEY
from web.centre.store import database, schema

MESSY = ROOT / "samples" / "lists" / "messy.xlsx"
Visit = Callable[..., Page]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A workbench's database in a file."""
    made = database.connect(database.address_of(str(tmp_path / "centre.db")))
    schema.migrate(made)
    people(made)
    yield made
    made.dispose()


@pytest.fixture
def app(engine: Engine, tmp_path: Path) -> Iterator[Flask]:
    made = app_of(engine, tmp_path / "files")
    yield made
    made.extensions[KEY].engine.dispose()


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    """The address of a running workbench."""
    with served(app) as address:
        yield address


def hand_in(page: Page) -> None:
    page.goto("/centre/login?next=/centre/lists")
    page.fill("#name", "clerk")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/centre/lists")
    page.set_input_files("#files", str(MESSY))
    page.get_by_role("button", name="上传并查看每一列").click()
    page.wait_for_url("**/centre/lists/1")


def test_a_list_is_confirmed_and_its_page_keeps_itself_up_to_date(
    page: Page, app: Flask, accessible: Callable[[Page], None]
) -> None:
    hand_in(page)
    accessible(page)
    expect(page.get_by_text("“注册资本”的单位没有写明")).to_be_visible()
    page.get_by_label("“注册资本”的单位").select_option("万元")
    page.get_by_label("“2025年营业收入”的单位").select_option("亿元")
    page.get_by_role("button", name="开始筛查").click()
    page.wait_for_url("**/centre/lists/1?done=list-started")
    accessible(page)
    expect(page.get_by_role("heading", name="排队中")).to_be_visible()
    Work(app.extensions[KEY], 1, lambda: False).run()
    # Nobody pressed anything.
    expect(page.get_by_role("heading", name="结果")).to_be_visible()
    expect(page.get_by_text("共 5 行 = 存下 3 家企业 + 未采用 2 行。")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    accessible(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="下载清单（Excel）").click()
    assert saved.value.suggested_filename == "未采用-1.xlsx"
    page.goto("/centre/lists")
    accessible(page)


def test_without_javascript_and_on_a_phone(visit: Visit, app: Flask) -> None:
    page = visit(javascript=False, phone=True)
    hand_in(page)
    page.get_by_label("没有写单位的金额").select_option("万元")
    page.get_by_role("button", name="开始筛查").click()
    expect(page.get_by_role("heading", name="排队中")).to_be_visible()
    Work(app.extensions[KEY], 1, lambda: False).run()
    page.get_by_role("link", name="刷新").click()
    expect(page.get_by_role("heading", name="结果")).to_be_visible()


def test_nothing_is_wider_than_a_phone(visit: Visit, accessible: Callable[[Page], None]) -> None:
    page = visit(phone=True)
    hand_in(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    accessible(page)
