"""The examples of a reverse proxy set or empty whatever the site believes of it, wherever they lead to the site."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.helpers import ROOT

PAGES = ("docs/serving.md", "docs/centre/accounts.md")
FORWARDED = {f"X-Forwarded-{name}" for name in ("For", "Proto", "Host", "Prefix")}
"""What ``web.serving`` has ProxyFix believe."""
SITE = "proxy_pass http://127.0.0.1:8000;"


def examples(page: str) -> list[str]:
    return re.findall(r"```nginx\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


def headers(text: str) -> set[str]:
    return set(re.findall(r"proxy_set_header (\S+) \S+;", text))


def locations(page: str) -> Iterator[tuple[str, set[str]]]:
    """Each location that leads to the site, with the headers that hold there: its own, or else the server's."""
    for example in examples(page):
        found = re.findall(r"^ *(location [^{]+)\{(.*?)\}", example, re.DOTALL | re.MULTILINE)
        outer = re.sub(r"location [^{]+\{.*?\}", "", example, flags=re.DOTALL)
        for name, body in found:
            if SITE in body:
                yield name.strip(), headers(body) or headers(outer)


@pytest.mark.parametrize("page", PAGES)
def test_every_way_to_the_site_says_what_the_site_believes(page: str) -> None:
    wanted = FORWARDED | ({"X-Remote-User"} if "centre" in page else set())
    found = dict(locations(page))
    assert found
    assert {name: wanted - said for name, said in found.items() if wanted - said} == {}


def test_trying_passwords_is_limited_where_they_are_handed_in() -> None:
    [server] = [text for text in examples(PAGES[1]) if "server {" in text]
    [zone] = re.findall(r"limit_req_zone \S+ zone=(\w+):", server)
    door = server.partition("location = /centre/login {")[2].partition("}")[0]
    assert f"limit_req zone={zone} " in door and SITE in door
