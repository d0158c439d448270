"""Industries (GB/T 4754-2017): from what people write to path codes that are prefixes of one another.

A path code is the section's letter and up to four digits: I, I65, I653, I6531, so that "lies within" is
``startswith``. Where two codes hold the same industries, because one is the only part of the other (K and K70
房地产业, I652 and I6520 集成电路设计), one of them is canonical: the broadest that the table names.

Codes of the edition of 2011 are carried over by a crosswalk, often to several codes. The same digits may mean
different things: 6520 was 信息系统集成服务 in 2011 and is 集成电路设计 in 2017. Names are those of 2017.

Data: ``rules/tables/industries-2017.csv``, ``industries-2011-2017.csv`` and ``industry-synonyms.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Literal

from engine.code_table import (
    CodeError,
    bare,
    broadest,
    half_width,
    near,
    read_names,
    read_rows,
    remembered,
    whole_number,
)

Edition = Literal["2017", "2011"]

EDITIONS: Final[tuple[Edition, Edition]] = ("2017", "2011")
_STANDARD = re.compile(r"GB\s*/?\s*T?\s*4754\s*[-—–.]?\s*(\d{4})\s*年?版?\s*:?\s*(.*)", re.DOTALL)
_YEAR = re.compile(r"(\d{4})\s*(?::|年版|版)\s*:?\s*(.*)", re.DOTALL)
_CODED = re.compile(r"([A-T]?)\s*-?\s*(\d{1,5})[\s\-:._、]*([^\dA-Z].*)?", re.DOTALL)
_SECTION = re.compile(r"([A-T])[\s\-:._、]*([^\dA-Z].*)?", re.DOTALL)
_ASK = "请填国民经济行业代码(GB/T 4754-2017)"
_STEPS = re.compile(r"[-—–>/|]+")


@dataclass(frozen=True, slots=True)
class Names:
    """Further names of industries with their codes, and policy fields that have none; keys as compared."""

    synonyms: Mapping[str, tuple[str, ...]]
    no_code: frozenset[str]


class IndustryTable:
    """The classification, and the look-up of names and codes. Immutable; one per directory."""

    def __init__(
        self, names: Mapping[str, str], crosswalk: Mapping[str, tuple[str, ...]], further: Names
    ) -> None:
        self._names = names
        self._crosswalk = crosswalk
        self._further = further
        self._canonical = _canonical(names)
        self._find = {
            "2017": remembered(lambda text: self._look_up(text, "2017")),
            "2011": remembered(lambda text: self._look_up(text, "2011")),
        }

    @classmethod
    def load(cls, directory: Path) -> IndustryTable:
        """The table in this directory, read once. Raises ``InputError`` for a missing or malformed file."""
        return _load(directory.resolve())

    def __contains__(self, code: object) -> bool:
        """Whether this is a canonical path code of 2017."""
        return code in self._names and self._canonical[str(code)] == code

    def find(self, text: str | int, edition: Edition = "2017") -> frozenset[str]:
        """The canonical codes of 2017 that the text can mean; several where it leaves that open.

        ``text`` is a code with or without its letter (I65, 6531, C), a name (软件开发), both (I651 软件开发),
        or names from the section down (制造业-医药制造业). ``2011:6520`` and ``GB/T 4754-2011 6520`` name
        their edition, which then counts instead of ``edition``. A code that only the edition of 2011 has is
        read as one. A section's letter means the same in both. A number (``int``) may have lost a leading
        zero: 111 is B1110 or A0111.
        Raises ``CodeError``: ``industry-blank``, ``-unknown``, ``-digit`` (a single one), ``-letter``
        (another section's), ``-mismatch`` (code and name), ``-policy-field``, ``-edition``.
        """
        if edition not in self._find:
            raise _wrong_edition(edition)
        return self._find[edition](text)

    def label(self, code: str) -> str:
        """The name and the code to show: 软件和信息技术服务业(I65). Raises ``CodeError``."""
        return f"{self.name(code)}({code})"

    def name(self, code: str) -> str:
        """The name in the standard. Raises ``CodeError`` for no path code."""
        try:
            return self._names[code]
        except KeyError:
            raise CodeError("industry-unknown", f"“{code}”不是行业代码的规范写法") from None

    @staticmethod
    def within(code: str, area: str) -> bool:
        """Whether all of ``code`` lies in ``area``, both canonical. If ``area`` is narrower, it may yet."""
        return code.startswith(area)

    @property
    def codes(self) -> tuple[str, ...]:
        """The canonical path codes of 2017, sorted."""
        return tuple(sorted(set(self._canonical.values())))

    def editions(self, code: str) -> frozenset[Edition]:
        """The editions that have this code, with or without its letter: what tells a list's edition."""
        digits = half_width(code).upper().lstrip("ABCDEFGHIJKLMNOPQRST")
        known: dict[Edition, Mapping[str, str]] = {"2017": self._digits, "2011": self._old_digits}
        return frozenset(edition for edition in EDITIONS if digits in known[edition])

    @cached_property
    def _digits(self) -> dict[str, str]:
        """The digits of each code of 2017, and its canonical path code."""
        return {code[1:]: canonical for code, canonical in self._canonical.items() if len(code) > 1}

    @cached_property
    def _old_digits(self) -> dict[str, str]:
        """The digits of each code of 2011, and its path code of 2011."""
        return {code[1:]: code for code in self._crosswalk}

    @cached_property
    def _by_name(self) -> dict[str, frozenset[str]]:
        """The codes of each name as compared: of nested ones the broadest."""
        gathered: dict[str, set[str]] = {}
        for code, name in self._names.items():
            gathered.setdefault(_key(name), set()).add(self._canonical[code])
        found = {name: broadest(codes) for name, codes in gathered.items()}
        for name, listed in self._further.synonyms.items():
            found.setdefault(name, frozenset(self._canonical[code] for code in listed))
        return found

    def _look_up(self, text: str | int, edition: Edition) -> frozenset[str]:
        if isinstance(text, int):
            return self._number(text, edition)
        written = whole_number(half_width(text).upper())
        named = _STANDARD.fullmatch(written) or _YEAR.fullmatch(written)
        if named:
            if named[1] not in EDITIONS:
                raise _wrong_edition(named[1])
            edition, written = named[1], whole_number(named[2].strip())
        if not bare(written):
            raise CodeError("industry-blank", "行业为空")
        coded = _CODED.fullmatch(written)
        if coded:
            return self._agreeing(self._code(coded[1], coded[2], edition), coded[3], written)
        section = _SECTION.fullmatch(written)
        if section:
            return self._agreeing(frozenset({self._canonical[section[1]]}), section[2], written)
        return self._named(written)

    def _number(self, number: int, edition: Edition) -> frozenset[str]:
        """What a code stored as a number can mean: as it stands, or with the zero it may have lost."""
        digits = str(number)
        padded = "0" + digits
        if len(digits) in (2, 3) and edition in self.editions(padded):
            codes = self._code("", padded, edition)
            if edition in self.editions(digits):
                codes |= self._code("", digits, edition)
            return broadest(codes)
        return self._code("", digits, edition)

    def _code(self, letter: str, digits: str, edition: Edition) -> frozenset[str]:
        """The canonical codes of a code that was written in this edition, or could only be of 2011."""
        if len(digits) == 1:
            padded = self._digits.get("0" + digits)
            hint = f"若指{self.label(padded)}，请以文本写“0{digits}”; 若指门类，请写字母" if padded else ""
            raise CodeError("industry-digit", f"行业代码“{digits}”只有一位，可能丢失了前导零", hint)
        editions = self.editions(digits)
        if not editions or (edition == "2011" and "2011" not in editions):
            raise self._unknown_code(digits, edition)
        if edition == "2017" and "2017" in editions:
            own, codes = self._digits[digits], frozenset({self._digits[digits]})
        else:
            own = self._old_digits[digits]
            codes = broadest(self._canonical[code] for code in self._crosswalk[own])
        if letter and letter != own[0]:
            raise CodeError("industry-letter", f"“{letter}{digits}”的门类不符：{digits} 属于门类 {own[0]}")
        return codes

    def _unknown_code(self, digits: str, edition: Edition) -> CodeError:
        other = next((known for known in EDITIONS if known in self.editions(digits)), None)
        hint = f"{other} 年版有这个代码，请确认版本" if other else ""
        upper = next((self._digits[digits[:size]] for size in (3, 2) if digits[:size] in self._digits), "")
        if "0" + digits in self._digits and len(digits) < 4:
            hint = f"是否丢失了前导零：0{digits} 是{self.label(self._digits['0' + digits])}"
        elif upper and not hint:
            hint = f"上一级是{self.label(upper)}"
        return CodeError("industry-unknown", f"{edition} 年版没有行业代码“{digits}”", hint)

    def _agreeing(self, codes: frozenset[str], name: str | None, written: str) -> frozenset[str]:
        """The codes, if a name written after them does not speak against them."""
        if not name:
            return codes
        named = self._named(name)
        if any(code.startswith(other) or other.startswith(code) for code in codes for other in named):
            return codes
        labels = "、".join(self.label(code) for code in sorted(codes))
        hint = "同一代码在 2011 年版和 2017 年版中含义可能不同; 2011 年版请写“2011:代码”"
        raise CodeError("industry-mismatch", f"“{written}”的代码与名称不符：代码是{labels}", hint)

    def _named(self, text: str) -> frozenset[str]:
        """The codes of a name, or of the last of several names that lead down to it."""
        found = self._by_name.get(_key(text))
        if found:
            return found
        if {_key(text), _key(text).removesuffix("产")} & self._further.no_code:
            message = f"“{text}”是产业政策的领域，不是国民经济行业分类中的行业"
            raise CodeError("industry-policy-field", message, f"{_ASK}，例如 I65")
        steps = [step for step in _STEPS.split(text) if step.strip()]
        if len(steps) < 2:
            names = near(bare(text), self._names.values())
            hint = f"是否指{'、'.join(names)}" if names else _ASK
            raise CodeError("industry-unknown", f"没有叫“{text}”的行业", hint)
        outer, inner = self._look_up("-".join(steps[:-1]), "2017"), self._look_up(steps[-1], "2017")
        codes = frozenset(code for code in inner if any(code.startswith(other) for other in outer))
        if not codes:
            raise CodeError("industry-mismatch", f"“{steps[-1]}”不在“{steps[-2]}”之下")
        return codes


def _key(name: str) -> str:
    """The name as compared: without marks and a final 业."""
    plain = bare(name).upper()
    return plain[:-1] if len(plain) > 2 and plain.endswith("业") else plain


def _wrong_edition(edition: str) -> CodeError:
    return CodeError("industry-edition", f"没有 {edition} 年版的行业代码表", "可用 2017 年版和 2011 年版")


def _canonical(names: Mapping[str, str]) -> dict[str, str]:
    """For each code, and each group that is there only as its single class, the code that stands for it."""
    parents: dict[str, str] = {}
    parts: dict[str, int] = {}
    for code in names:
        upper = next((code[:size] for size in range(len(code) - 1, 0, -1) if code[:size] in names), "")
        parents[code] = upper
        parts[upper] = parts.get(upper, 0) + 1
    canonical: dict[str, str] = {}
    for code in sorted(names):
        alone = bool(parents[code]) and parts[parents[code]] == 1
        canonical[code] = canonical[parents[code]] if alone else code
        if len(code) == 5 and code[:4] not in names:
            canonical[code[:4]] = canonical[code]
    return canonical


@cache
def _load(directory: Path) -> IndustryTable:
    names = {row[0]: row[1] for row in read_rows(directory / "industries-2017.csv", ("code", "name"))}
    rows = read_rows(directory / "industries-2011-2017.csv", ("code", "codes"))
    content = read_names(directory / "industry-synonyms.yaml")
    further = Names(
        {_key(name): tuple(codes) for name, codes in content["synonyms"].items()},
        frozenset(_key(name) for name in content["no_code"]),
    )
    return IndustryTable(names, {code: tuple(codes.split()) for code, codes in rows}, further)
