"""Amounts of money, counts, ratios and dates as people write them in Chinese: read into spans, and written back.

Money is in yuan and a ratio is a plain number (5% is 1/20), all exact: int or Fraction, never float. Nothing is
guessed: what can be read in two ways (约500万, 5千-8千万, 1万5, "5" for a ratio) is an error with a hint.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from math import prod
from typing import Literal

from engine import spans
from engine.spans import EmptySpan, Number, Point, Span, SpanReader

Kind = Literal["money", "count", "ratio", "date"]
LIMIT = 10**18  # figures from here on are slips of the pen
LONGEST = 100  # characters of an answer

decimal_string = spans.decimal_string


class QuantityError(ValueError):
    """An answer that cannot be read. ``code`` is stable; ``message`` and ``hint`` are Chinese, one line each.

    missing type length spacing syntax approximate unit currency precision magnitude integer reversed date
    """

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


_MISSING = re.compile(
    r"[-~/\\]*|n/?a|n\.a\.|#n/a|nan|none|null|暂无|暂缺|(?:暂?无)数据|不详|不清楚?|不知道|不明|未知|未填|待补充",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"大约|大概|约|接近|近|左右|上下|[多余几数来]")
_HINTS: dict[Kind, str] = {
    "money": "请写成数字加单位，例如 500万元、2000万-5000万元；没有请填 0，不清楚请留空",
    "count": "请写成整数，例如 50、100-499人、小于50人；没有请填 0，不清楚请留空",
    "ratio": "请写成 5%、1‰、0.05 或 1:1；不清楚请留空",
    "date": "请写成 2023年11月30日、2023-11-30、2023年11月 或 2023年；不清楚请留空",
}


def is_missing_word(text: str) -> bool:
    """Whether the text says that the answer is not known. ``无`` and ``没有`` do not: none is a value."""
    return _MISSING.fullmatch(spans.half_width(text).strip()) is not None


def _quoted(text: str) -> str:
    line = " ".join(text.split())
    return f"「{line if len(line) <= 40 else line[:40] + '…'}」"


def _compact(value: str, kind: Kind) -> str:
    """Half-width upper case without spaces; QuantityError where a space may part two values."""
    if is_missing_word(value):
        raise QuantityError("missing", "没有填写", "不清楚请留空")
    if len(value) > LONGEST:
        raise QuantityError("length", f"内容过长: {_quoted(value)}", f"请不超过 {LONGEST} 个字")
    text = spans.half_width(value).upper().strip()
    if kind == "date":  # spreadsheets append the time of day
        text = re.sub(r"(?<=\d)(?:T|\s+)\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", text)
    if any(sign.isdecimal() and not sign.isascii() for sign in text):
        raise QuantityError("syntax", f"看不懂{_quoted(value)}", _HINTS[kind])
    if re.search(r"\d\s+[\d.,]|[.,]\s+\d", text):
        raise QuantityError("spacing", f"数字之间有空格: {_quoted(value)}", "请去掉空格；范围请用“至”连接")
    text = "".join(text.split())
    # 1000(万元), but not (500), which bookkeepers mean as negative.
    return re.sub(r"\((?!不?含\))([^()\d]*)\)", r"\1", text)


def _interpret(text: str, kind: Kind, reader: SpanReader, given: str) -> Span:
    """The compact text as a span; whatever fails is a QuantityError that quotes what was given."""
    try:
        span = spans.read_span(text, reader)
        return span.closed() if kind in ("count", "date") else span
    except QuantityError:
        raise
    except EmptySpan:
        raise QuantityError("reversed", f"范围有误: {_quoted(given)}", "请从小到大写，两端带单位") from None
    except (ValueError, OverflowError):
        if _ABOUT.search(text):
            hint = "请写准确的数，或者写出范围，例如 400-600"
            raise QuantityError("approximate", f"{_quoted(given)}只是大概的数", hint) from None
        raise QuantityError("syntax", f"看不懂{_quoted(given)}", _HINTS[kind]) from None


_SCALES = {"十": 10, "百": 100, "千": 1000, "K": 1000, "万": 10**4, "W": 10**4, "亿": 10**8}
_SCALE = r"([十百千]?(?:万亿|亿|万)|[十百千KW])?"
_TERM = re.compile(rf"(\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?){_SCALE}")
_ONES = "一二两三四五六七八九壹贰貳叁叄肆伍陆陸柒捌玖"
_SMALL = _ONES + "零〇十百千拾佰仟廿"
_CHINESE = re.compile(rf"([{_SMALL}万亿]+)(?:点([零〇一二三四五六七八九]+){_SCALE})?")
# Spoken, and not one number: 三四百 (three or four), 三百五 (305 or 350), 一亿二千 (1.2亿 or 1亿零2千).
_SPOKEN = re.compile(rf"[{_ONES}][零〇]?[{_ONES}]|[百千万佰仟][{_ONES}](?:[万亿]|$)|亿[^零〇万亿]+$|.[零〇]$")


def _chinese_integer(text: str) -> int:
    """三百万, 壹佰万; ValueError where it is no number or can be read in two ways."""
    from cn2an import cn2an  # type: ignore[import-untyped]  # here: it takes 0.1 s to load and is seldom needed

    if _SPOKEN.search(text):
        raise ValueError(text)
    try:
        return int(cn2an(text, "normal"))  # exact: it computes in int unless there is a 点
    except KeyError as error:
        raise ValueError(text) from error


def _number(text: str) -> Fraction:
    """A number without unit: -1,000 · 1.2亿 · 1亿2000万 · 三百万 · 一点二亿. ValueError for anything else."""
    return -_unsigned(text[1:]) if text[:1] in ("-", "负") else _unsigned(text.removeprefix("+"))


def _unsigned(text: str) -> Fraction:
    chinese = _CHINESE.fullmatch(text)
    if chinese and chinese[2]:
        return Fraction(f"{_chinese_integer(chinese[1])}.{_decimals(chinese[2])}") * _factor(chinese[3])
    if chinese:
        return Fraction(_chinese_integer(text))
    terms = list(_TERM.finditer(text))
    if not terms or "".join(term[0] for term in terms) != text:
        raise ValueError(text)
    total, above = Fraction(0), 0
    for term in terms:
        factor = _factor(term[2])
        value = Fraction(term[1].replace(",", "")) * factor
        # 1亿5000 and 1万5 are spoken for 1.5亿 and 1.5万: a further term has to fill the place below.
        if above and not (total % above == 0 and factor < above <= value * 10**4 < above * 10**4):
            raise ValueError(text)
        if above and factor == 1 and (above != 10**4 or value < 1000):
            raise ValueError(text)
        total, above = total + value, factor
    return total


def _decimals(signs: str) -> str:
    """二〇二三 as 2023."""
    return "".join(str("零一二三四五六七八九".index(sign)) for sign in signs.replace("〇", "零"))


def _factor(scale: str | None) -> int:
    return prod(_SCALES[sign] for sign in scale or "")


def _lend_unit(left: str, right: str) -> tuple[str, str]:
    """2000-5000万: the unit of the right end holds for the left one too, where that has none."""
    ours, theirs = (re.sub(rf"^[-+负]?(?:[\d,.]+|[{_SMALL}点]+)", "", end) for end in (left, right))
    halfway = ours in ("十", "百", "千", "K") and re.search("[万亿W]", theirs)  # 5千-8千万
    if halfway or (not ours and re.search(rf"[\d{_ONES}之]", theirs)):
        raise QuantityError("unit", f"前一个数的单位不清楚: {_quoted(left)}", "请在范围的两端都写上单位")
    return (left if ours else left + theirs), right


_RANGE = re.compile(r"(?:从|介于|在)?(-?[^-~至到]+)(?:-|~|至|到)(-?[^-~至到]+?)(?:之间)?")
_FOREIGN = re.compile(
    r"[美欧日澳加港韩]元|美金|[港台澳日韩]币|英镑|法郎|卢布|卢比|泰铢|澳门元|新加坡元|外币|[$€£₩円]"
    r"|USD|HKD|EUR|JPY|GBP|KRW|AUD|CAD|SGD|TWD|MOP|CHF|RUB"
)
_YUAN = r"(?:人民币|RMB|CNY|¥)"
_ALIKE = ("人名位个", "家户个", "件项个", "台套个", "篇条款种份次只所年月天")  # words that count the same


def parse_money(value: str | int | Decimal) -> Span:
    """Yuan, whole fen: 500万元, 1.2亿, 三百万元, 2000-5000万, 不超过2亿, -120.5万元. Raises QuantityError."""
    if not isinstance(value, str):
        return _money(_exact(value))
    text = _compact(value, "money")
    if _FOREIGN.search(text):
        hint = "请按汇率折算成人民币后填写，并注明所用汇率"
        raise QuantityError("currency", f"{_quoted(value)}是外币，需要汇率才能换算", hint)
    # After a figure the currency is its unit (2000人民币-5000万), elsewhere it adds nothing.
    text = re.sub(rf"(?<=[\d{_SMALL}万亿]){_YUAN}(?!元)", "元", text)
    text = re.sub(_YUAN, "", text)
    return _interpret(text, "money", SpanReader(_read_money, _RANGE, _lend_unit), value)


def _read_money(text: str) -> Span:
    return _money(_number(re.sub(r"(?:元[整正]?|块钱?)$", "", text)))


def _money(amount: Fraction) -> Span:
    if (amount * 100).denominator != 1:
        raise QuantityError("precision", "金额不能精确到分以下", "请写到分为止，即最多两位小数(以元计)")
    return _limited(amount)


def _limited(number: Fraction) -> Span:
    if abs(number) >= LIMIT:
        raise QuantityError("magnitude", "数字大得不合理", "请检查位数和单位")
    return Span.exactly(number)


def _exact(value: object) -> Fraction:
    """An int or a finite Decimal; anything else is a QuantityError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise QuantityError("type", "这里要填可以精确计算的数", "请写成数字，小数请加引号")
    if not value:
        return Fraction(0)
    # Before the conversion, which would write out every digit of 1E+1000000.
    if not -LONGEST < value.adjusted() < LONGEST:
        raise QuantityError("magnitude", "数字大得或小得不合理", "请检查位数和小数点")
    return Fraction(value)


