"""Watching, in Chinese: features/centre/watching.feature over the real application on SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when
from sqlalchemy import select, update

from engine.circuit import Solver
from engine.reference import ReferenceSolver
from tests.bdd.centre_site import Site, centre, measure
from tests.centre.office import NOW
from tests.centre.watching.applicants import daxing, enterprise, expiring, find, other_rules, replaced, take_in, watch
from tests.helpers import ROOT
from web.centre.accounts import named, set_password
from web.centre.pages.guard import KEY
from web.centre.store.database import reading, writing
from web.centre.store.tables import Move, Outlook, Standing
from web.centre.watching.attending import Attendant
from web.centre.watching.run import Done

scenarios(str(ROOT / "features" / "centre" / "watching.feature"))
SHOWS = {"不再符合": {"show": "moved", "kind": "lost"}, "意见要再看": {"show": "findings"}}


@dataclass(slots=True)
class Story:
    """A centre, the last run over everybody, and what was copied."""

    site: Site
    done: Done | None = None
    feed: str = ""
    rules: str = ""

    def again(self, day: date, **more: object) -> None:
        """Everybody screened again; by the clock of the scenario."""
        self.done = watch(self.site.engine, day, **more)  # type: ignore[arg-type]
        with writing(self.site.engine) as session:
            session.execute(update(Move).values(at=NOW))
            session.execute(update(Outlook).values(found_at=NOW))


@pytest.fixture
def solver() -> Solver:
    """The one executor by which a centre keeps what it decides."""
    return ReferenceSolver()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with centre(tmp_path) as site:
        yield Story(site)


def rows(page: str) -> list[str]:
    """The rows of tables as text."""
    return [unescape(re.sub(r"<[^>]+>|\s+", " ", row)) for row in re.findall(r"<tr>.*?</tr>", page, re.S)]


def plain(row: str) -> str:
    return row.replace(" ", "")


@given(parsers.re("已受理“(?P<name>[^”]+)”，高新技术企业证书到“(?P<day>[^”]+)”为止"))
def _(story: Story, name: str, day: str) -> None:
    take_in(story.site.engine, expiring(name, day))


@given(parsers.re("已受理“(?P<name>[^”]+)”，没有高新技术企业证书"))
def _(story: Story, name: str) -> None:
    take_in(story.site.engine, daxing(name))


@given(parsers.re("“(?P<day>[^”]+)”全部重新对照过"))
@when(parsers.re("“(?P<day>[^”]+)”全部重新对照"))
def _(story: Story, day: str) -> None:
    story.again(date.fromisoformat(day))


@when(parsers.re("大兴区的文件改为到“(?P<day>[^”]+)”为止，规则更新后全部重新对照"))
def _(story: Story, day: str, tmp_path: Path) -> None:
    rules = other_rules(
        tmp_path / "rules", lambda folder: replaced(folder, "packs/daxing-2025/document.yaml", "2027-12-31", day)
    )
    story.rules = rules.pack.version
    story.again(date(2026, 11, 22), rules=rules)


@given(parsers.re("审核员认定“(?P<name>[^”]+)”的一项判断成立"))
def _(story: Story, name: str) -> None:
    number = story.site.number(name)
    with reading(story.site.engine) as session:
        awaiting = session.get_one(Standing, number).awaiting
    find(story.site.engine, number, next(id for ids in awaiting.values() for id in ids), True)


@when(parsers.re("“(?P<name>[^”]+)”的从业人数改为“(?P<count>[^”]+)”人"))
def _(story: Story, name: str, count: str) -> None:
    take_in(story.site.engine, enterprise(name, staff_total=int(count)))


@when("受理员复制自己的订阅地址")
def _(story: Story) -> None:
    page = story.site.open("受理员", "/centre/watch")
    [address] = re.findall(r'id="feed" value="([^"]+)"', page)
    story.feed = address.removeprefix("http://localhost")


@when("受理员改了密码")
def _(story: Story) -> None:
    with writing(story.site.engine) as session:
        set_password(named(session, "clerk"), "另一句十个字以上的密码")


@when("受理员要求全部重新对照")
def _(story: Story) -> None:
    story.site.visit("受理员").get("/centre/watch")
    story.site.visit("受理员").post("/centre/watch")


@when("后台做完")
def _(story: Story) -> None:
    attendant = Attendant(story.site.app.extensions[KEY], lambda: False)
    attendant.attend()
    attendant.join(300)


@then(parsers.re("重新对照了“(?P<evaluated>[^”]+)”家，写下“(?P<changed>[^”]+)”份新结论"))
def _(story: Story, evaluated: str, changed: str) -> None:
    assert story.done is not None
    assert (story.done.evaluated, story.done.changed) == (int(evaluated), int(changed))


@then(parsers.re("写下“(?P<changed>[^”]+)”份新结论"))
def _(story: Story, changed: str) -> None:
    assert story.done is not None and story.done.changed == int(changed)


@then("每家的结论都出自新的规则")
def _(story: Story) -> None:
    with reading(story.site.engine) as session:
        assert set(session.execute(select(Standing.pack_version)).scalars()) == {story.rules}


@then(parsers.re("关注页写着“(?P<text>[^”]+)”"))
def _(story: Story, text: str) -> None:
    assert text in story.site.open("受理员", "/centre/watch")


@then(
    parsers.re(
        "关注页的“(?P<show>[^”]+)”里，“(?P<name>[^”]+)”的“(?P<title>[^”]+)”从“(?P<before>[^”]+)”变为“(?P<after>[^”]+)”，"
        "原因是“(?P<cause>[^”]+)”"
    )
)
def _(story: Story, show: str, name: str, title: str, before: str, after: str, cause: str) -> None:
    found = [plain(row) for row in rows(story.site.open("受理员", "/centre/watch", **SHOWS[show]))]
    wanted = f"{measure(title).spec.title}{before}{after}{cause}".replace(" ", "")
    assert any(name in row and wanted in row for row in found), found


@then(parsers.re("关注页的“(?P<show>[^”]+)”里没有“(?P<name>[^”]+)”"))
def _(story: Story, show: str, name: str) -> None:
    assert not any(name in row for row in rows(story.site.open("受理员", "/centre/watch", **SHOWS[show])))


@then(parsers.re("关注页的“(?P<show>[^”]+)”里有“(?P<name>[^”]+)”，变了的是“(?P<what>[^”]+)”"))
def _(story: Story, show: str, name: str, what: str) -> None:
    found = rows(story.site.open("受理员", "/centre/watch", **SHOWS[show]))
    assert any(name in row and what in row for row in found), found


@then(
    parsers.re(
        "“(?P<days>[^”]+)”天内将到期的有“(?P<name>[^”]+)”的“(?P<title>[^”]+)”，最后一天是“(?P<day>[^”]+)”，因为“(?P<why>[^”]+)”"
    )
)
def _(story: Story, days: str, name: str, title: str, day: str, why: str) -> None:
    found = rows(story.site.open("受理员", "/centre/watch", show="ending", within=days))
    assert any(all(text in row for text in (name, measure(title).spec.title, day, why)) for row in found), found


@then(parsers.re("“(?P<days>[^”]+)”天内将到期的没有“(?P<name>[^”]+)”"))
def _(story: Story, days: str, name: str) -> None:
    assert not any(name in row for row in rows(story.site.open("受理员", "/centre/watch", show="ending", within=days)))


@then(parsers.re("“(?P<days>[^”]+)”天内到期的文件有“(?P<title>[^”]+)”"))
def _(story: Story, days: str, title: str) -> None:
    page = story.site.open("受理员", "/centre/watch", show="ending", within=days)
    assert title in page.partition('id="closing"')[2].partition('id="ending"')[0]


@then(parsers.re("不登录也能读到订阅，里面有“(?P<name>[^”]+)”"))
def _(story: Story, name: str) -> None:
    answer = story.site.app.test_client().get(story.feed)
    assert answer.status_code == 200 and name in answer.text


@then("用它打不开关注页")
def _(story: Story) -> None:
    assert story.site.app.test_client().get(story.feed.replace(".atom", "")).status_code == 302


@then("这个订阅地址作废")
def _(story: Story) -> None:
    assert story.site.app.test_client().get(story.feed).status_code == 401
