"""A solver's profile, as incomplete as it is, written as data that ``profile_of`` reads."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import z3

from engine.completions.answers import Finite, Mixed
from engine.completions.given import ENTERPRISE, Given, Holder
from engine.completions.rails import Formula
from engine.completions.variables import written
from engine.completions.witness import REASON, REVIEWER, Data, holds, named_division, named_option
from engine.quantities import format_span
from engine.spans import Span
from engine.vocabulary import VocabularyField


def profile_data(given: Given, model: z3.ModelRef, day: date) -> Data:
    """What the model says of the enterprise, its lists and its findings."""
    return _Writing(given, model, day).run()


class _Writing:
    def __init__(self, given: Given, model: z3.ModelRef, day: date) -> None:
        self.given, self.model, self.day = given, model, day

    def run(self) -> Data:
        data: Data = self._fields(ENTERPRISE)
        for kind, (given, _) in self.given.lists.items():
            if self._is(given) and kind != "annual":
                data[self._list(kind)] = self._items(kind)
        years = [{"fiscal_year": year, **self._fields(holder)} for year, holder in sorted(self.given.years.items())]
        if any(len(item) > 1 for item in years):
            data[self._list("annual")] = [item for item in years if len(item) > 1]
        findings = self._findings()
        if findings:
            data["findings"] = findings
        return data

    def _is(self, formula: Formula) -> bool:
        return holds(self.model, formula)

    def _list(self, kind: str) -> str:
        return next(p.vocabulary.records[kind].list for p in self.given.packs if kind in p.vocabulary.records)

    def _items(self, kind: str) -> Any:
        present = [holder for holder in self.given.holders(kind) if self._is(holder.present)]
        items = [{"id": holder.name, **self._fields(holder)} for holder in present]
        return {"partial": True, "items": items} if self._is(self.given.lists[kind][1]) else items

    def _fields(self, holder: Holder) -> Data:
        found: Data = {}
        for (of, path), state in self.given.states.items():
            if of == holder and self._is(state.known):
                field = self.given.vocabulary(path)[0]
                found[path.rpartition(".")[2]] = self._value(field, path, state)
        return found

    def _value(self, field: VocabularyField, path: str, state: Any) -> Any:
        versions = self.given.vocabulary(path)
        match state:
            case Finite():
                chosen = [n for n, pick in enumerate(state.picks) if self._is(pick)]
                values = [self._named(versions, state.classes.members[n][0]) for n in chosen]
                return values[0] if len(values) == 1 else values
            case Mixed():
                certain = [option for option, formula in state.certain.items() if self._is(formula)]
                names = [self._named(versions, option) for option in certain]
                more = any(self._is(f) and option not in certain for option, f in state.possible.items())
                return {"partial": True, "items": names} if more else names
        low = self._number(state.low) if self._is(state.has_low) else None
        high = self._number(state.high) if self._is(state.has_high) else None
        if low is not None and low == high:
            return written(field, low)
        span = Span(self._point(low, field, state.scale), self._point(high, field, state.scale))
        kind: Any = field.type
        return format_span(span, kind, field.spec.unit or "")

    def _named(self, versions: list[VocabularyField], value: str) -> str | bool:
        field = next((version for version in versions if value in version.options), versions[0])
        if field.type == "division":
            return named_division(value, self.given.packs[0].tables.divisions)
        return named_option(field, value) if value in field.options else value

    def _number(self, units: z3.ArithRef) -> int:
        return int(self.model.eval(units, model_completion=True).as_long())

    def _point(self, units: int | None, field: VocabularyField, scale: int) -> Any:
        if units is None:
            return None
        return date.fromordinal(units) if field.type == "date" else Fraction(units, scale)

    def _findings(self) -> list[Data]:
        """A record about which nothing is settled beside a general finding has two that contradict each other."""
        found: list[Data] = []
        general = {id for (id, holder), rails in self.given.judged.items() if holder == ENTERPRISE and self._open(rails) is False}
        for (id, holder), rails in self.given.judged.items():
            if holder != ENTERPRISE and not self._is(holder.present):
                continue
            answers = [True] if self._is(rails.true) else [False] if self._is(rails.is_false) else []
            if not answers and holder != ENTERPRISE and id in general:
                answers = [True, False]
            about = {} if holder == ENTERPRISE else {"about": holder.name}
            for answer in answers:
                finding = {"judgement": id, "finding": answer, "by": REVIEWER, "on": self.day.isoformat(), "why": REASON}
                found.append(finding | about)
        return found

    def _open(self, rails: Any) -> bool:
        return not self._is(rails.true) and not self._is(rails.is_false)
