"""Every figure of a sentence: what it is (money, ratio, count, date, period, number) and what it is for.

Found by form alone: a number and its unit. What is a name (the numbers of clauses and documents, titles in 《》,
telephone numbers) is no figure. Nothing is rounded, converted or completed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from engine.drafting.clauses import unmarked
from engine.drafting.units import MONEY, ONE_PERIOD, PERIOD, RATIO, SCALE, THING, WORD_PERIOD, WORD_RATIO, WORD_THING
from engine.quantities import QuantityError, decimal_string, parse_money, parse_ratio
from engine.spans import Number

Kind = Literal["money", "ratio", "count", "date", "period", "number"]
Role = Literal["amount", "cap", "rate", "tier", "threshold", "quota", "deadline", "validity", "other"]
KINDS: dict[Kind, str] = {
    "money": "金额", "ratio": "比例", "count": "数量", "date": "日期", "period": "期限", "number": "数字",
}  # fmt: skip
ROLES: dict[Role, str] = {
    "amount": "待遇金额", "cap": "上限", "rate": "待遇比例", "tier": "分档", "threshold": "门槛",
    "quota": "名额、目标", "deadline": "期限", "validity": "有效期", "other": "其他",
}  # fmt: skip

_FOLD = str.maketrans({**{chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}, **dict.fromkeys("—–－～〜", "~")})
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_ONES = "一二两三四五六七八九"
_CHINESE = (
    f"(?:一(?=[十百千万亿]|点[{_ONES}])|[{_ONES[1:]}十百千万亿零〇])"
    f"[{_ONES}十百千万亿零〇]{{0,12}}(?:点[{_ONES}零]{{1,6}})?"
)
_COUNT = rf"(?:余|多)?(?:{THING}|{SCALE}(?:余|多)?(?:{THING}))"
_MORE = r"(?:[~-]|至|到|[、,/]|和|或|及)\s*"
_TO = r"\s?(?:[~-]|至|到)\s?"
_YEAR = rf"(?:\d{{4}}|[一二][{_ONES}〇○零0Oo]{{3}})\s?年\s?"
_MONTH, _DAY = r"(?:\d{1,2}\s?|[一二三四五六七八九十]{1,2})月\s?", r"(?:\d{1,2}\s?|[一二三四五六七八九十]{1,3})[日号]"
_MONTHS = rf"\d{{1,2}}\s?月?{_TO}\d{{1,2}}\s?月份?"
_DATE = re.compile(
    rf"\d{{4}}\s?年?{_TO}\d{{4}}\s?年度?|{_YEAR}(?:{_MONTHS}(?!\s?\d)|{_MONTH}(?:{_DAY}|[底末初份])?)"
    rf"|{_YEAR}(?:度|第?[一二三四]季度|上半年|下半年|年?[底末初中])?|(?<!\d)\d{{4}}[~-]\d{{4}}(?![\d-])"
    rf"|(?<!\d)\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}(?!\d)|(?<!\d){_MONTH}{_DAY}"
    rf"|(?<![\d个])(?:{_MONTHS}(?!\s?\d)|\d{{1,2}}月[底末初份]?)|[一二三四五六七八九十]{{1,2}}月[底末初份]"
)
_PARTS = re.compile(
    rf"(?:十|百|千|万)分之(?:{_DIGITS}|[一二三四五六七八九十百零〇]+)|[二三四五六七八九十]分之[一二三四五六七八九]"
    rf"|(?<![\d./])[1-9]/[2-9](?![\d/年月])|{_DIGITS}比{_DIGITS}|[一二三四五六七八九]比[一二三四五六七八九]"
)
_SHARE = re.compile(
    r"(?<![\d:])(?:\d{1,3}(?:\.\d+)?:\d{1,3}(?:\.\d+)?|\d{1,2}(?::\d(?:\.\d)?){2,3}"
    r"|\d{1,2}(?::\d{1,2}){2,3}(?=的|比例))(?![\d:])"
)
_WITH_DIGITS = re.compile(
    rf"(?P<numbers>{_DIGITS}{SCALE}?(?:\s*{_MORE}{_DIGITS}{SCALE}?)*)\s*"
    rf"(?:(?P<money>{MONEY})|(?P<ratio>{RATIO})|(?P<period>{PERIOD})|(?P<count>{_COUNT}))?"
)
_IN_WORDS = re.compile(
    rf"(?P<numbers>{_CHINESE}(?:(?:至|到){_CHINESE})?|一(?={ONE_PERIOD}|倍|半|[次家项个名人件])|半(?=年|个月|天))"
    rf"(?P<money>{MONEY})?(?(money)|(?:(?P<ratio>{WORD_RATIO})|(?P<period>{WORD_PERIOD})"
    rf"|(?P<count>[余多]?{SCALE}?(?:{WORD_THING})(?![镇村街路桥湖庄]))|(?<=[万亿])(?![级大年余多])))"
)
_SPOILED_WORDS = re.compile("[一几数若第届]$")
_OTHER = {"一": re.compile("[上下同另这那某任每统]$"), "半": re.compile("[上下]$")}
"""What makes 一 and 半 name a year (上一年, 上半年) and no length of time."""
_ONLY = re.compile("(?:只|仅|限|最多|至多|不超过)[^,。;一]{0,6}$")
_ROUND = re.compile("[百千万亿]+")
_REACHED = re.compile("(?:达到?|超过?|突破|满|不少于|不低于|至少)$")
_CLOCK = r"(?<!\d)(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?!\d)"
_NAMES = re.compile(
    "|".join(
        (
            r"《[^《》]*》",  # titles
            r"[一二三四五六七八九十\d]+年(?:行动(?:计划|方案)|(?:行动)?(?:纲要|规划))",
            r"[〔﹝\[【(]\d{4}[〕﹞\]】)]\s*(?:第?\d+号)?",  # numbers of documents
            r"第[\d一二三四五六七八九十百]+(?:[~至、和及-]+第?[\d一二三四五六七八九十]+)*[条章节次届批号期款项名位年]",
            r"^\d{1,3}(?:$|\s*\|)",  # rows of tables
            r"(?<=[:;。；])\s*\d{1,2}[.、](?!\d)|\(\d{1,2}\)",  # items within a paragraph
            r"(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+",
            r"\d{3,4}[-~]+\d{7,8}|(?<!\d)1\d{10}(?!\d)|^[2-8](?!0[012])\d{6,7}(?=$|\s*\|)",  # telephones
            rf"{_CLOCK}(?=$|\s)|{_CLOCK}(?:[~-]|至|到){_CLOCK}",
            r"(?<![\d/-])(?=[\d/-]{0,30}0\d{4})\d+(?:[/-]\d+)+",  # of files in an index
            r"ICP备\d+号|\d+(?:号(?:院|楼|线)?|楼(?!宇)|室|弄)",
            r"(?=[\w/-]*[A-Za-z])[A-Za-z\d]+(?:[/-][A-Za-z\d]+)+|[A-Za-z]+[-~]?\d+[A-Za-z\d.]*",  # codes
            r"\d+(?:\.\d+)?[A-Za-z](?![A-Za-z%])",  # 5G
            r"(?:ISO|IEC|GB|GB/T|CMMI)\s?\d[\d-]*级?|(?:附件|附表|附录|附图)\s?\d+",  # standards, annexes
            r"\d{3,5}(?:、\d{3,5})*(?=高校|院校|热线)|\d+\+[A-Z]|\d大(?!于)",  # 985高校, 1+N, 6大产业
            r"\d+强|\d(?:[~、]\d)*星(?!期)级?|“\d+”",  # 500强, 2~5星级, “600”模式
            r"\d+(?:\+\d+)+|\d{3,}(?=”?(?:工作体系|工程|战略|行动|计划))",  # slogans
            r"“[^“”]{0,6}\d[^“”]{0,4}”(?=[^\d]{0,3}(?:计划|工程|产业|体系|行动|模式|格局))",
        )
    )
)
"""Numbers that name something."""
_KEEP_LETTER = re.compile(r"\d+(?:\.\d+)?(?:P|E|T)(?=算力|以上|的|,|。|智能)")
"""Computing power, which looks like a name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. ``start`` and ``end`` are offsets into the sentence, ``text`` what stands there.

    ``value``: yuan or the plain ratio as a decimal string, else None. ``unit`` as written, also where several figures
    share one.
    """

    kind: Kind
    role: Role
    start: int
    end: int
    text: str
    unit: str = ""
    value: str | None = None


def fold(text: str) -> str:
    """Full-width signs as half-width ones and every dash as ``~``, each in its place."""
    return text.translate(_FOLD)


def figures(sentence: str) -> list[Figure]:
    """The figures of a sentence in order."""
    text = fold(sentence)
    marker = len(text) - len(fold(unmarked(sentence)))
    taken = [(0, marker)] if marker else []
    for match in _NAMES.finditer(text):
        if not _KEEP_LETTER.match(text, match.start()):
            taken.append(match.span())
    found: list[Figure] = []
    for kind, start, end, unit in _shapes(text):
        if any(start < stop and begin < end for begin, stop in taken):
            continue
        taken.append((start, end))
        found.append(_figure(kind, start, end, unit, text, sentence))
    return sorted(found, key=lambda figure: figure.start)


def _shapes(text: str) -> Iterator[tuple[Kind, int, int, str]]:
    """Candidates, the surer ones first: kind, ends, unit."""
    for match in _DATE.finditer(text):
        yield "date", *match.span(), ""
    for pattern in (_PARTS, _SHARE):
        for match in pattern.finditer(text):
            yield "ratio", *match.span(), ""
    for match in _WITH_DIGITS.finditer(text):
        yield from _listed(match, text)
    for match in _IN_WORDS.finditer(text):
        if _counts(match, text) and not _in_slogan(text, match.start()):
            kind, unit = _unit(match)
            yield (_bare(text, match.start()) if kind == "number" else kind), *match.span(), unit


def _counts(match: re.Match[str], text: str) -> bool:
    """Whether a numeral in words is a quantity: not 第三年, not 上一年; 一次 only as a limit (只能一次), 万亩 as a bound (万亩以上)."""
    before = text[: match.start()]
    other = _OTHER.get(match["numbers"])
    if _SPOILED_WORDS.search(before) or (other and other.search(before)):
        return False
    if match["numbers"] == "一" and match["count"]:
        return _ONLY.search(before) is not None
    bound = _REACHED.search(before) or re.match("及?以[上下]|左右", text[match.end() :])
    return not _ROUND.fullmatch(match["numbers"]) or bound is not None


def _in_slogan(text: str, at: int) -> bool:
    """Whether a numeral in words stands in a short quotation: “四个一”, “二十年之问”."""
    return any(match.start() < at < match.end() for match in re.finditer("“[^“”]{1,12}”", text))


def _unit(match: re.Match[str]) -> tuple[Kind, str]:
    kinds: tuple[Kind, ...] = ("money", "ratio", "period", "count")
    return next(((kind, match[kind]) for kind in kinds if match[kind]), ("number", ""))


def _bare(text: str, at: int) -> Kind:
    """What a number with a scale and no unit is: 1000万 of money, or 1000万 of things."""
    return "money" if _SUMS.search(text[max(0, at - 14) : at]) else "count"


def _listed(match: re.Match[str], text: str) -> Iterator[tuple[Kind, int, int, str]]:
    """20万元 is one figure; 50、30、20万元 are three that share a unit; 10~20万元 is one, with two ends."""
    kind, unit = _unit(match)
    at = match.start("numbers")
    pieces = list(re.finditer(rf"{_DIGITS}{SCALE}?(?:\s*(?:[~-]|至|到)\s*{_DIGITS}{SCALE}?)?", match["numbers"]))
    scale = re.search(f"{SCALE}$", pieces[-1][0])
    for piece in pieces:
        last = piece is pieces[-1]
        lent = scale[0] if scale and not re.search(f"{SCALE}$", piece[0]) else ""
        end = match.end() if last else at + piece.end()
        own: Kind = kind
        if kind == "number" and re.search(f"{SCALE}$", piece[0]):
            own = _bare(text, at)
        yield own, at + piece.start(), end, lent + unit


# What a figure is for

_GRANTS = re.compile("给予|奖励|奖补|补贴|补助|资助|支持|配套|奖金|贴息|予以|减免|扶持|投资|最高|不超过|出资|授信|贷款")
_SUMS = re.compile(f"{_GRANTS.pattern}|资金|资本|资产|收入|产值|营收|利润|纳税|税收|税额|金额|总额|销售额|预算|费用|薪")
_CAPS = re.compile(r"(?:最高|不超过|最多|至多|上限|封顶|不高于|限额|累计不超|总额不超)[^,。;\d]{0,8}$")
_CAPPED = re.compile("以内|封顶|为上限|为限|的上限|以下")
_REACHES = re.compile(r"(?:不少于|不低于|达到|超过|突破|以上|满|高于|大于|低于|小于|超出|不足|多于|至少|在)[^,。;\d]{0,6}$")
_GIVEN = re.compile("的?(?:资金|一次性|配套)?(?:支持|奖励|奖补|补贴|补助|资助)")
"""After a least sum or share it is that of the benefit, not of a condition."""
_TARGETS = re.compile(
    "不少于|不低于|达到|新增|建成|累计|力争|左右|突破|超过|引进|培育|建设|落地|打造|完成|实现|举办|组织|服务|推动|形成|聚集|每年|名额"
)
_PAYS = re.compile("给予|予以|奖励|奖补|补贴|补助|资助|贴息|减免|配套")
_CONDITION = re.compile(r"(?:不少于|不低于|达到|超过|满|连续|近|高于|至少)[^,。;\d]{0,6}$")
BREAKS = re.compile(r"[，；。：;]|,(?!\d{3}(?!\d))|:(?!\d)")
"""What parts a sentence; a comma or colon inside a number does not."""
_FORCE = re.compile("有效期|施行|执行至|实施之日|起实施|废止")


def _figure(kind: Kind, start: int, end: int, unit: str, text: str, sentence: str) -> Figure:
    role = _role(kind, text, start, end)
    end -= len(text[start:end]) - len(text[start:end].rstrip())
    return Figure(kind, role, start, end, sentence[start:end], unit, _value(kind, text[start:end], unit))


def _value(kind: Kind, text: str, unit: str) -> str | None:
    said = text if not unit or text.endswith(unit) else text + unit
    try:
        if kind == "money":
            point = parse_money(said.replace(" ", ""))
        elif kind == "ratio":
            point = parse_ratio(said.replace(" ", ""))
        else:
            return None
        return decimal_string(point.low) if point.is_point and isinstance(point.low, Number) else None
    except (QuantityError, ValueError):
        return None


def _role(kind: Kind, text: str, start: int, end: int) -> Role:
    before, after = text[max(0, start - 16) : start], text[end : end + 10]
    part = piece(text, start, end)
    if kind in ("date", "period") and _FORCE.search(part):
        return "validity"
    if kind in ("money", "ratio"):
        return _worth(kind, text, before, after, part)
    limited = _CONDITION.search(before) or re.match("以上|及以上|以下|以内", after)
    if kind != "date" and limited and _PAYS.search(text) and re.search("的[企单项机]|的$|^对|满|连续|近", part):
        return "threshold"
    if kind in ("date", "period"):
        timely = re.search("时限|截止|截至|期限|到$|至$|力争", before) or re.match("(?:之?前|底|内|以内|以前|完成|[,:])", after)
        return "deadline" if timely else "other"
    return "quota" if _TARGETS.search(part) or re.match("以上|左右|以内", after) else "other"


def _worth(kind: Kind, text: str, before: str, after: str, part: str) -> Role:
    granting = _GRANTS.search(part) is not None
    if granting and (_CAPS.search(before) or _CAPPED.match(after)):
        return "cap"
    if (_REACHES.search(before) and not _GIVEN.match(after)) or re.match("以上|及以上|以下|以内|\\(含\\)|的(?:企业|单位|项目|机构)", after):
        return "threshold" if _PAYS.search(text) else "quota"
    if not granting:
        return "quota" if _TARGETS.search(part) else "other"
    if "分别" in part or "分档" in part:
        return "tier"
    return "rate" if kind == "ratio" else "amount"


def piece(text: str, start: int, end: int) -> str:
    """The part between commas that holds ``start`` to ``end``."""
    low, high = piece_at(text, start, end)
    return text[low:high]


def piece_at(text: str, start: int, end: int) -> tuple[int, int]:
    """Its offsets, without the marks around it."""
    breaks = [match.start() for match in BREAKS.finditer(text)]
    low = max((at + 1 for at in breaks if at < start), default=0)
    return low, min((at for at in breaks if at >= end), default=len(text))
