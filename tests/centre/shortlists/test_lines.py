"""A shortlist says what is kept of each enterprise, with reasons made again, and how it was made."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine.profile import profile_of
from engine.screening import screen
from tests.centre import bench
from tests.centre.letters.conftest import AS_OF, AWARD, JUDGED, found, keep, program, reviewer, sample
from tests.centre.office import NOW, TODAY
from web.centre import keeping
from web.centre.shortlists.lines import Line, Lines
from web.centre.shortlists.workbook import HEADS, Wish, amount_cell, write
from web.centre.store.database import reading, writing
from web.centre.store.tables import DeterminationRow, ProfileVersion
from web.summary import GROUPS, summarise

FORMULA = "=HYPERLINK(\"http://example.org\")"


def another(session: Session, name: str, data: dict[str, Any] | None) -> int:
    """A further enterprise; without data it is not determined."""
    enterprise = keeping.enterprise_of(session, name, keeping.Head(name, "131082", None, None))
    if data is not None:
        profile = keeping.add_profile(session, enterprise, {**data, "name": name}, "form", reviewer(session, "甲"))
        keeping.determine(session, profile, program(), AS_OF, reviewer(session, "甲"))
    return enterprise.id


@pytest.fixture
def kept(engine: Engine) -> Engine:
    """Three enterprises: judged, with a name like a formula, not determined."""
    with writing(engine) as session:
        keep(session, program(), sample())
        another(session, FORMULA, {**sample(), "recognitions": []})
        another(session, "乙公司", None)
    return engine


def lines(engine: Engine, measure: str, enterprises: list[int], most: int = 100) -> list[Line]:
    with reading(engine) as session:
        return list(Lines(session, measure, program(), most).of(enterprises))


def workbook(engine: Engine, measure: str, enterprises: list[int], most: int = 100) -> bytes:
    target = io.BytesIO()
    wish = Wish(measure, enterprises, (("结论", "可享受"),), program().pack.version, "受理员", NOW)
    with reading(engine) as session:
        write(session, wish, program(), target, most)
    return target.getvalue()


def rows(data: bytes, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet).to_python()


def test_a_line_says_what_the_case_says(kept: Engine) -> None:
    """Of every measure, though only one is evaluated for a line."""
    pack = program().pack
    with reading(kept) as session:
        row = session.get_one(DeterminationRow, 1)
        findings = [session.get_one(keeping.FindingRow, number) for number in row.findings]
        profile = session.get_one(ProfileVersion, row.profile_id)
        data = keeping.with_findings(profile.data or {}, findings)
    told = summarise(screen(profile_of(data, pack.vocabulary, pack.tables), pack, as_of=AS_OF), pack)
    for line in told.lines[44:62]:
        (made,) = lines(kept, line.result.measure, [1])
        assert (made.group, made.reason) == (GROUPS[line.group], line.reason)
        assert made.calculation == "；".join(line.result.calculation)
        ends = line.result.amount_range_yuan if line.group in ("eligible", "pending") else None
        assert (made.low, made.high) == (ends or (None, None))
        assert (made.key, made.division, made.as_of, made.version) == ("91131000MA0000000X", "廊坊市固安县", AS_OF, pack.version)


def test_findings_are_told_where_the_measure_asks_for_them(kept: Engine) -> None:
    assert lines(kept, JUDGED, [1])[0].findings == "属于龙头企业：成立（审核员甲，2017-06-01，复核审核员乙）"
    assert lines(kept, AWARD, [1])[0].findings == ""


def test_people_are_masked(engine: Engine) -> None:
    """A list leaves the house; who is named on the page of the case is no matter of it."""
    with writing(engine) as session:
        keep(session, program(), sample())
        enterprise = keeping.enterprise_of(session, "k", keeping.Head("甲公司", "110112", None, None))
        profile = keeping.add_profile(session, enterprise, bench.sample(), "form", reviewer(session, "甲"))
        found(session, profile, bench.YOUTH, about=bench.TALENT)
        keeping.determine(session, profile, program(), TODAY, reviewer(session, "甲"))
    (line,) = lines(engine, "tz-outstanding-youth-funding", [2])
    assert line.group == GROUPS["eligible"] and line.reason == "人**"
    assert line.findings == "属于杰出青年（一条记录）：成立（审核员甲，2017-06-01）"


def test_the_order_is_kept_and_who_is_not_determined_is_told(kept: Engine) -> None:
    made = lines(kept, AWARD, [3, 2, 99, 1])
    assert [(line.name, line.group) for line in made] == [
        ("乙公司", "还没有对照"), (FORMULA, GROUPS["ineligible"]), (sample()["name"], GROUPS["eligible"]),
    ]  # fmt: skip


def test_only_so_many_are_explained(kept: Engine) -> None:
    made = lines(kept, AWARD, [1, 2], most=1)
    assert [(line.explained, bool(line.reason)) for line in made] == [(True, True), (False, False)]
    assert [line.group for line in made] == [GROUPS["eligible"], GROUPS["ineligible"]]
    told = dict(rows(workbook(kept, AWARD, [1, 2], most=1), "说明"))
    assert told["理由"].startswith("前 1 家写了算法和决定性的理由，其余 1 家没有写")
    assert "理由" not in dict(rows(workbook(kept, AWARD, [1, 2]), "说明"))


def test_a_changed_verdict_is_said_in_its_line(kept: Engine) -> None:
    with writing(kept) as session:
        row = session.get_one(DeterminationRow, 1)
        row.verdicts = row.verdicts.replace("E", "N")
    assert lines(kept, AWARD, [1])[0].reason == "重新推出的结论与保存的不同，请在审计页面核对"


def test_the_workbook_says_how_it_was_made_and_has_no_formula(kept: Engine) -> None:
    data = workbook(kept, AWARD, [1, 2, 3])
    head, *listed = rows(data, "名单")
    assert head == list(HEADS) and [row[1] for row in listed] == [sample()["name"], FORMULA, "乙公司"]
    assert listed[0][6:8] == [100000.0, 100000.0] and listed[1][6:8] == ["", ""]
    told = rows(data, "说明")
    spec = program().pack.measure(AWARD).spec
    assert ["措施", f"{spec.title}（{AWARD}）"] in told and ["筛选：结论", "可享受"] in told and ["家数", 3.0] in told
    assert [row[1] for row in told if row[0] == "原文"] == spec.cite
    assert ["其中：可享受", 1.0] in told and ["现行规则版本", program().pack.version] in told
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
    assert not any("<f>" in sheet or "<hyperlink" in sheet for sheet in sheets)
    assert "<autoFilter" in sheets[0] and 'state="frozen"' in sheets[0]


@pytest.mark.parametrize(
    ("amount", "cell"),
    [
        (None, None), ("100000", 100000.0), ("99999.999", 99999.999), ("0", 0.0), ("1000000000000000000", 1e18),
        ("1234567890123456", "1234567890123456"), ("99999999999999.99", "99999999999999.99"),
    ],
)  # fmt: skip
def test_a_cell_keeps_an_amount_exactly(amount: str | None, cell: float | str | None) -> None:
    assert amount_cell(amount) == cell
