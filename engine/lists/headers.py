"""What one header says: the name of the figure, its unit, its year.

``负债合计⏎[报告期] 去年年报⏎[单位] 元`` is 负债合计 in 元 of a year that it does not tell; ``2023年营业收入(万元)`` is
营业收入 of 2023 in 万元.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from engine.code_table import half_width
from engine.lists.cells import one_line
from engine.lists.words import Words, folded

_TAG = re.compile(r"\[([^\[\]]+)\]([^\[\]\n]*)")
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】")
_UNIT_PREFIX = re.compile(r"^(?:金额)?(?:计量)?单位[:是为]?")
_TAIL = re.compile(r"^(.*?)[/_\-:,、\s]\s*(?:单位[:]?)?([^/_\-:,、\s()]{1,8})$")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?:年度?末?|财年|会计年度)?(?!\d)")
_UNIT_LINE = re.compile(r"单位[:是为]?\s*\(?([^\s,;。()]{1,8})\)?")
_EDITION = re.compile(r"(2011|2017)")


@dataclass(frozen=True, slots=True)
class Header:
    """A header as shown (``text``, one line) and taken apart; ``name`` is what is looked up, folded.

    ``relative``: a period that is told by no year (去年年报). A header that names several years has none.
    """

    text: str
    name: str
    unit: str | None = None
    year: int | None = None
    relative: str | None = None
    edition: str | None = None
    lower: str = ""
    """Of headers above one another, the name of the lowest alone."""


def parse_header(text: str, words: Words) -> Header:
    """The header taken apart; what it does not say is None."""
    rest, unit, period = half_width(text).replace("\r", ""), None, ""
    for tag, said in _TAG.findall(rest):
        if "单位" in tag and words.is_unit(said.strip()):
            unit = said.strip()
        elif any(word in tag for word in ("期", "年")):
            period += said
    rest = _TAG.sub("", rest) if "[" in rest else rest
    rest = one_line(rest)
    if unit is None:
        rest, unit = _bracketed_unit(rest, words)
    if unit is None:
        rest, unit = _trailing_unit(rest, words)
    edition = _EDITION.search(rest) if "4754" in rest else None
    rest = re.sub(r"\(?GB/?T?\s*4754[-—]?\d{0,4}\)?", "", rest) if edition else rest
    rest, year, relative = _period(rest, period, words)
    return Header(one_line(text), folded(rest), unit, year, relative, edition[0] if edition else None)


def unit_line(text: str, words: Words) -> str | None:
    """The unit that a title line states for the whole table: 单位：万元."""
    found = _UNIT_LINE.search(half_width(text))
    return found[1] if found and words.is_money_unit(found[1]) else None


def cores(name: str, words: Words) -> list[str]:
    """The folded name, and it without words that add nothing: 企业注册资本 as 注册资本."""
    result = [name]
    for before in ("", *words.spec.header_noise.before):
        for after in ("", *words.spec.header_noise.after):
            core = name.removeprefix(before).removesuffix(after) if before or after else name
            if len(core) > 1 and core not in result:
                result.append(core)
    return result


def joined(parts: list[Header]) -> Header:
    """Headers above one another as one: 小类 over 分类代码 is 小类·分类代码; the lower one's words count first."""
    distinct: list[Header] = []
    for part in parts:
        if part.text and all(part.text != other.text for other in distinct):
            distinct.append(part)
    if not distinct:
        return Header("", "")
    last = distinct[-1]
    for upper in reversed(distinct[:-1]):
        last = replace(
            last,
            text=f"{upper.text}·{last.text}",
            name=upper.name + last.name,
            lower=last.lower or (last.name if upper.name else ""),
            unit=last.unit or upper.unit,
            year=last.year or upper.year,
            relative=last.relative or upper.relative,
            edition=last.edition or upper.edition,
        )
    return last


def _bracketed_unit(text: str, words: Words) -> tuple[str, str | None]:
    """Takes a bracketed unit off: 注册资本(单位：万元)."""
    for match in _BRACKETS.finditer(text):
        inner = next(group for group in match.groups() if group is not None)
        for part in re.split(r"[,，;]", inner):
            said = _UNIT_PREFIX.sub("", part.strip())
            if words.is_unit(said):
                left = [p for p in re.split(r"[,，;]", inner) if p != part]
                return text.replace(match[0], "".join(left)), said
    return text, None


def _trailing_unit(text: str, words: Words) -> tuple[str, str | None]:
    """Takes a unit off the end: 营业收入/万元, 资产总额 单位:元."""
    match = _TAIL.match(text)
    if match and match[1] and words.is_unit(match[2]) and not match[2].isdigit() and match[2] != "年":
        return match[1].removesuffix("单位"), match[2]
    return text, None


def _period(text: str, tagged: str, words: Words) -> tuple[str, int | None, str | None]:
    """Takes the year off; a period that names none is given back as it is written."""
    years = {int(year) for year in _YEAR.findall(text + " " + tagged)}
    if len(years) > 1 or re.search(r"近.{1,2}年|增长|同比|环比", text):
        return text, None, None
    if years:
        rest = _YEAR.sub("", text, count=1)
        return rest.replace("()", ""), years.pop(), None
    name = folded(text)
    for word in words.spec.relative_years:
        if word in tagged or (name.startswith(word) and len(name) > len(word)):
            rest = text.replace(word, "", 1) if word in text else text
            return rest, None, word
    return text, None, None