def parse_count(value: str | int | Decimal, unit: str = "") -> Span:
    """Whole numbers with closed ends: 50人, 1.2万, 100-499人, 小于50人 (up to 49). Raises QuantityError.

    ``unit`` is the word that the field counts in; with it, other words than its like (人, 名, 位) are errors.
    """
    alike = "".join(words for words in _ALIKE if unit in words)
    suffix = re.compile("|".join(f"{re.escape(word)}$" for word in [unit, *alike] if word))

    def exact(text: str) -> Span:
        return _integer(_number(suffix.sub("", text, count=1)))

    if not isinstance(value, str):
        return _integer(_exact(value))
    return _interpret(_compact(value, "count"), "count", SpanReader(exact, _RANGE, _lend_unit), value)


def _integer(number: Fraction) -> Span:
    if number.denominator != 1:
        raise QuantityError("integer", "这里要填整数", "请检查小数点和单位")
    return _limited(number)


def parse_ratio(value: str | int | Decimal) -> Span:
    """Plain numbers: 5%, 1‰, 0.05, 百分之五, 三分之一, 1:1. Raises QuantityError, also for a bare 1 or more."""
    if not isinstance(value, str):
        return _bare_ratio(_exact(value))
    return _interpret(_compact(value, "ratio"), "ratio", SpanReader(_read_ratio, _RANGE, _lend_unit), value)


