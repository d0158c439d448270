"""Looking ahead says what evaluating each day says; by columns and one by one it says the same in the same words."""

from __future__ import annotations

from datetime import date
from functools import cache
from random import Random
from typing import Any

import pytest

from engine.assessment import decide
from engine.compiler import compile_pack
from engine.diagnostics import InputError
from engine.loader import load_pack
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from tests.centre.watching.applicants import ANNUAL, enterprise, expiring
from tests.conformance.profiles import Profiles
from web.centre.intake import head_of
from web.centre.outcomes import Outcome, outcome_of
from web.centre.watching import ahead, evaluating
from web.centre.watching.ahead import DAY, OVER, Ahead, Look, is_lost

TODAY, TO = date(2026, 12, 5), date(2027, 1, 2)
DAXING = enterprise("戊", registered_division="北京市大兴区", operating_division="北京市大兴区")


@cache
def program() -> Program:
    return compile_pack(load_pack())


def outcome(data: dict[str, Any], day: date) -> Outcome:
    pack = program().pack
    return outcome_of(decide(program(), profile_of(data, pack.vocabulary, pack.tables), day, ReferenceSolver())[1])


def readable(data: dict[str, Any]) -> bool:
    try:
        profile_of(data, program().pack.vocabulary, program().pack.tables)
    except InputError:
        return False
    return True


@cache
def told() -> tuple[dict[str, Any], ...]:
    """Some made for this, some at random, near the end of what is in force."""
    made = [enterprise("甲"), expiring("乙", "2026-12-10"), expiring("丙", "2026-12-31"), enterprise("丁", annuals=[]), DAXING]
    pack, rng = program().pack, Random(7)
    drawn = Profiles(pack, 7)
    live = [measure for measure in pack.measures if measure.document in ("zgc-2024", "tongzhou-2024", "daxing-2025")]
    chance = (drawn.profile(date(2026, 12, 5), rng.choice(live), 0.2) for _ in range(40))
    return tuple(made + [data for data in chance if readable(data)][:6])


def by_hand(data: dict[str, Any]) -> tuple[Outcome, date, list[tuple[str, str, str, date]]]:
    """Day by day."""
    first, until = outcome(data, TODAY), TO
    ids = [measure.id for measure in program().pack.measures]
    well = {id: letter for id, letter in zip(ids, first.verdicts, strict=True) if letter in "EP"}
    losses, day = [], TODAY
    while (day := day + DAY) <= TO:
        now = outcome(data, day)
        if until == TO and now != first:
            until = day - DAY
        for id, after in zip(ids, now.verdicts, strict=True):
            if id in well and is_lost(well[id], after):
                before = well.pop(id)
                losses += [(id, before, after, day - DAY)] if after != OVER else []
    return first, until, losses


def plain(look: Look | None) -> tuple[Outcome, date, list[tuple[str, str, str, date]]]:
    assert look is not None
    return look.outcome, look.until, [(loss.measure, loss.before, loss.after, loss.last_day) for loss in look.losses]


def test_looking_ahead_is_evaluating_every_day() -> None:
    looks = Ahead(program()).look(told(), TODAY, TO)
    expected = [by_hand(data) for data in told()]
    assert [plain(look) for look in looks] == expected
    assert sum(len(losses) for _, _, losses in expected) > 5
    assert {loss[3] for _, _, losses in expected for loss in losses} == {date(2026, 12, 10), date(2026, 12, 31)}
    assert any(until < date(2026, 12, 31) for _, until, _ in expected)


def test_together_and_one_by_one_say_the_same_in_the_same_words(monkeypatch: pytest.MonkeyPatch) -> None:
    together = Ahead(program()).look(told(), TODAY, TO)
    monkeypatch.setattr(evaluating, "FEW", 1000)
    alone = Ahead(program()).look(told(), TODAY, TO)
    monkeypatch.setattr(evaluating, "FEW", 0)
    slices = Ahead(program()).look(told(), TODAY, TO)
    assert together == alone == slices


def test_the_last_day_of_a_title_is_the_last_day_of_what_rests_on_it() -> None:
    [look] = Ahead(program()).look([expiring("乙", "2026-12-10")], TODAY, TO)
    assert look is not None and look.until == date(2026, 12, 10)
    lost = {loss.measure: loss.why for loss in look.losses if loss.last_day == date(2026, 12, 10)}
    assert lost["tz-core-hnte-ledger"] == "不满足：持有有效的国家高新技术企业证书"
    assert lost["tz-sme-platform-access"] == "待认定：属于科技企业"


def test_a_size_that_goes_with_the_year_is_looked_at_again_though_no_verdict_changes() -> None:
    """In Shanghai nothing is to be had before or after New Year, but last year's figures are no longer last year's."""
    place = "上海市浦东新区"
    annual = ANNUAL | {"fiscal_year": 2027}
    far = enterprise("己", registered_division=place, operating_division=place, annuals=[annual])
    [look] = Ahead(program()).look([far], date(2028, 12, 5), date(2029, 1, 20))
    assert look is not None
    pack = program().pack
    profile = profile_of(far, pack.vocabulary, pack.tables)
    assert outcome(far, date(2029, 1, 1)) == look.outcome
    assert (look.head.size, head_of(profile, program(), date(2029, 1, 1)).size) == ("small", None)
    assert look.until == date(2028, 12, 31)


def test_a_document_that_ends_is_no_loss_of_an_enterprise() -> None:
    [look] = Ahead(program()).look([enterprise("甲")], TODAY, TO)
    assert look is not None
    ending = {measure.id for measure in program().pack.measures if measure.document == "tongzhou-2024"}
    assert not ending & {loss.measure for loss in look.losses}


def test_what_the_rules_cannot_read_has_no_look() -> None:
    assert [look is None for look in Ahead(program()).look([{"of_old": 1}, enterprise("甲")], TODAY, TODAY)] == [True, False]


def test_a_figure_beyond_columns_is_looked_at_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluating, "FEW", 0)
    large = enterprise("甲", annuals=[{"fiscal_year": 2025, "revenue": f"{10**15}元"}])
    [look] = Ahead(program()).look([large], TODAY, TODAY)
    assert look is not None and look.outcome == outcome(large, TODAY)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [("E", "P", True), ("E", "N", True), ("P", "F", True), ("P", "E", False), ("E", "E", False), ("F", "N", False), ("P", "X", True)],
)
def test_what_is_a_loss(before: str, after: str, lost: bool) -> None:
    assert ahead.is_lost(before, after) is lost
