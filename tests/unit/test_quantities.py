"""Every way of writing a quantity that we accept gives the exact value; what is doubtful is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quantities import (
    LIMIT,
    Kind,
    QuantityError,
    decimal_string,
    format_count,
    format_date,
    format_money,
    format_ratio,
    format_span,
    is_missing_word,
    parse_count,
    parse_date,
    parse_money,
    parse_ratio,
)
from engine.spans import Number, Span

WAN, YI = 10**4, 10**8
PARSERS: dict[Kind, Callable[[Any], Span]] = {
    "money": parse_money,
    "count": parse_count,
    "ratio": parse_ratio,
    "date": parse_date,
}

SLOW_START = settings(deadline=None)  # the first Chinese numeral loads cn2an
fen = st.integers(-LIMIT * 100 + 1, LIMIT * 100 - 1).map(lambda n: Fraction(n, 100))
small_fen = st.integers(-(10**9), 10**9).map(lambda n: Fraction(n, 100))


def chinese(number: int) -> str:
    """Below 10**16, as it is read aloud. Written apart from cn2an, which it checks."""
    for scale, name in ((YI, "亿"), (WAN, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= scale:
            head, rest = divmod(number, scale)
            gap = "零" if 0 < rest < scale // 10 else ""
            return chinese(head) + name + gap + (chinese(rest) if rest else "")
    return "零一二三四五六七八九"[number]


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("1.2亿", 12 * 10**7),
        ("500万元", 500 * WAN),
        ("500万", 500 * WAN),
        ("1,000万元", 1000 * WAN),
        ("1000(万元)", 1000 * WAN),
        ("1,000(万元人民币)", 1000 * WAN),
        ("１，０００（万元）", 1000 * WAN),
        ("100万元人民币", 100 * WAN),
        ("3万人民币元", 3 * WAN),
        ("人民币500万元", 500 * WAN),
        ("500万RMB", 500 * WAN),
        ("¥500", 500),
        ("￥1,234.56", Fraction(123456, 100)),
        ("12元", 12),
        ("1亿2000万", 12000 * WAN),
        ("1亿2千万", 12000 * WAN),
        ("1万5000", 15000),
        ("1万亿", 10**12),
        ("50w", 50 * WAN),
        ("3千万元", 3000 * WAN),
        ("三百万元", 300 * WAN),
        ("壹佰万元整", 100 * WAN),
        ("两千五百万", 2500 * WAN),
        ("一点二〇五亿", 12050 * WAN),
        ("一亿二千万", 12000 * WAN),
        ("-120.5万元", -1205000),
        ("－120.5万元", -1205000),
        ("负五百万", -500 * WAN),
        (" 500\u3000万\xa0元 ", 500 * WAN),
        ("0.01", Fraction(1, 100)),
        (5, 5),
        (-5, -5),
        (Decimal("99999.99"), Fraction(9999999, 100)),
        (Decimal("0E-999999999"), 0),
    ],
)
def test_money(text: str | int | Decimal, yuan: Number) -> None:
    assert parse_money(text) == Span.exactly(yuan)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2000-5000万", Span(2000 * WAN, 5000 * WAN)),
        ("2000万-5000万", Span(2000 * WAN, 5000 * WAN)),
        ("大约2000-5000万", Span(2000 * WAN, 5000 * WAN)),
        ("2000万至5000万左右", Span(2000 * WAN, 5000 * WAN)),
        ("2000~5000万", Span(2000 * WAN, 5000 * WAN)),
        ("2000～5000万", Span(2000 * WAN, 5000 * WAN)),
        ("2000——5000万", Span(2000 * WAN, 5000 * WAN)),
        ("¥2000-5000万", Span(2000 * WAN, 5000 * WAN)),
        ("2000-5000(万元)", Span(2000 * WAN, 5000 * WAN)),
        ("两千至五千万", Span(2000 * WAN, 5000 * WAN)),
        ("2-3千万", Span(2000 * WAN, 3000 * WAN)),
        ("2000元-5000万", Span(2000, 5000 * WAN)),
        ("2000人民币-5000万", Span(2000, 5000 * WAN)),
        ("1万-50000", Span(WAN, 5 * WAN)),
        ("3-5", Span(3, 5)),
        ("-5-3", Span(-5, 3)),
        ("-500--200万", Span(-500 * WAN, -200 * WAN)),
        ("从2000万到5000万之间", Span(2000 * WAN, 5000 * WAN)),
        ("不超过2亿", Span(None, 2 * YI)),
        ("不高于2亿", Span(None, 2 * YI)),
        ("至多2亿", Span(None, 2 * YI)),
        ("≤2亿", Span(None, 2 * YI)),
        ("<=2亿", Span(None, 2 * YI)),
        ("2亿以内", Span(None, 2 * YI)),
        ("低于2亿", Span(None, 2 * YI, high_open=True)),
        ("2亿以下", Span(None, 2 * YI, high_open=True)),
        ("2亿及以下", Span(None, 2 * YI)),
        ("不少于2亿", Span(2 * YI, None)),
        ("不低于2亿", Span(2 * YI, None)),
        ("至少2亿", Span(2 * YI, None)),
        ("≥2亿", Span(2 * YI, None)),
        ("2亿以上", Span(2 * YI, None)),
        ("超过2亿", Span(2 * YI, None, low_open=True)),
        ("大于2亿", Span(2 * YI, None, low_open=True)),
        ("高于2亿", Span(2 * YI, None, low_open=True)),
        ("＞2亿", Span(2 * YI, None, low_open=True)),
        ("2000以上5000万以下", Span(2000 * WAN, 5000 * WAN, high_open=True)),
        ("2000万（含）以上，5000万（不含）以下", Span(2000 * WAN, 5000 * WAN, high_open=True)),
        ("大于2000万且不超过1,000,000,000元", Span(2000 * WAN, 10**9, low_open=True)),
        ("不低于100万不足200万", Span(100 * WAN, 200 * WAN, high_open=True)),
    ],
)
def test_money_ranges(text: str, span: Span) -> None:
    assert parse_money(text) == span


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            (f"100万{name}", "currency")
            for name in ("美元", "港币", "港元", "欧元", "日元", "英镑", "USD", "hkd")
        ),
        ("$100", "currency"),
        ("EUR 5", "currency"),
        ("0.001", "precision"),
        (Decimal("0.001"), "precision"),
        ("1.23456789万", "precision"),
        (LIMIT, "magnitude"),
        ("10000000亿亿", "syntax"),
        ("10000000000亿", "magnitude"),
        (-LIMIT, "magnitude"),
        (Decimal("1E+999999"), "magnitude"),
        (Decimal("1E-999999"), "magnitude"),
        (Decimal("NaN"), "type"),
        (Decimal("-Infinity"), "type"),
        (True, "type"),
        (1.5, "type"),
        (None, "type"),
        ([1], "type"),
        ("NaN", "missing"),
        ("", "missing"),
        ("Infinity", "syntax"),
        ("无", "syntax"),
        ("1e6", "syntax"),
        ("约500万", "approximate"),
        ("500万左右", "approximate"),
        ("500多万", "approximate"),
        ("近500万", "approximate"),
        ("几百万", "approximate"),
        ("约500万以上", "approximate"),
        ("5000-2000万", "reversed"),
        ("8000-1万", "reversed"),
        ("大于2万且小于1万", "reversed"),
        ("5千-8千万", "unit"),
        ("1-1亿2000万", "unit"),
        ("1 000万", "spacing"),
        ("500 600", "spacing"),
        ("9" * 5000, "length"),
        *(
            (text, "syntax")
            for text in [
                "1亿5000",
                "1万5",
                "1.2亿5000万",
                "1亿2亿",
                "一亿二",
                "一亿二千",
                "三四百",
                "三百五",
                "一零五",
                "1,00",
                "1,0000",
                "1.5.2",
                ".5万",
                "5.",
                "(500)",
                "500万/年",
                "500万,600万",
                "2000-",
                "2000-5000-6000",
                "百万",
                "10²",
                "①万",
                "٣万",
                "5¥3",
                "不超过50万以下",
                "--5",
                "万",
                "元",
                "达到5万",
            ]
        ),
    ],
)
def test_money_refused(text: Any, code: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_money(text)
    assert caught.value.code == code
    assert caught.value.hint
    for line in (caught.value.message, caught.value.hint):
        assert "\n" not in line and len(line) < 90
        assert not any(name in line for name in ("Decimal", "None", "str", "int", "float", "Fraction"))


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("50人", Span.exactly(50)),
        ("５０ 人", Span.exactly(50)),
        ("1.2万人", Span.exactly(12000)),
        ("三十", Span.exactly(30)),
        ("-5", Span.exactly(-5)),
        ("100-499人", Span(100, 499)),
        ("1,000-2,000人", Span(1000, 2000)),
        ("1-2万人", Span(10000, 20000)),
        ("小于50人", Span(None, 49)),
        ("不足50人", Span(None, 49)),
        ("少于50", Span(None, 49)),
        ("<50", Span(None, 49)),
        ("50人以下", Span(None, 49)),
        ("50人及以下", Span(None, 50)),
        ("50人以上", Span(50, None)),
        ("超过50人", Span(51, None)),
        ("300人以上1000人以下", Span(300, 999)),
        ("大于5小于7", Span.exactly(6)),
        (Decimal("5.0"), Span.exactly(5)),
    ],
)
def test_counts(text: str | Decimal, span: Span) -> None:
    assert parse_count(text) == span


def test_counts_refused_and_units() -> None:
    for text, code in (("12.5人", "integer"), (Decimal("1.5"), "integer"), ("大于5小于6", "reversed")):
        with pytest.raises(QuantityError) as caught:
            parse_count(text)
        assert caught.value.code == code
    assert (
        parse_count("12个月", "个月")
        == parse_count("12", "月")
        == parse_count("12名", "人")
        == Span.exactly(12)
    )
    with pytest.raises(QuantityError):
        parse_count("12家", "人")


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("5%", Fraction(1, 20)),
        ("５．５％", Fraction(11, 200)),
        ("1‰", Fraction(1, 1000)),
        ("0.05", Fraction(1, 20)),
        (Decimal("0.05"), Fraction(1, 20)),
        ("百分之五", Fraction(1, 20)),
        ("百分之零点五", Fraction(1, 200)),
        ("千分之一", Fraction(1, 1000)),
        ("万分之五", Fraction(1, 2000)),
        ("三分之一", Fraction(1, 3)),
        ("1/3", Fraction(1, 3)),
        ("1:1", 1),
        ("1：2", Fraction(1, 2)),
        ("150%", Fraction(3, 2)),
        ("-5%", Fraction(-1, 20)),
        (0, 0),
    ],
)
def test_ratios(text: str | int | Decimal, ratio: Number) -> None:
    assert parse_ratio(text) == Span.exactly(ratio)


def test_ratio_ranges() -> None:
    assert parse_ratio("5-10%") == parse_ratio("5%至10%") == Span(Fraction(1, 20), Fraction(1, 10))
    assert parse_ratio("百分之五至百分之十") == Span(Fraction(1, 20), Fraction(1, 10))
    assert parse_ratio("3%以上") == Span(Fraction(3, 100), None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5", "unit"),
        (1, "unit"),
        ("五至百分之十", "unit"),
        ("1:0", "syntax"),
        ("%", "syntax"),
        ("约5%", "approximate"),
    ],
)
def test_ratios_refused(text: str | int, code: str) -> None:
    with pytest.raises(QuantityError) as caught:
        parse_ratio(text)
    assert caught.value.code == code


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


def test_missing_words() -> None:
    for word in [
        "-",
        "--",
        "—",
        "——",
        "－",
        "/",
        "//",
        "N/A",
        "n/a",
        "nan",
        "NULL",
        "暂无",
        "不详",
        "不清楚",
        "未知",
        "",
        "  ",
        "\u3000",
    ]:
        assert is_missing_word(word), word
    for word in ("无", "没有", "0", "零", "-5", "暂无人员"):
        assert not is_missing_word(word), word


@given(fen)
def test_formatted_money_reads_back(amount: Fraction) -> None:
    assert parse_money(format_money(amount)) == Span.exactly(amount)
    assert parse_money(decimal_string(amount)) == Span.exactly(amount)


@given(small_fen, st.sampled_from([("", 1), ("元", 1), ("万", WAN), ("万元", WAN), ("亿元", YI)]), st.data())
def test_renderings_give_the_exact_number(
    figure: Fraction, unit: tuple[str, int], data: st.DataObject
) -> None:
    grouped = data.draw(st.booleans())
    text = format(Decimal(figure.numerator) / figure.denominator, ",f" if grouped else "f") + unit[0]
    before, after = data.draw(
        st.sampled_from([("", ""), ("人民币", ""), ("", "人民币"), ("¥", ""), (" ", "\xa0")])
    )
    text = before + text + after
    assert parse_money(text) == Span.exactly(figure * unit[1])
    assert parse_money(full_width(text)) == parse_money(text)


@given(st.integers(0, 10**16 - 1) | st.integers(0, 10**6))
@SLOW_START
def test_chinese_numerals(number: int) -> None:
    assert parse_money(chinese(number) + "元") == Span.exactly(number)


@given(st.integers(0, 9999), st.text("零一二三四五六七八九", min_size=1, max_size=6), st.sampled_from("万亿"))
@SLOW_START
def test_chinese_decimals(whole: int, decimals: str, unit: str) -> None:
    digits = "".join(str("零一二三四五六七八九".index(sign)) for sign in decimals)
    expected = Fraction(f"{whole}.{digits}") * {"万": WAN, "亿": YI}[unit]
    assert parse_money(f"{chinese(whole)}点{decimals}{unit}") == Span.exactly(expected)


@given(st.integers(1, 9000), st.integers(1, 999), st.sampled_from(["", "元", "万", "万元", "亿"]))
def test_the_right_unit_holds_for_the_left_end(low: int, more: int, unit: str) -> None:
    for sign in ("-", "~", "至", "到", "—", "～"):
        text = f"{low}{sign}{low + more}{unit}"
        assert parse_money(text) == parse_money(f"{low}{unit}{sign}{low + more}{unit}")
        assert parse_money(text) == parse_money(full_width(text))


@given(st.integers(-(10**12), 10**12) | st.fractions(-3, 3, max_denominator=10**4))
def test_ratios_read_back(ratio: Number) -> None:
    text = format_ratio(ratio)
    assert text.startswith("约") or parse_ratio(text) == Span.exactly(ratio)


days = st.dates(date(1900, 1, 1), date(2999, 12, 31))


@given(st.sampled_from(["money", "count", "ratio", "date"]), st.data())
def test_spans_read_back(kind: Kind, data: st.DataObject) -> None:
    values: dict[Kind, st.SearchStrategy[Any]] = {
        "money": small_fen,
        "count": st.integers(-10, 10**7),
        "ratio": st.integers(-3000, 3000).map(lambda n: Fraction(n, 1000)),
        "date": days,
    }
    low, high = sorted(data.draw(st.tuples(values[kind], values[kind])))
    low_open, high_open = data.draw(st.tuples(st.booleans(), st.booleans()))
    for span in (Span(low, None, low_open), Span(None, high, False, high_open), Span(low, high)):
        closed = span.closed() if kind in ("count", "date") else span
        assert PARSERS[kind](format_span(span, kind, "人" if kind == "count" else "")) == closed
    if low < high and kind in ("money", "ratio"):
        span = Span(low, high, low_open, high_open)
        assert PARSERS[kind](format_span(span, kind)) == span


@given(days)
def test_dates_read_back(day: date) -> None:
    texts = [format_date(day), day.isoformat(), f"{day:%Y%m%d}", f"{day.year}/{day.month}/{day.day}"]
    assert {parse_date(text) for text in texts} == {Span.exactly(day)}
    month = parse_date(f"{day.year}年{day.month}月")
    assert month.contains(day)
    assert isinstance(month.high, date) and (month.high + timedelta(1)).day == 1


@given(st.text(max_size=12) | st.text("0123456789,.-至到~万亿千元%年月日人约以上下不超过 ", max_size=12))
@SLOW_START
def test_only_quantity_errors(text: str) -> None:
    for parse in PARSERS.values():
        try:
            span = parse(text)
        except QuantityError as error:
            assert "\n" not in error.message
        else:
            assert isinstance(span, Span)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (100_000, "10万元"),
        (120_000_000, "1.2亿元"),
        (99_999, "9.9999万元"),
        (Fraction(99_999_999, 1000), "99,999.999元"),
        (9_999, "9,999元"),
        (Fraction(-1, 2), "-0.5元"),
        (0, "0元"),
        (Fraction(100, 3), "约33.33元"),
    ],
)
def test_money_for_people(amount: Number, text: str) -> None:
    assert format_money(amount) == text


def test_other_formats_for_people() -> None:
    assert format_count(1000, "人") == "1,000人"
    assert format_ratio(Fraction(1, 20)) == "5%" and format_ratio(Fraction(1, 1000)) == "1‰"
    assert format_ratio(Fraction(1, 3)) == "约33.33%" and format_ratio(0) == "0%"
    assert format_date(date(2023, 11, 30)) == "2023年11月30日"
    assert format_span(Span(2000 * WAN, 5000 * WAN), "money") == "2000万元至5000万元"
    assert format_span(Span(None, 50, high_open=True), "count", "人") == "小于50人"
    assert format_span(Span(50, None), "count", "人") == "不少于50人"
    assert format_span(Span(5, None), "money") == "不低于5元"
    assert format_span(Span.exactly(5), "money") == "5元"
    assert format_span(Span(None, date(2023, 1, 1)), "date") == "不晚于2023年1月1日"
    assert format_span(Span(None, None), "money") == "不确定"
