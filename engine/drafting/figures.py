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
_CHINESE = "[二两三四五六七八九十百千万亿零〇][一二两三四五六七八九十百千万亿零〇]*(?:点[一二三四五六七八九零]+)?"
_SCALE = "(?:万亿|千亿|百亿|十亿|千万|百万|十万|亿|万|千|百)"
_MONEY = rf"{_SCALE}?(?:余|多)?{_SCALE}?(?:美元|港元|欧元|日元|英镑|元)"
_RATIO = "%|‰|个百分点|个千分点|倍|折|成(?=以上|以下|左右|的|,|。)"
_PERIOD = "个工作日|个自然日|工作日|自然日|个季度|个月|个年度|个学期|周年|年度?|季度|天|日|周|小时|分钟|秒|期"
_THING = (
    "人次|件次|家次|人日|平方米|平方公里|平米|公里|千米|公顷|千瓦时|千瓦|兆瓦|亩|米|吨|家|个|项|名|人|件|套|次|批|种|条|台|户|所"
    "|处|只|场|支|座|间|篇|款|辆|位|例|组|册|门|栋|幢|级|类|层|分|颗|枚|艘|架|块|片|株|部|本|箱|度|轮|届|路|对|股|笔|站|岁|字"
    "|EFLOPS|PFLOPS|GFLOPS|EB|PB|TB|GB|P|E"
)
_COUNT = rf"(?:余|多)?{_SCALE}?(?:余|多)?(?:{_THING})"
_MORE = r"(?:[~-]|至|到|[、,/]|和|或|及)\s*"
_DATE = re.compile(
    r"(?:\d{4}|[一二][〇零一二三四五六七八九]{3})(?:年?(?:[~-]|至|到)(?:\d{4})年|年\d{1,2}月\d{1,2}[日号]|年\d{1,2}月[底末初份]?"
    r"|年(?:第?[一二三四]季度|上半年|下半年|年?[底末初中])?)|(?<!\d)\d{4}[~-]\d{4}(?![\d-])"
    r"|[一二][〇零一二三四五六七八九]{3}年[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?"
    r"|[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}[日号]"
    r"|(?<!\d)\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)|(?<!\d)\d{1,2}月\d{1,2}[日号]|(?<![\d个])\d{1,2}月[底末初份]"
)
_PARTS = re.compile(rf"(?:十|百|千|万)分之(?:{_DIGITS}|[一二三四五六七八九十百零〇]+)|[二三四五六七八九十]分之[一二三四五六七八九]")
_SHARE = re.compile(r"(?<![\d:])\d{1,3}(?:\.\d+)?:\d{1,3}(?:\.\d+)?(?![\d:])")
_WITH_DIGITS = re.compile(
    rf"(?P<numbers>{_DIGITS}{_SCALE}?(?:\s*{_MORE}{_DIGITS}{_SCALE}?)*)\s*"
    rf"(?:(?P<money>{_MONEY})|(?P<ratio>{_RATIO})|(?P<period>{_PERIOD})|(?P<count>{_COUNT}))?"
)
_IN_WORDS = re.compile(
    rf"(?P<numbers>{_CHINESE}(?:(?:至|到){_CHINESE})?|一(?=年[内期以]|个月|个工作日|倍|亿元|万元|年[,。])|半(?=年))(?P<money>{_MONEY})?"
    r"(?(money)|(?:(?P<ratio>倍|成(?=以上))|(?P<period>个工作日|工作日|个自然日|个月|个季度|年(?!级)|天|日内|周内|小时)"
    r"|(?P<count>万?(?:家|名|人次|人|件|项|个|次|所|户|套|场|位|批|种|处|张|份|档|篇|轮)(?![镇村街路桥湖庄]))))"
)
_SPOILED_WORDS = re.compile("[一几数若第]$")
_NAMES = re.compile(
    "|".join(
        (
            r"《[^《》]*》",  # titles
            r"[一二三四五六七八九十\d]+年行动(?:计划|方案)",
            r"[〔\[【(]\d{4}[〕\]】)]\s*(?:第?\d+号)?",  # numbers of documents
            r"第[\d一二三四五六七八九十百]+[条章节次届批号期款项名位]",
            r"^\d{1,3}$",  # rows of tables
            r"(?:https?://|www\.)\S+|[\w.+-]+@[\w.-]+",
            r"\d{3,4}[-~]\d{7,8}|(?<!\d)1\d{10}(?!\d)",  # telephones
            r"\d{1,2}:\d{2}(?::\d{2})?(?=$|\s)",  # the clock
            r"ICP备\d+号|\d+号(?:院|楼|线)?",
            r"(?=[\w/-]*[A-Za-z])[A-Za-z\d]+(?:[/-][A-Za-z\d]+)+|[A-Za-z]+[-~]?\d+[A-Za-z\d.]*",  # codes
            r"\d+(?:\.\d+)?[A-Za-z](?![A-Za-z%])",  # 5G
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
        spoiled = _SPOILED_WORDS.search(text[: match.start()]) or re.fullmatch("[百千万亿]+", match["numbers"])
        if not spoiled and not _in_slogan(text, match.start()):
            kind, unit = _unit(match)
            yield kind, *match.span(), unit


def _in_slogan(text: str, at: int) -> bool:
    """Whether a numeral in words stands in a short quotation: “四个一”, “二十年之问”."""
    return any(match.start() < at < match.end() for match in re.finditer("“[^“”]{1,12}”", text))


def _unit(match: re.Match[str]) -> tuple[Kind, str]:
    kinds: tuple[Kind, ...] = ("money", "ratio", "period", "count")
    return next(((kind, match[kind]) for kind in kinds if match[kind]), ("number", ""))


def _listed(match: re.Match[str], text: str) -> Iterator[tuple[Kind, int, int, str]]:
    """20万元 is one figure; 50、30、20万元 are three that share a unit; 10~20万元 is one, with two ends."""
    kind, unit = _unit(match)
    at = match.start("numbers")
    pieces = list(re.finditer(rf"{_DIGITS}{_SCALE}?(?:\s*(?:[~-]|至|到)\s*{_DIGITS}{_SCALE}?)?", match["numbers"]))
    scale = re.search(f"{_SCALE}$", pieces[-1][0])
    for piece in pieces:
        last = piece is pieces[-1]
        lent = scale[0] if scale and not re.search(f"{_SCALE}$", piece[0]) else ""
        end = match.end() if last else at + piece.end()
        own: Kind = kind
        if kind == "number" and re.search(f"{_SCALE}$", piece[0]):
            own = "money" if _GRANTS.search(text[max(0, at - 14) : at]) else "count"
        yield own, at + piece.start(), end, lent + unit


# What a figure is for

_GRANTS = re.compile("给予|奖励|奖补|补贴|补助|资助|支持|配套|奖金|贴息|予以|减免|扶持|投资|最高|不超过|出资|授信|贷款")
_CAPS = re.compile(r"(?:最高|不超过|最多|至多|上限|封顶|不高于|限额|累计不超|总额不超)[^,。;\d]{0,8}$")
_CAPPED = re.compile("以内|封顶|为上限|为限|的上限|以下")
_REACHES = re.compile(r"(?:不少于|不低于|达到|超过|突破|以上|满|高于|大于|低于|小于|超出|不足|多于|至少|在)[^,。;\d]{0,6}$")
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
    if _REACHES.search(before) or re.match("以上|及以上|以下|以内|\\(含\\)|的(?:企业|单位|项目|机构)", after):
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
