"""The quantified measures of Langfang 2016 and Daxing 2021 as a person would write them in plain Python.

A peer for the screening benchmark: same verdicts and amounts on plain dictionaries, no explanation, no citation,
nothing that a policy officer could read or change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

Truth = bool | None
Row = dict[str, Any]
Outcome = tuple[str, Fraction | int, Fraction | int | None]
START, END = date(2016, 1, 1), date(2018, 12, 31)
DAXING = date(2021, 4, 12), date(2023, 12, 31)
ALLIANCES = {"national": 300_000, "provincial": 200_000, "prefecture": 100_000}
CAP_YEAR = 100_000


def is_in(value: Any, *options: Any) -> Truth:
    return None if value is None else value in options


def inside(code: str | None, *areas: str) -> Truth:
    if code is None:
        return None
    if any(code.startswith(area) for area in areas):
        return True
    return None if any(area.startswith(code) for area in areas) else False


def between(day: date | None, first: date, last: date) -> Truth:
    return None if day is None else first <= day <= last


def both(*truths: Truth) -> Truth:
    if False in truths:
        return False
    return None if None in truths else True


def either(*truths: Truth) -> Truth:
    if True in truths:
        return True
    return None if None in truths else False


def of_level(row: Row, tier: str, issuer: str) -> Truth:
    return both(is_in(row.get("tier"), tier), is_in(row.get("issuer"), issuer))


def fresh(row: Row, as_of: date) -> Truth:
    received = row.get("award_received") is True
    return both(between(row.get("issued"), START, min(END, as_of)), not received)


def base(row: Row, as_of: date) -> Truth:
    kind = is_in(row.get("kind"), "collaborative_innovation_base")
    return both(kind, of_level(row, "prefecture", "1310"), fresh(row, as_of))


def alliance(tier: str) -> Callable[[Row, date], Truth]:
    def test(row: Row, as_of: date) -> Truth:
        level = {
            "national": is_in(row.get("tier"), "national"),
            "provincial": of_level(row, "provincial", "13"),
            "prefecture": of_level(row, "prefecture", "1310"),
        }[tier]
        place = True if tier == "prefecture" else inside(row.get("place"), "1310")
        return both(is_in(row.get("kind"), "alliance"), level, place, fresh(row, as_of))

    return test


def town(row: Row, as_of: date) -> Truth:
    issued = row.get("issued")
    recognised = issued is None or issued <= as_of
    kind = is_in(row.get("kind"), "tech_town")
    return both(kind, of_level(row, "provincial", "13"), inside(row.get("place"), "1310"), recognised)


def institution(row: Row, as_of: date) -> Truth:
    kind = row.get("kind")
    stated = is_in(kind, "tech_transfer_institution", "tech_trading_institution")
    named = either(stated, None if kind == "other_transfer_service_institution" else stated)
    city = of_level(row, "prefecture", "1310")
    level = either(city, of_level(row, "provincial", "13"), is_in(row.get("tier"), "national"))
    return both(named, level, either(city, inside(row.get("place"), "1310")), fresh(row, as_of))


def per_record(rows: list[Row] | None, test: Callable[[Row, date], Truth], amount: int, as_of: date) -> Outcome:
    if rows is None:
        return "undetermined", 0, None
    truths = [test(row, as_of) for row in rows]
    for wanted, verdict in ((True, "eligible"), (None, "undetermined")):
        if wanted in truths:
            total = amount * truths.count(wanted)
            return verdict, total if wanted else 0, total
    return "ineligible", 0, 0


def capped(total: int) -> Fraction:
    return min(Fraction(total, 1000), Fraction(CAP_YEAR))


def commission(profile: Row, as_of: date) -> Outcome:
    def counts(row: Row) -> Truth:
        return both(
            is_in(row.get("brokered"), True),
            is_in(row.get("transfers_result"), True),
            is_in(row.get("transferor_kind"), "university", "research_institute"),
            inside(row.get("transferor_division"), "11", "12"),
            is_in(row.get("recipient_kind"), "company"),
            inside(row.get("recipient_division"), "1310"),
            between(row.get("date"), START, min(END, as_of)),
        )

    kinds, rows = profile.get("applicant_kinds"), profile.get("contracts")
    years = range(START.year, min(END, as_of).year + 1)
    truths = [counts(row) for row in rows] if rows is not None else None
    verdict = both(None if kinds is None else "intermediary" in kinds, None if truths is None else either(*truths))
    if verdict is False:
        return "ineligible", 0, 0
    if rows is None or truths is None:
        return "undetermined", 0, CAP_YEAR * len(years)
    sure, most, undated = dict.fromkeys(years, 0), dict.fromkeys(years, 0), 0
    for row, truth in zip(rows, truths, strict=True):
        if truth is False:
            continue
        if row.get("date") is None:
            undated += row["amount"]
            continue
        most[row["date"].year] += row["amount"]
        if truth:
            sure[row["date"].year] += row["amount"]
    low = sum((capped(total) for total in sure.values()), start=Fraction(0))
    settled = sum((capped(total) for total in most.values()), start=Fraction(0))
    high = settled + min(Fraction(undated, 1000), CAP_YEAR * len(years) - settled)
    return ("eligible", low, high) if verdict else ("undetermined", 0, high)


def matching(rows: list[Row] | None, as_of: date) -> Outcome:
    if not DAXING[0] <= as_of <= DAXING[1]:
        return "not_in_force", 0, 0
    if rows is None:
        return "undetermined", 0, None
    low: Fraction | int = 0
    high: Fraction | int | None = 0
    best: Truth = False
    for row in rows:
        award = row.get("municipal_award")
        truth = both(
            is_in(row.get("programme_kind"), "talent_introduction"),
            is_in(row.get("programme_tier"), "national", "beijing"),
            between(row.get("selected_on"), DAXING[0], min(DAXING[1], as_of)),
            inside(row.get("work_division"), "110115"),
            None if award is None else award > 0,
        )
        if truth and not best:
            best, low, high = True, 0, 0
        if truth and award is not None:
            low, high = low + award, (high or 0) + award
        elif truth is None and best is not True:
            best = None
            high = None if award is None or high is None else high + award
    return ("eligible", low, high) if best else ("undetermined", 0, high) if best is None else ("ineligible", 0, 0)


def screen(profile: Row, as_of: date) -> dict[str, Outcome]:
    """Verdict and range for each measure."""
    outcomes = {"dx21-talent-programme-1to1-match": matching(profile.get("talents"), as_of)}
    rows = profile.get("recognitions")
    tests = {
        "lf16-city-collaborative-innovation-base-award": (base, 100_000),
        "lf16-industry-tech-innovation-alliance-national": (alliance("national"), ALLIANCES["national"]),
        "lf16-industry-tech-innovation-alliance-provincial": (alliance("provincial"), ALLIANCES["provincial"]),
        "lf16-industry-tech-innovation-alliance-city": (alliance("prefecture"), ALLIANCES["prefecture"]),
        "lf16-provincial-tech-town-support": (town, 500_000),
        "lf16-tech-transfer-trading-institution-award": (institution, 100_000),
    }
    in_force = START <= as_of <= END
    for measure, (test, amount) in tests.items():
        outcomes[measure] = per_record(rows, test, amount, as_of) if in_force else ("not_in_force", 0, 0)
    name = "lf16-intermediary-jingjin-to-langfang-commission-award"
    outcomes[name] = commission(profile, as_of) if in_force else ("not_in_force", 0, 0)
    return outcomes
