"""The site's main pages as pictures, with Chromium: ``python -m scripts.site_screenshots docs/images``."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from playwright.sync_api import Browser, Page

from scripts.camera import camera
from web.app import create_app
from web.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 11, 22)
PROFILE = ROOT / "samples" / "beijing-mixed.yaml"
DESKTOP, PHONE = {"width": 1120, "height": 820}, {"width": 390, "height": 800}


def begin(page: Page, address: str) -> None:
    """The first question."""
    page.goto(address)
    page.get_by_role("button", name="开始提问").click()
    page.wait_for_selector("h1.question")


def result(page: Page, address: str) -> None:
    """The result of the sample."""
    page.goto(address)
    page.locator("#file").set_input_files(PROFILE)
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_role("button", name="看结果").click()
    page.wait_for_url("**/result")
    page.wait_for_selector("[data-into]")


def pictures(browser: Browser, address: str, folder: Path) -> None:
    """Each page at a desk, the question on a phone in the dark too."""
    page = browser.new_page(viewport=DESKTOP, locale="zh-CN")  # type: ignore[arg-type]
    failed: list[str] = []
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)

    def shoot(name: str) -> None:
        if failed:
            raise SystemExit(f"这一页没有打开：{'、'.join(failed)}")
        page.screenshot(path=folder / f"site-{name}.png")
        print(folder / f"site-{name}.png")

    page.goto(address)
    shoot("home")
    begin(page, address)
    page.get_by_label("企业", exact=True).check()
    page.get_by_role("button", name="下一题", exact=True).last.click()
    page.locator("#p-registered_division").fill("北京市大兴区")
    page.get_by_text("理解为：").wait_for()
    shoot("question")
    result(page, address)
    shoot("result")
    opener = page.locator("[data-into]").first
    opener.click()
    page.locator(f"#{opener.get_attribute('data-into')}").wait_for()
    opener.evaluate("opener => { opener.scrollIntoView(); scrollBy(0, -80) }")
    shoot("measure")
    page.locator("header").get_by_role("button", name="路线图").click()
    page.wait_for_url("**/roadmap")
    shoot("road-map")
    result(page, address)
    page.get_by_role("button", name="打印", exact=True).click()
    page.wait_for_url("**/report")
    shoot("report")
    page.close()
    page = browser.new_page(viewport=PHONE, locale="zh-CN", color_scheme="dark")  # type: ignore[arg-type]
    begin(page, address)
    shoot("question-phone")
    page.close()


def main(folder: Path) -> None:
    """Start the site, take the pictures, stop it."""
    folder.mkdir(parents=True, exist_ok=True)
    app = create_app(Settings(today=lambda: DAY, page_rate="10000 per minute"))
    with camera(app) as (browser, address):
        pictures(browser, f"{address}/", folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
