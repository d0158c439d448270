"""What a text says of itself: title, number, issuer, dates, validity, what it repeals, whether benefits add up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.drafting.clauses import Clause
from engine.drafting.figures import fold
from engine.official_text import Sentence
from engine.quantities import QuantityError, parse_date

_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,12}[〔\[【(（]\d{4}[〕\]】)）]\s*第?\d+号")
DAY = re.compile(r"\d{4}年\d{1,2}月\d{1,2}[日号]|\d{4}-\d{1,2}-\d{1,2}")
_PUBLISHED = re.compile(r"(?:发布|公开|发文)(?:日期|时间)[:：]?\s*(" + DAY.pattern + ")")
_TITLE_ENDS = re.compile(
    r"(?:计划|方案|办法|措施|意见|规定|细则|政策|通知|公告|若干条|实施意见|奖励|指南|决定|规划|通告|条款|条例|行动)(?:[(（][^()（）]{2,30}[)）])?$"
)
ISSUER = re.compile(r"[\u4e00-\u9fff、()（）]{2,50}(?:政府|委员会|管委会|办公室|局|厅|部|院|中心|委|会|办)")
_REPEALS = re.compile(r"(?:原)?《(?P<title>[^《》]+)》(?:[(（](?P<number>[^()（）]*\d号)[)）])?(?=[^。]{0,20}(?:同时)?废止)")
_STACKING = re.compile(
    "不得重复|就高|不重复支持|不重复奖励|从高|择高|不能同时享受|不同时享受|可叠加|可同时享受|可以同时|重复享受"
)
_FROM_ISSUE = re.compile("自(?:印发|发布|公布|颁布|发文)之日起(?:施行|实施|执行|生效)")
_FROM_DAY = re.compile(r"自(" + DAY.pattern + r")起?(?:施行|实施|执行|生效)")
_UNTIL = re.compile(r"有效期(?:至|到|截至|截止至?)\s*(" + DAY.pattern + r")|(?:执行|有效|实施)(?:至|到)\s*(" + DAY.pattern + ")")
_FORCE = re.compile("有效期|施行|实施之日|起实施|起执行|执行至|试行")
_YEARS = re.compile(r"\d{4}年?[-—–－~～至]{1,2}\d{4}年?")
_FRONT_LINES = 40


@dataclass(frozen=True, slots=True)
class Heading:
    """What was found, in the words of the text; None where it says nothing. Days are days that the text writes.

    ``start_at_issue``: it takes effect on the day of issue. ``force`` are the words on validity, ``years`` those of
    the title that may bound it, ``stacking`` the sentence on benefits together.
    """

    title: str | None = None
    number: str | None = None
    issuer: str | None = None
    issued: date | None = None
    published: date | None = None
    start: date | None = None
    start_at_issue: bool = False
    end: date | None = None
    force: str | None = None
    years: str | None = None
    repeals: tuple[tuple[str, str | None], ...] = ()
    stacking: str | None = None


def heading_of(clauses: list[Clause]) -> Heading:
    """Read the lines before the first clause, and the closing sentences."""
    front = clauses[0].sentences[:_FRONT_LINES]
    every = [sentence for clause in clauses for sentence in clause.sentences]
    lines = _lines(front)
    title = _title(lines)
    issuer, issued = _signature(every, front)
    said = [sentence.text for sentence in every if _FORCE.search(sentence.text) and not sentence.text.startswith("根据")]
    joined = "".join(said)
    start, end = _FROM_DAY.search(joined), _UNTIL.search(joined)
    published = _PUBLISHED.search("\n".join(lines))
    years = _YEARS.search(title) if title else None
    return Heading(
        title=title,
        number=_number(lines),
        issuer=issuer,
        issued=issued,
        published=_day(published[1]) if published else None,
        start=_day(start[1]) if start else None,
        start_at_issue=_FROM_ISSUE.search(joined) is not None,
        end=_day(end[1] or end[2]) if end else None,
        force=next((text for text in said if _FROM_ISSUE.search(text) or _FROM_DAY.search(text) or "有效期" in text), None),
        years=years[0] if years else None,
        repeals=_repeals(every),
        stacking=next((sentence.text for sentence in every if _STACKING.search(sentence.text)), None),
    )


def _lines(front: list[Sentence]) -> list[str]:
    by_line: dict[int, str] = {}
    for sentence in front:
        by_line[sentence.line] = by_line.get(sentence.line, "") + sentence.text
    return list(by_line.values())


def _title(lines: list[str]) -> str | None:
    """The last line before the body that ends as titles do; its years may stand on the next line, its start before."""
    found: str | None = None
    for index, line in enumerate(lines):
        if len(line) > 60 or line.endswith(("。", "：", ":", "；", "号")) or "/" in line or ">" in line:
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if _TITLE_ENDS.search(line) and not re.match("附件|责任|各|此件", line):
            bracket = following if re.fullmatch(r"[(（][^()（）]{2,30}[)）]", following) else ""
            before = lines[index - 1] if index else ""
            begins = before if re.match("关于", before) and not re.search("[。:：]|通知$", before) and "关于" not in line else ""
            found = begins + line + bracket
    if found is None:
        return None
    inner = re.fullmatch(r".*?(?:关于)?(?:印发|发布)《(?P<title>[^《》]+)》的(?:通知|公告)", found)
    return inner["title"] if inner else found


def _number(lines: list[str]) -> str | None:
    """A document number that stands alone on its line, or after 文号: those in sentences are other documents'."""
    for line in lines:
        match = _NUMBER.search(line)
        if match and (match[0] == line.strip("()（） ") or re.match(r"(?:发文字号|文号|发文号)[:：]", line)):
            return match[0]
    return None


def _signature(every: list[Sentence], front: list[Sentence]) -> tuple[str | None, date | None]:
    """A day alone on its line, and the names alone on the lines just above it: who signed, and when."""
    for index, sentence in enumerate(every):
        alone = _lonely(every, index)
        if not alone or not DAY.fullmatch(fold(sentence.text).strip()):
            continue
        names: list[str] = []
        for other in reversed(every[max(0, index - 4) : index]):
            name = other.text.rstrip("、")
            if not ISSUER.fullmatch(name) or len(name) > 50:
                break
            names.insert(0, name)
        return ("、".join(names) or None), _day(sentence.text)
    return None, None


def _lonely(every: list[Sentence], index: int) -> bool:
    line = every[index].line
    return all(other.line != line for other in every[max(0, index - 1) : index] + every[index + 1 : index + 2])


def _repeals(every: list[Sentence]) -> tuple[tuple[str, str | None], ...]:
    return tuple(
        (match["title"], match["number"])
        for sentence in every
        if "废止" in sentence.text
        for match in _REPEALS.finditer(sentence.text)
    )


def _day(text: str) -> date | None:
    try:
        span = parse_date(fold(text).strip())
    except QuantityError:
        return None
    return span.low if span.is_point and isinstance(span.low, date) else None
