"""What an address may ask of figures."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from tests.centre.figures.conftest import TODAY, pack
from web.centre.figures.asked import asked

LANGFANG = "lf16-city-collaborative-innovation-base-award"


def test_without_anything_it_is_the_last_year() -> None:
    found, problems = asked({}, pack(), TODAY)
    assert problems == {} and (found.first, found.last) == (date(2025, 11, 23), TODAY)
    assert (found.begins, found.ends) == (datetime(2025, 11, 22, 16), datetime(2026, 11, 22, 16))
    assert found.measures(pack()) == list(pack().measures)


def test_a_measure_of_a_document() -> None:
    found, problems = asked({"document": "langfang-2016", "measure": LANGFANG, "division": "1310"}, pack(), TODAY)
    assert problems == {} and [measure.id for measure in found.measures(pack())] == [LANGFANG]


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"document": "nothing"}, "document"),
        ({"measure": "nothing"}, "measure"),
        ({"document": "zgc-2024", "measure": LANGFANG}, "measure"),
        ({"division": "999999"}, "division"),
        ({"division": "廊坊"}, "division"),
        ({"first": "昨天"}, "first"),
        ({"last": "2026-02-30"}, "last"),
        ({"first": "0001-01-01"}, "first"),
        ({"first": "2026-11-23", "last": "2026-11-22"}, "first"),
    ],
)
def test_what_is_wrong_is_said_and_narrows_nothing(told: dict[str, str], name: str) -> None:
    found, problems = asked(told, pack(), TODAY)
    assert list(problems) == [name] and problems[name].endswith("。")
    assert getattr(found, name) in ("", date(2025, 11, 23), TODAY)
