"""A slice of a list through the columns executor: of each enterprise its profile, what queues filter by, and its outcome.

It comes to what ``keeping.decided`` comes to for each profile on its own, letter for letter and amount for amount; the
tests hold the two against one another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

import numpy as np
import polars as pl

from engine.columns import planes
from engine.columns.awaiting import awaited
from engine.columns.cells import CellReader
from engine.columns.frame import ROW, RawSlice, Reject
from engine.columns.kernel import Result, evaluate
from engine.columns.plan import Plan, plan_of, with_fields
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Ints
from engine.columns.slices import Encoder, Slice
from engine.columns.stated import pending
from engine.columns.vectors import EPOCH, Coded, settled
from engine.lists.profiles import Data, profiles_data
from engine.pack import Measure, Pack
from engine.profile import records_in
from engine.quantities import decimal_string
from web.centre.clock import day_of
from web.centre.intake import CODE, LONGEST_NAME, UNNAMED
from web.centre.keeping import Head
from web.centre.outcomes import LETTERS, Amounts, Awaiting, Outcome
from web.centre.store.tables import FindingRow
from web.service import MOST_RECORDS
from web.texts import gettext as _

NAME = "name"
HEAD = ("registered_division", "industry", "size_class")
LONGEST_KEY = 64
Refusal = tuple[str, str]
"""Why a row is not used, and what to do."""
TWICE: Refusal = (_("同一家企业（统一社会信用代码相同）出现了两次"), _("已采用先出现的一行，请核对后合并"))
_MANY: Refusal = (_("记录太多，超过 %d 条") % MOST_RECORDS, _("请只留有关的记录，改好再交"))
_TOO_LONG: Refusal = (_("企业编号太长，超过 64 个字"), _("请换一列作编号"))
_REMEMBERED = 50
"""Slices after which what texts mean is forgotten: names come but once, and would fill the memory."""
_LETTER = {FALSE: LETTERS["ineligible"], UNKNOWN: LETTERS["facts"], TRUE: LETTERS["eligible"]}
_LETTERS = np.frombuffer("".join(_LETTER[truth] for truth in sorted(_LETTER)).encode("ascii"), np.uint8)


Findings = Mapping[str, Sequence[FindingRow]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One enterprise of a list, in this row of its file. ``key`` is its credit code, or what names it in the list where
    that tells none."""

    row: int | None
    key: str
    data: Data
    head: Head
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Screened:
    """A slice, screened. INVARIANT: ``rows`` = entries + rejected rows of enterprises."""

    sheet: str
    entries: Sequence[Entry]
    rejects: Sequence[Reject]
    rows: int

    def without(self, refused: Mapping[str, Refusal]) -> Screened:
        """The same without enterprises that cannot be kept, by key and why: their rows are rejected."""
        gone = [entry for entry in self.entries if entry.key in refused]
        told = [Reject(self.sheet, entry.row, entry.key, "", entry.key, *refused[entry.key], False) for entry in gone]
        kept = [entry for entry in self.entries if entry.key not in refused]
        return replace(self, entries=kept, rejects=[*self.rejects, *told]) if gone else self

    @property
    def rejected(self) -> int:
        """Rows that are not used at all."""
        return self.rows - len(self.entries)


@dataclass(slots=True)
class Screening:
    """Screens slices at one date by one pack."""

    pack: Pack
    as_of: date
    plan: Plan = field(init=False)
    _encoder: Encoder = field(init=False)

    def __post_init__(self) -> None:
        self.plan = with_fields(plan_of(self.pack, self.as_of), (NAME, *HEAD))
        self._encoder = self._fresh()

    def _fresh(self) -> Encoder:
        vocabulary = self.pack.vocabulary
        every = frozenset((*vocabulary.fields, *vocabulary.records))
        return Encoder(vocabulary, CellReader(self.pack.tables), every, self.as_of, keeps=True)

    def slice(self, raw: RawSlice, findings: Callable[[Sequence[str]], Findings]) -> Screened:
        """Screen a slice. ``findings``: the centre's that count, asked for by keys; those that the list brings are claims.

        Not for two slices at a time: what texts mean is remembered for the next one.
        """
        if raw.number % _REMEMBERED == 0:
            self._encoder = self._fresh()
        data = self._encoder.slice(raw)
        profiles = profiles_data(raw, data, self.pack)
        keys = [code or key for code, key in zip(_single(data, CODE), data.keys.cast(pl.String).to_list(), strict=True)]
        frame = data.used[None].frame
        rows = frame[ROW].to_list() if ROW in frame.columns else [None] * len(keys)
        used = list(_usable(keys, rows, profiles, raw.enterprise.name, data.rejects))
        data.findings = _findings(keys, findings([keys[row] for row in used]), self.as_of)
        result = evaluate(self.plan, data)
        heads, found = heads_of(result), outcomes(result)
        entries = [Entry(rows[at], keys[at], profiles[at], heads[at], found[at]) for at in used]
        return Screened(raw.enterprise.name, entries, data.rejects, raw.rows)


