"""What a person says of the columns of a list, on the page: read from its form into a mapping."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.lists.mapping import mapping_of
from web.centre.lists.understood import SKIP, UNREAD
from web.texts import gettext as _

MOST = 200
"""Sheets, and columns of one: more are not on the page."""
Form = Mapping[str, Sequence[str]]
_HEADER = re.compile(r"([1-9]\d{0,2})(?:\s*[-—~至]\s*([1-9]\d{0,2}))?")
_YEAR = re.compile(r"(?:19|20)\d{2}")


@dataclass(slots=True)
class Answered:
    """``mapping`` is JSON, which a mapping may be written in; ``wrong`` says by the name of a control what is wrong there."""

    mapping: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


def answered(form: Form, before: str) -> Answered:
    """The mapping that a form describes; rates of exchange are those of the mapping ``before``, if there is one."""
    result = Answered()
    reader = _Reader(form, result.wrong)
    lists = [sheet for number in range(MOST) if (sheet := reader.sheet(number)) is not None]
    told: dict[str, Any] = {"lists": lists}
    if before and (rates := mapping_of(before, _("映射")).rates):
        told["rates"] = {currency: str(rate) for currency, rate in rates.items()}
    result.mapping = json.dumps(told, ensure_ascii=False)
    return result


@dataclass(frozen=True, slots=True)
class _Reader:
    form: Form
    wrong: dict[str, str]

    def one(self, name: str) -> str:
        return next(iter(self.form.get(name, ())), "").strip()

    def sheet(self, number: int) -> dict[str, Any] | None:
        """The entry of a sheet; None where the page had none of this number."""
        at = f"s{number}"
        if not self.one(f"{at}-file"):
            return None
        entry: dict[str, Any] = {"file": self.one(f"{at}-file"), "row": self.one(f"{at}-row") or SKIP}
        if sheet := self.one(f"{at}-sheet"):
            entry["sheet"] = sheet
        if entry["row"] == SKIP:
            return entry
        if header := self._header(f"{at}-header"):
            entry["header"] = header
        # Under another header, or as other rows, the columns are others: they are matched anew.
        if all(self.one(f"{at}-{name}") == self.one(f"{at}-was-{name}") for name in ("row", "header")):
            entry |= self._body(at)
        return entry

    def _header(self, name: str) -> list[int]:
        text = self.one(name)
        found = _HEADER.fullmatch(text)
        if text and found is None:
            self.wrong[name] = _("表头所在的行写成 3 或 3-4 这样")
        return [int(part) for part in found.groups() if part] if found else []

    def _body(self, at: str) -> dict[str, Any]:
        names = {position: self.one(f"{at}c{position}-name") for position in range(MOST)}
        columns = {name: self._column(f"{at}c{position}") for position, name in names.items() if name}
        body: dict[str, Any] = {"columns": columns}
        keys = [names[int(told)] for told in self.form.get(f"{at}-key", ()) if told.isdecimal() and int(told) < MOST]
        if any(keys):
            body["key"] = [name for name in keys if name]
        if self.one(f"{at}-whole"):
            body["complete"] = bool(self.one(f"{at}-complete"))
        if unit := self.one(f"{at}-unit"):
            body["unit"] = unit
        if digits := self.one(f"{at}-digits"):
            body["key_digits"] = digits
        if (year := self._year(f"{at}-year")) is not None:
            body["year"] = year
        return body

    def _column(self, at: str) -> dict[str, Any] | None:
        field = self.one(f"{at}-field")
        if field == UNREAD:
            return None
        told: dict[str, Any] = {"field": field}
        told |= {name: value for name in ("unit", "edition", "take") if (value := self.one(f"{at}-{name}"))}
        if (year := self._year(f"{at}-year")) is not None:
            told["year"] = year
        if self.one(f"{at}-round"):
            told["round"] = True
        return told

    def _year(self, name: str) -> int | None:
        text = self.one(name)
        if text and not _YEAR.fullmatch(text):
            self.wrong[name] = _("年度写成四位数字，例如 2025")
            return None
        return int(text) if text else None
