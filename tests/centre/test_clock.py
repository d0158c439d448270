"""Times are kept in UTC and read in China."""

from __future__ import annotations

from datetime import date, datetime

from web.centre import clock


def test_a_kept_time_is_read_in_china() -> None:
    assert clock.moment(datetime(2026, 11, 22, 9, 5)) == "2026年11月22日 17:05"
    assert clock.moment(datetime(2026, 12, 31, 16, 0)) == "2027年1月1日 00:00"


def test_a_day_begins_eight_hours_before_it_does_in_utc() -> None:
    assert clock.begins(date(2026, 11, 22)) == datetime(2026, 11, 21, 16)
    assert clock.local(clock.begins(date(2026, 11, 22))).date() == date(2026, 11, 22)
