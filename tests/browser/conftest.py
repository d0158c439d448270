"""The site in a real browser: the application on a free port of this machine, Chromium, and axe-core.

``page`` is a fresh visitor; ``visit`` makes others: ``visit(javascript=False)``, ``visit(phone=True)``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.serving import served
from web.app import create_app
from web.settings import Settings

TODAY = date(2026, 11, 22)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
WAIT = 20_000  # milliseconds; machines are slow when they are busy


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the running site."""
    rate = "100000 per minute"
    app = create_app(Settings(today=lambda: TODAY, secret="tests", page_rate=rate, api_rate=rate))
    with served(app) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert found, "chromium is missing: scripts/install-browser installs it"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Make a visitor; what its pages complain about (scripts, the content policy) fails the test."""
    contexts, complaints = [], []

    def make(*, javascript: bool = True, phone: bool = False, **more: Any) -> Page:
        size = PHONE if phone else DESKTOP
        context = browser.new_context(
            base_url=site,
            java_script_enabled=javascript,
            viewport=size,
            locale="zh-CN",
            **more,  # type: ignore[arg-type]
        )
        context.set_default_timeout(WAIT)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _policy(said.text) else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


def _policy(text: str) -> bool:
    return "Content Security Policy" in text or "Refused to" in text


@pytest.fixture
def page(visit: Callable[..., Page]) -> Page:
    """A visitor at a desk, with JavaScript."""
    return visit()


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fail where axe-core finds something against WCAG 2.2 A or AA, or its best practices for them."""
    axe = Axe()

    def check(page: Page) -> None:
        found = axe.run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
        assert found.violations_count == 0, found.generate_report()

    return check
