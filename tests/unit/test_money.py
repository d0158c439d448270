"""Every way of writing an amount of money that we accept gives the exact value; what is doubtful is refused."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quantities import LIMIT, QuantityError, decimal_string, format_money, parse_money
from engine.spans import Number, Span

WAN, YI = 10**4, 10**8
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