def _usable(
    keys: Sequence[str], rows: Sequence[int | None], profiles: Sequence[Data], sheet: str, rejects: list[Reject]
) -> Iterator[int]:
    """The enterprises that can be kept under their key, and whose profile a form would take; the others are rejected."""
    seen: set[str] = set()
    for number, key in enumerate(keys):
        if key in seen:
            reason, hint = TWICE
        elif len(key) > LONGEST_KEY:
            reason, hint = _TOO_LONG
        elif records_in(profiles[number]) > MOST_RECORDS:
            reason, hint = _MANY
        else:
            seen.add(key)
            yield number
            continue
        rejects.append(Reject(sheet, rows[number], key, "", key, reason, hint, False))


def _findings(keys: Sequence[str], findings: Findings, as_of: date) -> pl.DataFrame | None:
    """The findings as an encoder gives them: those up to the as-of date."""
    rows = [
        (at, row.judgement, row.about, TRUE if row.finding else FALSE, (day_of(row.at) - EPOCH).days)
        for at, key in enumerate(keys)
        for row in findings.get(key, ())
        if day_of(row.at) <= as_of
    ]
    schema = {"at": pl.UInt32, "judgement": pl.String, "about": pl.String, "answer": pl.UInt8, "on": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row") if rows else None


def heads_of(result: Result) -> list[Head]:
    """What queues filter each enterprise by; the plan has to read ``NAME`` and ``HEAD``."""
    columns = [_single(result.data, path) for path in (NAME, *HEAD)]
    return [
        Head((name or UNNAMED)[:LONGEST_NAME], division, industry, size)
        for name, division, industry, size in zip(*columns, strict=True)
    ]


def _single(data: Slice, path: str) -> list[str | None]:
    """The one value of a field of each enterprise; None where it is unknown or open between several."""
    column = data.columns.get(path)
    if not isinstance(column, Coded):
        return [None] * data.rows
    values = [settled(value) for value in column.values]
    single = [next(iter(value)) if isinstance(value, frozenset) and len(value) == 1 else None for value in values]
    return [single[code] for code in column.codes.tolist()]


# Outcomes


def outcomes(result: Result) -> list[Outcome]:
    """The outcome of each enterprise of a slice."""
    rows, measures = result.data.rows, result.plan.pack.measures
    letters = np.full((rows, len(measures)), ord(LETTERS["not_in_force"]), np.uint8)
    amounts: list[Amounts] = [{} for _ in range(rows)]
    awaiting: list[Awaiting] = [{} for _ in range(rows)]
    numbers = {measure.id: number for number, measure in enumerate(measures)}
    for measure in result.plan.measures:
        ready = np.flatnonzero(planes.holds(pending(measure, result), rows, TRUE))
        own = letters[:, numbers[measure.id]]
        own[:] = _LETTERS.take(planes.full(result.outcomes[measure.id].verdict, rows))
        own[ready] = ord(LETTERS["pending"])
        _await(measure, result, ready, awaiting)
        _pay(measure, result, ready, amounts)
    width, text = len(measures), letters.tobytes().decode("ascii")
    return [
        Outcome(text[row * width : (row + 1) * width], amounts[row], awaiting[row]) for row in range(rows)
    ]


def _await(measure: Measure, result: Result, ready: Ints, into: Sequence[Awaiting]) -> None:
    if not len(ready):
        return
    names = awaited(measure, result)
    for row, code in zip(ready.tolist(), names.codes.take(ready).tolist(), strict=True):
        into[row][measure.id] = list(names.table[code])


def _pay(measure: Measure, result: Result, ready: Ints, into: Sequence[Amounts]) -> None:
    """[low, high] of what is eligible, [0, high] of what is pending, where the document states an amount."""
    found = result.outcomes[measure.id].amounts
    if found is None:
        return
    told: dict[int, str] = {}

    def yuan(units: int) -> str:
        if units not in told:
            told[units] = decimal_string(Fraction(units, result.plan.unit))
        return told[units]

    eligible = result.rows(measure, TRUE)
    rows = np.concatenate([eligible, ready]).tolist()
    low = [*(int(units) for units in found.low.take(eligible)), *(0 for _ in ready)]
    high = [int(units) for units in found.high.take(rows)]
    endless = [False] * len(rows) if found.endless is None else found.endless.take(rows).tolist()
    for row, least, most, unbounded in zip(rows, low, high, endless, strict=True):
        into[row][measure.id] = yuan(least), None if unbounded else yuan(most)
