"""The picture of validity: places on the scale, phases, and the words that say the same."""

from __future__ import annotations

from datetime import date

import pytest

from engine.documents import Document, Validity
from engine.loader import load_pack
from web.site.timeline import Bar, timeline

BASE = next(iter(load_pack().documents.values())).document


def document(start: str, end: str | None) -> Document:
    """A document valid between these days."""
    span = Validity.model_validate({"from": start, "to": end, "basis": "stated"})
    return BASE.model_copy(update={"validity": span})


def bar(start: str, end: str | None, as_of: str) -> Bar:
    """The only bar of a timeline."""
    [found] = timeline([document(start, end)], date.fromisoformat(as_of)).bars
    return found


@pytest.mark.parametrize(
    "as_of, phase, visit",
    [
        ("2020-12-31", "later", date(2021, 1, 1)),
        ("2021-01-01", "current", None),
        ("2022-12-31", "current", None),
        ("2023-01-01", "over", date(2022, 12, 31)),
    ],
)
def test_both_ends_count(as_of: str, phase: str, visit: date | None) -> None:
    found = bar("2021-01-01", "2022-12-31", as_of)
    assert (found.phase, found.visit) == (phase, visit)


def test_whole_years_fill_the_scale() -> None:
    found = timeline([document("2021-01-01", "2022-12-31")], date(2022, 1, 1))
    assert (found.bars[0].left, found.bars[0].width) == (0, 100)
    assert found.ticks == ((2021, 0), (2022, 50))
    assert found.at == 50


def test_no_end_reaches_to_the_edge() -> None:
    found = bar("2021-07-02", None, "2024-03-01")
    assert found.open_ended
    assert found.left + found.width == 100
    assert found.words == "2021年7月2日起，未规定终止日"


def test_bars_lie_within_the_scale_in_order_of_their_beginning() -> None:
    documents = [file.document for file in load_pack().documents.values()]
    for as_of in (date.min, date(1999, 1, 1), date(2016, 1, 1), date(2026, 11, 22), date(2044, 12, 31), date.max):
        found = timeline(documents, as_of)
        starts = [item.document.validity.start for item in found.bars]
        assert starts == sorted(starts)
        assert len(found.ticks) <= 7
        assert 0 <= found.at <= 100
        for item in found.bars:
            assert 0 <= item.left < item.left + item.width <= 100.01
