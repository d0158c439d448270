"""Administrative divisions (GB/T 2260): from what people write to codes that are prefixes of one another.

A canonical code is "" (the nation), two digits (province), four (prefecture) or six (county), so that "lies
within" is ``startswith``. The level between a municipality and its districts (1101 市辖区, 5002 县) and
between a province and the counties it runs itself (4190) is no place: it becomes the province. Codes that
only the statistical office uses (131071, a development zone) prove the prefecture and no county.

Data: ``rules/tables/divisions.csv`` and ``division-aliases.yaml``; origin in the README beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

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

Rank = Literal["national", "provincial", "prefecture", "county"]

_RANKS: dict[int, Rank] = {0: "national", 2: "provincial", 4: "prefecture", 6: "county"}
_MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
_FILLERS = ("市辖区", "自治区直辖县级行政区划", "省直辖县级行政区划", "县")
_LONGEST = 40
_PEOPLES = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|"
    "柯尔克孜|土|达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|"
    "塔塔尔|独龙|鄂伦春|赫哲|门巴|珞巴|基诺|各"
)
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)族?(?:(?:{_PEOPLES})族?)*自治[区州县旗]")
_PLAIN = re.compile(r"(.{2,}?)(?:特别行政区|新区|地区|[省市区县旗盟])")


@dataclass(frozen=True, slots=True)
class Aliases:
    """Further names and codes of places, and names that need a city before they mean anything."""

    names: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, str]
    needs_city: frozenset[str]


class DivisionTable:
    """The divisions in force, and the look-up of names and codes. Immutable; one per directory."""

    def __init__(self, names: Mapping[str, str], statistical: Mapping[str, str], aliases: Aliases) -> None:
        self._names = {"": "全国", **names}
        self._statistical = statistical
        self._aliases = aliases
        self._find = remembered(self._look_up)

    @classmethod
    def load(cls, directory: Path) -> DivisionTable:
        """The table in this directory, read once. Raises ``InputError`` for a missing or malformed file."""
        return _load(directory.resolve())

    def __contains__(self, code: object) -> bool:
        """Whether this is a canonical code; statistical and former codes are not."""
        return code in self._names

    def find(self, text: str | int) -> frozenset[str]:
        """The canonical codes that the text can mean: one, or each of several places of that name.

        ``text`` is a code of 2, 4 or 6 digits (9 and 12 of a town or village: its county), or a name with or
        without the names above it and its suffix: 北京市朝阳区, 北京 朝阳, 廊坊固安, 海淀. A province's short
        name means the province (吉林); of places that lie within each other the outer one is given.
        Raises ``CodeError``: ``division-blank``, ``-unknown``, ``-mismatch`` or ``-needs-city``.
        """
        return self._find(text)

    def label(self, code: str) -> str:
        """The name to show: 廊坊市固安县, 北京市通州区, 河北省, 全国. Else raises ``CodeError``."""
        name = self._name(code)
        return self._names[self.parent(code)] + name if len(code) == 6 else name

    def rank(self, code: str) -> Rank:
        """The tier of a canonical code; districts of municipalities are counties. Raises ``CodeError``."""
        self._name(code)
        return _RANKS[len(code)]

    @staticmethod
    def within(code: str, area: str) -> bool:
        """Whether all of ``code`` lies in ``area``, both canonical. If ``area`` is narrower, it may yet."""
        return code.startswith(area)

    def parent(self, code: str) -> str:
        """The canonical code one tier up; the parent of the nation is the nation. Raises ``CodeError``."""
        self._name(code)
        upper = code[:-2]
        return upper if upper in self._names else upper[:-2]

    def children(self, code: str) -> tuple[str, ...]:
        """The codes directly below, sorted: provinces, prefectures or counties. Raises ``CodeError``."""
        self._name(code)
        return self._children.get(code, ())

    @cached_property
    def _children(self) -> dict[str, tuple[str, ...]]:
        below: dict[str, list[str]] = {}
        for code in sorted(self._names):
            if code:
                below.setdefault(self.parent(code), []).append(code)
        return {code: tuple(found) for code, found in below.items()}

    def _name(self, code: str) -> str:
        try:
            return self._names[code]
        except KeyError:
            raise CodeError("division-unknown", f"“{code}”不是行政区划代码的规范写法") from None

    def _look_up(self, text: str | int) -> frozenset[str]:
        written = whole_number(half_width(str(text)))
        if written.isdecimal():
            return frozenset({self._code(written)})
        name = bare(written)
        if not name:
            raise CodeError("division-blank", "地区为空", "若指全国，请写“全国”")
        if name in self._aliases.needs_city:
            hint = "请写明所在城市，例如“北京经济技术开发区”"
            raise CodeError("division-needs-city", f"许多城市都有“{name}”", hint)
        found = self._parse(name, "") if len(name) <= _LONGEST else frozenset()
        if not found:
            raise self._unknown(name)
        return found

    def _code(self, digits: str) -> str:
        """The canonical form of a code that consists of digits."""
        code = digits[:6] if len(digits) in (9, 12) else digits
        if len(code) not in (2, 4, 6):
            message = f"行政区划代码应为 2、4 或 6 位数字，“{digits}”是 {len(digits)} 位"
            raise CodeError("division-unknown", message)
        while code.endswith("00"):
            code = code[:-2]
        if code in self._aliases.codes:
            return self._aliases.codes[code]
        if code in self._statistical:
            return code[:4] if code[:4] in self._names else code[:2]
        nameless = ("01", "02", "90") if code[:2] in _MUNICIPALITIES else ("90",)
        if len(code) == 4 and code[2:] in nameless:
            code = code[:2]
        if code in self._names:
            return code
        upper = next(code[:size] for size in (4, 2, 0) if code[:size] in self._names)
        hint = f"“{upper}”是{self.label(upper)}，请核对其后的数字" if upper else ""
        raise CodeError("division-unknown", f"没有行政区划代码“{digits}”", hint)

    @cached_property
    def _full(self) -> dict[str, tuple[str, ...]]:
        """Full names, aliases and the names of statistical areas, each with its codes."""
        pairs = [(bare(name), code) for code, name in self._names.items()]
        pairs += [(bare(name), self._code(code)) for code, name in self._statistical.items()]
        pairs += [(name, code) for name, codes in self._aliases.names.items() for code in codes]
        return _gather(pairs)

    @cached_property
    def _short(self) -> dict[str, tuple[str, ...]]:
        """Names without their suffix, each with its codes."""
        return _gather((short_name(name), code) for code, name in self._names.items() if code)

    def _parse(self, text: str, context: str) -> frozenset[str]:
        """The codes that the text means inside ``context``, the place named so far; empty if none."""
        exact = self._exact(text, context)
        if exact:
            return exact
        found: set[str] = set()
        for cut in range(len(text) - 1, 1, -1):
            for code in self._prefix(text[:cut], context):
                found |= self._parse(text[cut:], code)
        if not found and context:
            filler = next((word for word in _FILLERS if text.startswith(word)), "")
            return self._parse(text[len(filler) :], context) if filler else frozenset()
        return broadest(found)

    def _exact(self, text: str, context: str) -> frozenset[str]:
        """What the whole text names: full names before short ones, a province before others of that name."""
        if context and text in _FILLERS:
            return frozenset({context})
        for table in (self._full, self._short):
            codes = table.get(text, ())
            inside = [code for code in codes if code.startswith(context) and (code != context or not context)]
            if inside and not context:
                inside = [code for code in inside if len(code) == 2] or inside
            if inside:
                return broadest(inside)
            if any(context.startswith(code) for code in codes):
                return frozenset({context})  # the name repeats what has been said, or says less
        return frozenset()

    def _prefix(self, head: str, context: str) -> set[str]:
        """The contexts in which the rest of a text can be read once ``head`` has been read in ``context``."""
        codes = (*self._full.get(head, ()), *self._short.get(head, ()))
        narrower = {code for code in codes if code.startswith(context)}
        return narrower | {context for code in codes if context.startswith(code)}

    def _unknown(self, text: str) -> CodeError:
        """The error for a name that means nothing: what part of it is known, and names near the rest."""
        for cut in range(len(text) - 1, 1, -1):
            contexts = self._prefix(text[:cut], "")
            if contexts:
                break
        else:
            return CodeError("division-unknown", f"没有叫“{text}”的地区", _suggest(near(text, self._full)))
        rest, context = text[cut:], min(contexts)
        elsewhere = self._exact(rest, "")
        if elsewhere:
            places = "、".join(self.label(code) for code in sorted(elsewhere)[:3])
            return CodeError("division-mismatch", f"“{text[:cut]}”没有“{rest}”", f"“{rest}”是{places}")
        inner = [name for name, codes in self._full.items() if any(c.startswith(context) for c in codes)]
        names = near(rest, inner) or near(text, self._full)
        return CodeError("division-unknown", f"没有叫“{text}”的地区", _suggest(names))


def short_name(name: str) -> str:
    """The name without its suffix: 北京, 大厂, 浦东; the name itself where too short (易县).

    >>> short_name("大厂回族自治县")
    '大厂'
    """
    match = _AUTONOMOUS.fullmatch(name) or _PLAIN.fullmatch(name)
    return match[1] if match else name


def _gather(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    gathered: dict[str, tuple[str, ...]] = {}
    for name, code in pairs:
        codes = gathered.get(name, ())
        if code not in codes:
            gathered[name] = (*codes, code)
    return gathered


def _suggest(names: list[str]) -> str:
    return f"是否指{'、'.join(names)}" if names else ""


@cache
def _load(directory: Path) -> DivisionTable:
    names: dict[str, str] = {}
    statistical: dict[str, str] = {}
    for code, name, kind in read_rows(directory / "divisions.csv", ("code", "name", "kind")):
        (statistical if kind == "statistical" else names)[code] = name
    return DivisionTable(names, statistical, _read_aliases(directory / "division-aliases.yaml"))


def _read_aliases(path: Path) -> Aliases:
    content = read_names(path)
    names: dict[str, tuple[str, ...]] = {}
    codes: dict[str, str] = {}
    for entry in content["aliases"]:
        names.update({bare(name): tuple(entry["areas"]) for name in entry["names"]})
        codes.update(dict.fromkeys(entry.get("codes", ()), entry["areas"][0]))
    return Aliases(names, codes, frozenset(content["needs_city"]))
