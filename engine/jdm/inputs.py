"""A profile as the input of an exported graph: ids and codes, decimal strings, null for unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.diagnostics import Finding, InputError
from engine.jdm.zen import Refused
from engine.profile import Profile, ReviewFinding
from engine.quantities import decimal_string
from engine.regions import Several, Value
from engine.spans import Span
from engine.vocabulary import Vocabulary


def jdm_input(profile: Profile, vocabulary: Vocabulary, as_of: date) -> dict[str, Any]:
    """``{as_of, enterprise: {field: value}, lists: {list: [record]}, partial: [list], findings: [...]}``.

    Options, codes and texts are lists of the possible values, several options a list of those chosen, numbers
    decimal strings, dates ISO strings. Raises InputError where a value is a range, which a graph cannot take.
    """
    problems: list[Finding] = []

    def converted(values: Mapping[str, Value], where: str) -> dict[str, Any]:
        result = {}
        for path, value in values.items():
            try:
                result[path.rpartition(".")[2]] = _plain(value)
            except Refused as why:
                message = f"{where}{vocabulary.fields[path].label}：{why.reason}"
                problems.append(Finding("画像", 0, 0, "jdm-input", message, "图只能算确定的值或空值"))
        return result

    lists = {
        vocabulary.records[kind].list: [
            converted(record.values, f"{vocabulary.records[kind].label}第{record.index + 1}条·")
            | _name(record.id)
            for record in listed.records
        ]
        for kind, listed in profile.lists.items()
        if kind != "finding"
    }
    made = {
        "as_of": as_of.isoformat(),
        "enterprise": converted(profile.values, ""),
        "lists": lists,
        "partial": [
            vocabulary.records[kind].list for kind, listed in profile.lists.items() if not listed.complete
        ],
        "findings": [_finding(item) for item in profile.findings],
    }
    if problems:
        raise InputError(problems)
    return made


def _name(id: str | None) -> dict[str, Any]:
    return {"id": id} if id is not None else {}


def _finding(item: ReviewFinding) -> dict[str, Any]:
    on = item.on.isoformat()
    return {"judgement": item.judgement, "about": item.about, "finding": item.answer, "on": on}


def _plain(value: Value) -> object:
    match value:
        case Span() if not value.is_point:
            raise Refused("是一个范围")
        case Span(low=low) if isinstance(low, date):
            return low.isoformat()
        case Span(low=low) if low is not None and not isinstance(low, date):
            return decimal_string(low)
        case Several(certain, possible):
            if certain != possible:
                raise Refused("多选没有填全")
            return sorted(certain)
        case frozenset():
            return sorted(value)
    raise TypeError(f"not a value: {value!r}")
