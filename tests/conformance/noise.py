"""Noise over a profile: what people forget, blur, overstate, contradict or learn too late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from engine.regions import Several
from engine.spans import Number, Point, Span
from engine.vocabulary import VocabularyField
from tests.conformance.writing import STEPS

if TYPE_CHECKING:
    from tests.conformance.profiles import Draft, Figures, Profiles


def spoil(profiles: Profiles, draft: Draft, share: float) -> None:
    """Spoil about this share of the draft's values, and some of its lists and findings."""
    _Noise(profiles, draft, profiles.rng, share).run()


@dataclass(slots=True)
class _Noise:
    profiles: Profiles
    draft: Draft
    rng: Random
    share: float

    def run(self) -> None:
        """Add what was not asked for, blur, then take lists and findings away."""
        self._add()
        for holder in self._holders():
            for path in sorted(holder):
                if self.rng.random() < self.share and not path.endswith((".fiscal_year", ".id")):
                    self._blur(holder, path)
        for kind in sorted(self.draft.records):
            if self.rng.random() < self.share / 2:
                self.draft.partial.add(kind)
            elif self.rng.random() < self.share / 4:
                del self.draft.records[kind]
        self._judge()

    def _add(self) -> None:
        records = self.draft.records
        for kind in self.profiles.kinds:
            if kind not in records and self.rng.random() < 0.3 + self.share / 2:
                records[kind] = []
            if kind in records and kind != "annual" and self.rng.random() < self.share:
                self.profiles.record(self.draft, kind)
        self.profiles.fill(self.draft, self.share / 2 + 0.02)

    def _judge(self) -> None:
        """Further findings, some about one record, some a day too late; and some taken away."""
        for name in self.profiles.open:
            if self.rng.random() < self.share / 4:
                about = self.rng.choice(self._names() or [None])
                late = self.rng.random() < 0.2
                self.profiles.find(self.draft, name, self.rng.random() < 0.5, **({"about": about} if about else {}))
                if late:
                    self.draft.findings[-1]["on"] = self.draft.as_of + timedelta(days=1)
        self.draft.findings = [item for item in self.draft.findings if self.rng.random() >= self.share / 2]

    def _holders(self) -> Iterable[Figures]:
        records = self.draft.records
        return [self.draft.values, *(record for kind in sorted(records) for record in records[kind])]

    def _names(self) -> list[str | None]:
        values = [v for holder in self._holders() for path, v in holder.items() if path.endswith(".id")]
        return [*sorted({name for value in values if isinstance(value, frozenset) for name in value})]

    def _blur(self, holder: Figures, path: str) -> None:
        """Forget a value, make it wider, or put another in its place."""
        value, how = holder[path], self.rng.random()
        typed = self.profiles.pack.vocabulary.fields[path]
        if how < 0.35:
            del holder[path]
        elif how < 0.55:
            holder[path] = self.profiles.any_value(path, self.draft.as_of)
        elif isinstance(value, Span) and value.is_point:
            holder[path] = self._around(value.low, typed)
        elif isinstance(value, Several):
            kept = frozenset(item for item in sorted(value.certain) if self.rng.random() < 0.7)
            holder[path] = Several(kept, frozenset(typed.options))
        elif isinstance(value, frozenset) and typed.type not in ("text", "credit_code"):
            holder[path] = value | {self.rng.choice(sorted(self.profiles.codes(typed)))}

    def _around(self, point: Point | None, typed: VocabularyField) -> Span:
        """A range that touches, or crosses, an edge."""
        below, above = self.rng.choice(((0, 1), (1, 0), (1, 1), (0, 1000), (3, 0)))
        if isinstance(point, date):
            return Span(point - timedelta(days=below), point + timedelta(days=above))
        step = STEPS[typed.type]
        assert isinstance(point, Number)
        low = point - below * step
        low = low if typed.least is None or low >= typed.least else point
        return Span(low, None) if self.rng.random() < 0.1 else Span(low, point + above * step)
