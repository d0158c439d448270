"""Takes the pictures of the workbench, with its invented data: ``python -m scripts.centre_screenshots docs/images``."""

from __future__ import annotations

import re
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page

from scripts.camera import camera
from scripts.centre_demo import PASSWORD, fill
from scripts.site_screenshots import DAY
from web.app import create_app
from web.centre.pages.guard import KEY
from web.centre.settings import CentreSettings
from web.centre.store import schema
from web.centre.store.database import address_of, connect
from web.settings import Settings

DESK = {"width": 1200, "height": 820}
NOW = datetime(DAY.year, DAY.month, DAY.day, 6)


def log_in(browser: Browser, address: str, name: str) -> Page:
    """Somebody at a desk."""
    page = browser.new_page(viewport=DESK, locale="zh-CN", base_url=address)  # type: ignore[arg-type]
    page.goto("/centre/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/centre/")
    return page


def pictures(browser: Browser, address: str, folder: Path) -> None:
    """The pages that say most about the work."""

    def shoot(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"centre-{name}.png")
        print(folder / f"centre-{name}.png")

    page = log_in(browser, address, "reviewer")
    page.goto("/centre/queue")
    # The queue in which most enterprises wait for somebody's judgement.
    waiting = page.locator("main a[href*='group=pending']")
    most = max(range(waiting.count()), key=lambda number: int(re.sub(r"\D", "", waiting.nth(number).inner_text()) or 0))
    waiting.nth(most).click()
    page.wait_for_url("**group=pending**")
    shoot(page, "queue")
    page.goto("/centre/enterprise/1")
    shoot(page, "case")
    page.locator("#pending .open").first.click()
    page.locator("#pending a[href*='/judge?']").first.click()
    page.wait_for_url("**/judge?**")
    shoot(page, "judge")
    page.goto("/centre/figures")
    shoot(page, "figures")
    page.close()


def main(folder: Path) -> None:
    """Fill a workbench, serve it, take the pictures, throw it away."""
    with tempfile.TemporaryDirectory(prefix="huiqi-centre-") as place:
        database = str(Path(place) / "centre.db")
        engine = connect(address_of(database))
        schema.migrate(engine)
        engine.dispose()
        settings = CentreSettings(database, Path(place) / "files", now=lambda: NOW)
        app = create_app(Settings(today=lambda: DAY, page_rate="10000 per minute", executor="reference", centre=settings))
        fill(app.extensions[KEY])
        folder.mkdir(parents=True, exist_ok=True)
        with camera(app) as (browser, address):
            pictures(browser, address, folder)
        app.extensions[KEY].engine.dispose()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
