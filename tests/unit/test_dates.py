"""Every way of writing a day, a month or a year that we accept gives its first and last day; what is doubtful is refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.quantities import QuantityError, format_date, parse_date
from engine.spans import Span


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2023年11月30日", "2023-11-30", "2023-11-30"),
        ("2023-11-30", "2023-11-30", "2023-11-30"),
        ("2023/4/3", "2023-04-03", "2023-04-03"),
        ("2023.4.3", "2023-04-03", "2023-04-03"),
        ("20231130", "2023-11-30", "2023-11-30"),
        (20231130, "2023-11-30", "2023-11-30"),
        ("２０２３年 11 月", "2023-11-01", "2023-11-30"),
        ("2024年2月", "2024-02-01", "2024-02-29"),
        ("2023年", "2023-01-01", "2023-12-31"),
        ("2023年度", "2023-01-01", "2023-12-31"),
        ("2023-11", "2023-11-01", "2023-11-30"),
        ("2023-11-30 00:00:00", "2023-11-30", "2023-11-30"),
        ("二〇二三年十一月三十日", "2023-11-30", "2023-11-30"),
        ("二○二三年十二月", "2023-12-01", "2023-12-31"),
        ("2012-09-07至2015-09-07", "2012-09-07", "2015-09-07"),
        ("2012-09-07-2015-09-07", "2012-09-07", "2015-09-07"),
        ("2012.9.7-2015.9.7", "2012-09-07", "2015-09-07"),
        ("2012-2015", "2012-01-01", "2015-12-31"),
        ("2023年3月至5月", "2023-03-01", "2023-05-31"),
        ("2023年3月1日-5日", "2023-03-01", "2023-03-05"),
        ("不早于2023年11月", "2023-11-01", None),
        ("晚于2023年11月", "2023-12-01", None),
        ("早于2023年", None, "2022-12-31"),
        (date(2023, 1, 2), "2023-01-02", "2023-01-02"),
        (datetime(2023, 1, 2, 3), "2023-01-02", "2023-01-02"),
    ],
)
def test_dates(text: str | int | date, low: str | None, high: str | None) -> None:
    first, last = (None if end is None else date.fromisoformat(end) for end in (low, high))
    assert parse_date(text) == Span(first, last)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2023年2月30日", "date"),
        ("2023-13", "date"),
        ("2023-00-00", "date"),
        ("2023年0月", "date"),
        ("0000年", "date"),
        ("2015年至2012年", "reversed"),
        ("2023 11 30", "spacing"),
        ("晚于9999-12-31", "syntax"),
        *(
            (text, "syntax")
            for text in ("202311", "45260", "23年", "2023年底", "长期", "2023年至今", "11月30日")
        ),
        (1.5, "type"),
        (True, "type"),
        (None, "type"),
        ("暂无", "missing"),
    ],
)
def test_dates_refused(text: Any, code: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_date(text)
    assert caught.value.code == code


@given(st.dates(date(1900, 1, 1), date(2999, 12, 31)))
def test_dates_read_back(day: date) -> None:
    texts = [format_date(day), day.isoformat(), f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}"]
    assert {parse_date(text) for text in texts} == {Span.exactly(day)}
    month = parse_date(f"{day.year}年{day.month}月")
    assert month.contains(day)
    assert isinstance(month.high, date) and (month.high + timedelta(1)).day == 1