def _read_ratio(text: str) -> Span:
    if text[-1:] in ("%", "‰"):
        return _limited(_number(text[:-1]) / (100 if text[-1] == "%" else 1000))
    parts = re.fullmatch(r"(?P<whole>.+)分之(?P<part>.+)|(?P<one>.+?)[:/比](?P<other>.+)", text)
    if not parts:
        return _bare_ratio(_number(text))
    below = parts["whole"] or parts["other"]
    divisor = Fraction(_SCALES[below]) if below in _SCALES else _number(below)
    if divisor <= 0:
        raise ValueError(text)
    return _limited(_number(parts["part"] or parts["one"]) / divisor)


def _bare_ratio(number: Fraction) -> Span:
    # "5" for five per cent is the commonest slip; 500% is rare enough to be written with its sign.
    if abs(number) >= 1:
        raise QuantityError("unit", f"不清楚 {number} 是倍数还是百分数", "请写上百分号，例如 5% 或 150%")
    return _limited(number)


_DATES = (
    re.compile(r"(\d{4})(?:年度?|年(\d{1,2})月(?:(\d{1,2})[日号])?)?"),
    re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?"),
    re.compile(r"(\d{4})(\d{2})(\d{2})"),
)
_PERIOD = re.compile(
    r"[从自]?([^至到~]+)[至到~](.+)|(\d{4}-\d{1,2}-\d{1,2})-(\d{4}-\d{1,2}-\d{1,2})"
    r"|([^-]{4,})-([^-]{4,}|[^-]{1,3}[月日号])"
)


