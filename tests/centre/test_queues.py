"""Addresses of queues: what they ask for, written back with something changed; the overview's order. No database."""

from __future__ import annotations

from datetime import date

import pytest

from engine import load_pack
from engine.pack import Pack
from web.centre.queues.asked import asked
from web.centre.queues.overview import overview
from web.centre.roll.query import Query
from web.centre.roster import GROUPS

MEASURE = "tz-outstanding-youth-funding"


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack()


def test_an_address_says_what_is_asked_for(pack: Pack) -> None:
    told = {
        "measure": MEASURE, "group": "facts", "q": "  云智\u3000 a ", "division": "110112", "industry": "I65", "size": "small",
        "least": "10万元", "most": "99.5", "judgement": "j", "assignee": "me", "sort": "division", "down": "1", "page": "3", "x": "y",
    }  # fmt: skip
    found = asked(told, pack, 7)
    assert found.problems == {} and found.page == 3
    assert found.query == Query(
        measure=MEASURE, group="facts", division="110112", industry="I65", size="small", at_least=100_000, at_most=99,
        judgement="j", assignee=7, text="云智 a", sort="division", descending=True,
    )  # fmt: skip
    # Written back it asks for the same; whatever changes, the pages begin anew.
    assert asked(found.address(page=3), pack, 7) == found
    assert found.address(q=None) == {name: value for name, value in found.told.items() if name not in ("q", "page")}


@pytest.mark.parametrize(
    ("told", "sort", "after"),
    [
        ({}, "name", {"sort": "name", "down": "1"}),
        ({"sort": "name", "down": "1"}, "name", {"sort": "name"}),
        ({"sort": "name", "page": "4"}, "amount", {"sort": "amount"}),
        ({"sort": "amount"}, "amount", {"sort": "amount", "down": "0"}),
        ({"sort": "amount", "down": "0"}, "amount", {"sort": "amount"}),
        ({"measure": MEASURE}, "since", {"measure": MEASURE, "sort": "since", "down": "1"}),
    ],
)
def test_a_column_sorts_and_turns_round(pack: Pack, told: dict[str, str], sort: str, after: dict[str, str]) -> None:
    """Amounts begin with the largest, everything else with the first or the oldest."""
    assert asked(told, pack, 1).sorted_by(sort) == after  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["abc", "十几万", "10万-20万", "-5", "100美元", "1e9999"])
def test_an_amount_is_one_figure(pack: Pack, text: str) -> None:
    found = asked({"least": text}, pack, 1)
    assert found.query.at_least is None and found.problems["least"].endswith("请写一个金额，例如 10万元。")


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "²"])
def test_a_page_is_a_number(pack: Pack, page: str) -> None:
    assert asked({"page": page}, pack, 1).page == 1


def test_the_overview_has_every_measure_once(pack: Pack) -> None:
    counts = {measure.id: dict.fromkeys(GROUPS, 0) for measure in pack.measures}
    counts[MEASURE]["pending"] = 2
    sheets = overview(counts, pack, date(2026, 11, 22))
    assert [(sheet.document.id, sheet.current) for sheet in sheets] == [
        ("daxing-2025", True),
        ("zgc-2024", True),
        ("tongzhou-2024", True),
        ("daxing-2021", False),
        ("langfang-2016", False),
    ]
    assert [tally.measure.id for sheet in sheets for tally in sheet.lively] == [MEASURE]
    assert sorted(tally.measure.id for sheet in sheets for tally in (*sheet.lively, *sheet.rest)) == sorted(counts)
