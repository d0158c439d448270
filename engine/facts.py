"""What is known of an enterprise at a date: given values, and those derived from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, date

from engine.documents import Provenance
from engine.profile import Profile, Record, ReviewFinding
from engine.regions import Value, narrowed, widened
from engine.spans import Span
from engine.truth import Truth
from engine.vocabulary import Option, Vocabulary, VocabularyField


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a value came about: the rule's title and source, what was stated beside it, and whether they clash."""

    title: str
    source: Provenance
    derived: Value
    stated: Value | None
    conflict: bool


@dataclass(slots=True)
class Known:
    """Values of the enterprise or of one record by path, and how the derived ones came about."""

    record: Record | None
    values: dict[str, Value]
    derivations: dict[str, Derivation] = field(default_factory=dict)

    def derive(self, path: str, value: Value, title: str, source: Provenance, *, codes: bool = False) -> None:
        """Add a derived value: it narrows a stated one; where the two clash, both stay possible (DESIGN 2.19)."""
        stated = self.values.get(path)
        both = value if stated is None else narrowed(stated, value, codes=codes)
        conflict = both is None
        if stated is not None and both == stated:
            return
        self.values[path] = both if both is not None else widened(stated, value)  # type: ignore[arg-type]
        self.derivations[path] = Derivation(title, source, value, stated, conflict)


@dataclass(slots=True)
class Facts:
    """The enterprise's values and its record lists at ``as_of``. Lists that are absent have no entry."""

    as_of: date
    vocabulary: Vocabulary
    enterprise: Known
    records: Mapping[str, list[Known]]
    partial: frozenset[str]
    reviews: Mapping[str, list[ReviewFinding]]

    @classmethod
    def of(cls, profile: Profile, vocabulary: Vocabulary, as_of: date) -> Facts:
        """Facts before any derivation, with the end dates that follow from a term."""
        records = {
            kind: [Known(record, dict(record.values)) for record in listed.records]
            for kind, listed in profile.lists.items()
        }
        reviews: dict[str, list[ReviewFinding]] = {}
        for review in profile.findings:
            if review.on <= as_of:
                reviews.setdefault(review.judgement, []).append(review)
        partial = frozenset(kind for kind, listed in profile.lists.items() if not listed.complete)
        facts = cls(as_of, vocabulary, Known(None, dict(profile.values)), records, partial, reviews)
        facts._end_terms()
        return facts

    def review(self, judgement: str, about: str | None) -> tuple[Truth, ReviewFinding | None]:
        """The latest finding on a judgement, one about this very record first; contradictions are unknown."""
        given = self.reviews.get(judgement, [])
        own = [review for review in given if review.about is not None and review.about == about]
        chosen = own or [review for review in given if review.about is None]
        if not chosen:
            return None, None
        latest = max(review.on for review in chosen)
        answers = [review for review in chosen if review.on == latest]
        if len({review.answer for review in answers}) > 1:
            return None, answers[0]
        return answers[0].answer, answers[0]

    def _end_terms(self) -> None:
        for kind, records in self.records.items():
            for name, typed in self.vocabulary.records[kind].fields.items():
                if typed.spec.term is not None:
                    for record in records:
                        _end_term(record, kind, name, typed, self.vocabulary)


def _end_term(record: Known, kind: str, name: str, typed: VocabularyField, vocabulary: Vocabulary) -> None:
    """``expires`` from ``issued`` where no end is stated and the option has a term of years."""
    term, path = typed.spec.term, f"{kind}.{name}"
    if term is None or path in record.values:
        return
    start, by = record.values.get(f"{kind}.{term.start}"), record.values.get(f"{kind}.{term.by}")
    if not isinstance(start, Span) or not isinstance(by, frozenset):
        return
    options = vocabulary.fields[f"{kind}.{term.by}"].options
    years_given = term_of(by, options)
    if years_given is None:
        return
    value = Span(later(start.low, years_given), later(start.high, years_given))
    source = next((options[key].source for key in by if options[key].source), None)
    provenance = Provenance(title=source or "字段词典所载有效年限", certainty="secondary")
    record.derive(path, value, f"有效期{years_given}年", provenance)


def term_of(chosen: Iterable[str], options: Mapping[str, Option]) -> int | None:
    """The years for which each of these options holds, where it is the same for all."""
    years = {options[key].term_years for key in chosen}
    return next(iter(years)) if len(years) == 1 else None


def later(day: object, years: int) -> date | None:
    """The corresponding day so many years later; 29 February ends on the 28th."""
    if not isinstance(day, date):
        return None
    if day.year + years > MAXYEAR:
        return date.max
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