def parse_date(value: str | int | date) -> Span:
    """Days, ends included: 2023年11月30日, 2023-11-30, 20231130; 2023年11月 and 2023年 are all their days; A至B."""
    if isinstance(value, date):  # a point in time lies on its day
        return Span.exactly(value.date() if isinstance(value, datetime) else value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise QuantityError("type", "这里要填日期", _HINTS["date"])
    text = _compact(str(value), "date")
    return _interpret(text, "date", SpanReader(_read_date, _PERIOD, _lend_year), str(value))


def _read_date(text: str) -> Span:
    text = re.sub(r"[零〇一二三四五六七八九]{4}(?=年)", lambda year: _decimals(year[0]), text)
    text = re.sub(rf"[{_ONES}十]{{1,3}}(?=[月日号])", lambda part: str(_chinese_integer(part[0])), text)
    match = next(filter(None, (pattern.fullmatch(text) for pattern in _DATES)), None)
    if not match:
        raise ValueError(text)
    given = [int(part) for part in match.groups() if part]
    low, high = given + [1, 1][len(given) - 1 :], given + [12, 31][len(given) - 1 :]
    try:
        if len(given) == 2:
            high[2] = monthrange(*given)[1]
        return Span(date(*low), date(*high))
    except ValueError:
        raise QuantityError("date", f"没有这一天: {_quoted(text)}", "请检查年月日") from None


def _lend_year(left: str, right: str) -> tuple[str, str]:
    """2023年3月至5月: the left end says the year, or the year and the month, for the right one."""
    part = re.match(rf"[\d{_ONES}十]{{1,3}}([月日号])", right)
    said = re.match(".{4}年" if part and part[1] == "月" else ".{4}年.{1,3}月", left)
    return left, (said[0] if part and said else "") + right


def format_money(amount: Number) -> str:
    """Exact: 10万元, 1.2亿元 where four decimals suffice, else 99,999.999元; 约 before what would not end."""
    about, value = spans.rounded(amount)
    for scale, unit in ((10**8, "亿元"), (10**4, "万元")):
        if abs(value) >= scale and (value / scale * 10**4).denominator == 1:
            return f"{about}{decimal_string(value / scale)}{unit}"
    return f"{about}{spans.grouped(value)}元"


def format_count(number: Number, unit: str = "") -> str:
    """1,000人."""
    about, value = spans.rounded(number)
    return f"{about}{spans.grouped(value)}{unit}"


def format_ratio(ratio: Number) -> str:
    """5%, and 1‰ below 1%; exact, or 约33.33% where it would not end."""
    sign, times = ("‰", 1000) if 0 < abs(Fraction(ratio)) < Fraction(1, 100) else ("%", 100)
    about, value = spans.rounded(ratio * times)
    return f"{about}{decimal_string(value)}{sign}"


def format_date(day: date) -> str:
    """2023年11月30日."""
    return f"{day.year:04d}年{day.month}月{day.day}日"


def format_validity(start: date, end: date | None) -> str:
    """2016年1月1日至2018年12月31日, or 2024年10月9日起，未规定终止日."""
    return f"{format_date(start)}至{format_date(end)}" if end else f"{format_date(start)}起，未规定终止日"


def format_span(span: Span, kind: Kind, unit: str = "") -> str:
    """2000万元至5000万元, 不少于50人, 早于2023年1月1日; 不确定 where both ends are open to infinity."""

    def write(point: Point) -> str:
        if isinstance(point, date):
            return format_date(point)
        if kind == "money":
            return format_money(point)
        return format_ratio(point) if kind == "ratio" else format_count(point, unit)

    least = "不少于" if kind == "count" else "不低于"
    words = ("不早于", "晚于", "不晚于", "早于") if kind == "date" else (least, "大于", "不超过", "小于")
    return spans.write_span(span, write, words)
