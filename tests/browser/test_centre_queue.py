"""A queue of the workbench worked through by keyboard alone, by mouse, and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, select

from tests.centre.crowd import Crowd
from tests.centre.office import PASSWORD, app_of, people
from tests.serving import served
from web.centre.pages.guard import KEY
from web.centre.store import database, schema
from web.centre.store.database import reading
from web.centre.store.tables import Enterprise, User

MEASURE = "tz-outstanding-youth-funding"
NAMES = ("北京乙公司", "北京丙公司", "北京丁公司", "北京戊公司", "北京己公司")
BY_NAME = ("北京丙公司", "北京丁公司", "北京己公司", "北京戊公司", "北京乙公司")


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A workbench's database in a file."""
    made = database.connect(database.address_of(str(tmp_path_factory.mktemp("centre") / "centre.db")))
    schema.migrate(made)
    people(made)
    yield made
    made.dispose()


@pytest.fixture
def site(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running workbench with five applicants who wait for judgement."""
    app = app_of(engine, tmp_path_factory.mktemp("files"))
    pack = app.extensions[KEY].service.pack
    crowd = Crowd(engine, {pack.version: tuple(measure.id for measure in pack.measures)})
    for name in NAMES:
        crowd.take(name, {MEASURE: "P"}, awaiting={MEASURE: ["zgc-key-scenario"]}, division="110112")
    with served(app) as address:
        yield address
    app.extensions[KEY].engine.dispose()


def log_in(page: Page, name: str = "clerk") -> None:
    page.goto("/centre/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/centre/")


def mine(engine: Engine, name: str = "clerk") -> set[str]:
    """The applicants that somebody has."""
    with reading(engine) as session:
        wanted = select(Enterprise.name).join(User, User.id == Enterprise.assignee_id).where(User.name == name)
        return set(session.execute(wanted).scalars())


def test_by_keyboard_alone(page: Page, engine: Engine, accessible: Callable[[Page], None]) -> None:
    log_in(page)
    page.wait_for_function("document.readyState === 'complete'")
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/centre/queue")
    accessible(page)
    page.goto(f"/centre/queue?measure={MEASURE}&sort=name")
    accessible(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    accessible(page)
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_hidden()
    # Down to the second, chosen; to the fourth, chosen; back to the third.
    for key in "jjxjjxk":
        page.keyboard.press(key)
    expect(page.locator(":focus")).to_have_text(BY_NAME[2])
    expect(page.locator(".chosen")).to_have_text("已选 2 家")
    page.keyboard.press("a")
    expect(page.get_by_role("status").first).to_have_text("承办人已改。")
    assert mine(engine) == {BY_NAME[1], BY_NAME[3]}
    # Keys work once the script has said so.
    expect(page.locator(".chosen")).to_have_text("先勾选企业")
    # Nothing chosen: the one where one is.
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(page.locator("tr[data-row]").first).to_contain_text("受理员")
    assert mine(engine) == {BY_NAME[0], BY_NAME[1], BY_NAME[3]}
    expect(page.locator(".chosen")).to_have_text("先勾选企业")
    page.keyboard.press("k")
    expect(page.locator(":focus")).to_have_text(BY_NAME[-1])
    page.keyboard.press("/")
    page.keyboard.type("己 北京")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.locator(".chosen")).to_have_text("先勾选企业")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/centre/enterprise/5")


def test_by_mouse(page: Page, engine: Engine, accessible: Callable[[Page], None]) -> None:
    log_in(page)
    accessible(page)
    page.goto(f"/centre/queue?measure={MEASURE}&sort=name")
    boxes, chosen = page.locator("input[name=id]"), page.locator(".chosen")
    expect(chosen).to_have_text("先勾选企业")
    boxes.nth(1).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(chosen).to_have_text("已选 3 家")
    page.get_by_label("全选这一页").click()
    expect(chosen).to_have_text("已选 5 家")
    page.get_by_label("全选这一页").click()
    expect(chosen).to_have_text("先勾选企业")
    boxes.nth(4).click()
    # Keys go on where the mouse was.
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(chosen).to_have_text("已选 2 家")
    page.get_by_label("交给谁").select_option(label="审核员")
    page.get_by_role("button", name="交给").click()
    expect(page.get_by_role("status").first).to_have_text("承办人已改。")
    assert mine(engine, "reviewer") == {BY_NAME[3], BY_NAME[4]}


def test_without_javascript(visit: Callable[..., Page], engine: Engine) -> None:
    page = visit(javascript=False, phone=True)
    log_in(page)
    page.goto(f"/centre/queue?measure={MEASURE}")
    expect(page.get_by_label("全选这一页")).to_be_hidden()
    expect(page.get_by_role("button", name="快捷键")).to_be_hidden()
    page.get_by_label("选北京己公司").check()
    page.get_by_role("button", name="由我承办").click()
    page.get_by_label("承办人", exact=True).select_option(label="我")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("tr[data-row]")).to_have_count(1)
    assert mine(engine) == {"北京己公司"}
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
