"""Personal data, in Chinese: features/centre/privacy.feature over the real application on SQLite."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pytest_bdd import given, parsers, scenarios, then, when
from sqlalchemy import select, update

from cli.centre_erase import erase
from engine.circuit import Solver
from engine.reference import ReferenceSolver
from tests.bdd.centre_site import Site, centre, measure
from tests.centre.watching.applicants import enterprise, take_in
from tests.helpers import ROOT
from web.centre import choices
from web.centre.choices import Choices
from web.centre.erasing import REASONS
from web.centre.store import chain
from web.centre.store.database import reading, writing
from web.centre.store.tables import AuditEntry, Enterprise, ProfileVersion, Table, User

scenarios(str(ROOT / "features" / "centre" / "privacy.feature"))
WHO = "(?P<who>受理员|审计员|负责人)"


@dataclass(slots=True)
class Story:
    """A centre with one enterprise, and what the command line said."""

    site: Site
    number: int = 0
    said: str = ""

    def command(self, *words: str) -> None:
        """``huiqi centre erase``."""
        place = ("--database", str(self.site.engine.url.database), "--files", str(self.site.files))
        done = CliRunner().invoke(erase, [*words, *place])
        assert done.exit_code == 0, done.output
        self.said = done.output

    def send(self, who: str, why: str, key: str) -> None:
        """The form of erasing."""
        visit = self.site.visit(who)
        path = f"/centre/enterprise/{self.number}/erase"
        page = self.site.open(who, path)
        version = re.findall(r'name="version" value="(\d+)"', page)
        form = {"csrf_token": visit.token, "why": why, "key": key, "version": version[0] if version else ""}
        self.site.page = visit.client.post(path, data=form, follow_redirects=True).text


@pytest.fixture
def solver() -> Solver:
    """The one executor by which a centre keeps what it decides."""
    return ReferenceSolver()


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    with centre(tmp_path) as site:
        yield Story(site)


@given(parsers.re("已受理“(?P<name>[^”]+)”，有人才“(?P<person>[^”]+)”，北京市奖励“(?P<award>[^”]+)”"))
def _(story: Story, name: str, person: str, award: str) -> None:
    told: dict[str, Any] = {
        "id": person, "roles": ["科研人员"], "programme_kind": "引智项目", "programme_tier": "北京市级", "municipal_award": award,
        "work_division": "北京市通州区", "employment": "全职",
    }  # fmt: skip
    [story.number] = take_in(story.site.engine, enterprise(name, talents=[told]))


@given(parsers.re("保存年限是“(?P<years>[^”]+)”年"))
def _(story: Story, years: str) -> None:
    with writing(story.site.engine) as session:
        choices.write(session, Choices(retention_years=int(years)))


@given(parsers.re("“(?P<name>[^”]+)”最后一次处理是“(?P<day>[^”]+)”"))
def _(story: Story, name: str, day: str) -> None:
    at = datetime.fromisoformat(day)
    with writing(story.site.engine) as session:
        session.execute(update(ProfileVersion).values(at=at))
        session.execute(update(Enterprise).values(created_at=at))


@when(parsers.re(WHO + "打开“(?P<name>[^”]+)”(?:的“(?P<title>[^”]+)”)?"))
def _(story: Story, who: str, name: str, title: str | None) -> None:
    part = f"/measure/{measure(title).id}" if title else ""
    story.site.open(who, f"/centre/enterprise/{story.site.number(name)}{part}")


@when(parsers.re("负责人清除“(?P<name>[^”]+)”，原因是“(?P<why>[^”]+)”"))
def _(story: Story, name: str, why: str) -> None:
    story.send("负责人", next(code for code, label in REASONS.items() if label == why), name)


@when(parsers.re("负责人清除“[^”]+”，但代码写成“(?P<key>[^”]+)”"))
def _(story: Story, key: str) -> None:
    story.send("负责人", "request", key)


@when(parsers.re("受理员想清除“(?P<name>[^”]+)”"))
def _(story: Story, name: str) -> None:
    story.send("受理员", "request", name)


@when("列出到期的资料")
def _(story: Story) -> None:
    story.command("--due")


@when("清除到期的资料")
def _(story: Story) -> None:
    story.command("--due", "--yes")


@then(parsers.re("页面上没有“(?P<text>[^”]+)”"))
def _(story: Story, text: str) -> None:
    assert text not in story.site.page


@then(parsers.re("页面(?:上有|说)“(?P<text>[^”]+)”"))
def _(story: Story, text: str) -> None:
    assert text in story.site.page, story.site.page


@then(parsers.re("数据库里再也找不到“(?P<one>[^”]+)”和“(?P<other>[^”]+)”"))
def _(story: Story, one: str, other: str) -> None:
    with story.site.engine.connect() as connection:
        everything = [row for table in Table.metadata.sorted_tables for row in connection.execute(select(table))]
    told = repr(everything)
    assert "erased-" in told
    assert one not in told and other not in told
    content = Path(story.site.engine.url.database or "").read_bytes()
    assert one.encode() not in content and other.encode() not in content


@then(parsers.re("操作记录写着(?P<who>负责人|命令行)因“(?P<why>[^”]+)”清除"))
def _(story: Story, who: str, why: str) -> None:
    with reading(story.site.engine) as session:
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "erased")).scalar_one()
        by = session.get_one(User, entry.by_id).full_name if entry.by_id else "命令行"
        assert (by, REASONS[entry.detail["why"]], entry.enterprise_id) == (who, why, story.number)


@then("全部记录核验成立")
def _(story: Story) -> None:
    with reading(story.site.engine) as session:
        assert list(chain.verify(session)) == []


@then(parsers.re("企业列表里没有“(?P<name>[^”]+)”"))
def _(story: Story, name: str) -> None:
    assert name not in story.site.open("负责人", "/centre/enterprises")


@then(parsers.re("“(?P<name>[^”]+)”还在"))
def _(story: Story, name: str) -> None:
    assert story.site.number(name) == story.number


@then(parsers.re("到期的有“(?P<name>[^”]+)”的编号，没有名称"))
def _(story: Story, name: str) -> None:
    assert f"企业{story.number}\t最后处理于2020-01-01" in story.said and name not in story.said
