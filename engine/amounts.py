"""What a benefit is worth: exact ranges over the facts still open (DESIGN 2.11 and 2.12).

An amount is a range [low, high] in yuan; ``high`` None is unbounded. Every benefit reads each field once and
grows with it, so the ends of a range come from the ends of its inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from engine.conditions import Operand, Sum
from engine.documents import Award, Cap, MeasureSpec, Proportional, Tiered
from engine.facts import Known
from engine.operands import LeafReader, Reach, amount_of, waits_for
from engine.pack import Measure
from engine.quantities import format_money, format_ratio
from engine.spans import Number, Span, add, scale

Range = tuple[Number, Number | None]
ZERO: Range = (0, 0)


@dataclass(frozen=True, slots=True)
class Amount:
    """A range; for an amount capped a year also by year; the calculation in words; what would narrow it.

    ``uncapped_low`` is the low end before a cap whose scope the text leaves open.
    """

    range: Range
    by_year: Mapping[int, Range] | None = None
    steps: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    uncapped_low: Number | None = None


def is_stated(spec: MeasureSpec) -> bool:
    """Whether the document itself states an amount or how to compute it."""
    return isinstance(spec.benefit, Award | Tiered | Proportional)


def amount_for(measure: Measure, reader: LeafReader, reach: Reach) -> Amount:
    """The amount for the enterprise, or for the subject record in ``reach``. The benefit states one."""
    benefit = measure.spec.benefit
    match benefit:
        case Award(amount=amount):
            return Amount((amount, amount), steps=(f"定额{format_money(amount)}",))
        case Tiered():
            return _tiered(benefit, measure.base, reader, reach)
        case Proportional() if isinstance(measure.base, Sum):
            return _summed(benefit, measure.base, measure.document, reader, reach)
        case Proportional() if measure.base is not None:
            found = reader.operand(measure.base, reach)
            base = found.value if isinstance(found.value, Span) else Span(0, None)
            return _one(benefit, base, found.missing)
    raise TypeError(f"{measure.id} states no amount")


def together(measure: Measure, amounts: Iterable[Amount]) -> Amount:
    """The amounts of several records as one: added, under a cap on their total where there is one."""
    items = list(amounts)
    cap = _cap(measure)
    low = sum((item.range[0] for item in items), start=0)
    high = _sum_high(item.range[1] for item in items)
    steps = tuple(step for item in items for step in item.steps)
    if cap and cap.scope in ("total", "unstated") and len(items) > 1:
        uncapped = sum((item.uncapped_low or 0 for item in items), start=0)
        low = min(uncapped, cap.amount)
        if cap.scope == "total":
            high = cap.amount if high is None else min(high, cap.amount)
        steps = (*steps, *(step for step in (_cap_step(cap),) if step not in steps))
    missing = tuple(dict.fromkeys(name for item in items for name in item.missing))
    return Amount((low, high), steps=steps, missing=missing)


def open_ended(measure: Measure, amounts: Iterable[Amount]) -> Amount:
    """What records could bring of which more may exist than are listed: no bound, unless their total is capped."""
    known = together(measure, amounts)
    cap = _cap(measure)
    high = cap.amount if cap and cap.scope == "total" else None
    return Amount((0, high), steps=known.steps, missing=known.missing)


def _cap(measure: Measure) -> Cap | None:
    benefit = measure.spec.benefit
    return benefit.cap if isinstance(benefit, Proportional) else None


def _tiered(benefit: Tiered, base: Operand | None, reader: LeafReader, reach: Reach) -> Amount:
    if base is None:
        raise TypeError("a tiered benefit names a field")
    found = reader.operand(base, reach)
    # A tier that is not known may also be one for which the text states nothing.
    options = found.value if isinstance(found.value, frozenset) else reader.pack.vocabulary.fields[benefit.by].options
    possible = [benefit.amounts.get(option, 0) for option in options]
    return Amount((min(possible), max(possible)), steps=("按档定额",), missing=found.missing)


def _one(benefit: Proportional, base: Span, missing: tuple[str, ...]) -> Amount:
    """A rate on one figure."""
    product = scale(base, benefit.rate)
    low, high = _ends(product)
    steps = [_product_step(benefit, base, product)]
    cap = benefit.cap
    if cap is None:
        return Amount((low, high), steps=tuple(steps), missing=missing, uncapped_low=low)
    capped = (min(low, cap.amount), cap.amount if high is None else min(high, cap.amount))
    if (low, high) != capped:
        steps.append(_cap_step(cap))
    return Amount(capped, steps=tuple(steps), missing=missing, uncapped_low=low)


@dataclass(slots=True)
class _Year:
    """Sums of one calendar year: of records that certainly count, and of those that may."""

    certain: Span = field(default_factory=lambda: Span.exactly(0))
    possible: Span = field(default_factory=lambda: Span.exactly(0))


def _summed(benefit: Proportional, base: Sum, document: str, reader: LeafReader, reach: Reach) -> Amount:
    """A rate on a filtered sum over records."""
    kind = base.path.partition(".")[0]
    missing: dict[str, None] = dict.fromkeys(reader.open_list(kind))
    rows: list[tuple[Known, bool]] = []
    for known, held in reader.matches(kind, base.where, reach):
        missing.update((name, None) for name in held.missing if waits_for(name, reader.pack) == "fact")
        if base.path not in known.values:
            missing[base.path] = None
        rows.append((known, held.truth is True))
    more = bool(reader.open_list(kind))
    if benefit.per_year is not None:
        return _by_year(benefit, base.path, rows, more, document, reader, tuple(missing))
    each = [_one(benefit, amount_of(known, base.path), ()) for known, _ in rows]
    low_each = [item.range[0] for item, (_, certain) in zip(each, rows, strict=True) if certain]
    low = sum(low_each, start=0)
    high = None if more else _sum_high(item.range[1] for item in each)
    cap = benefit.cap
    if cap and cap.scope in ("total", "unstated"):
        certain = [item.uncapped_low or 0 for item, (_, sure) in zip(each, rows, strict=True) if sure]
        low = min(sum(certain, start=0), cap.amount)
    if cap and cap.scope == "total":
        high = cap.amount if high is None else min(high, cap.amount)
    return Amount((low, high), steps=tuple(s for item in each for s in item.steps), missing=tuple(missing))


def _by_year(
    benefit: Proportional,
    path: str,
    rows: list[tuple[Known, bool]],
    more: bool,
    document: str,
    reader: LeafReader,
    missing: tuple[str, ...],
) -> Amount:
    """Sums by calendar year, each under the yearly cap.

    A record without a certain year may fall into any year: the low end leaves it out, the high end adds it
    (DESIGN 2.12). Over all years it is counted once, as far as the caps leave room.
    """
    years = {year: _Year() for year in _years(document, reader)}
    undated = Span(0, None) if more else Span.exactly(0)
    loose: list[Number | None] = []
    for known, certain in rows:
        year = _year(known, benefit.per_year or "")
        amount = amount_of(known, path)
        if year is None:
            undated = add(undated, Span(0, amount.high))
            loose.append(_ends(scale(amount, benefit.rate))[1])
        elif certain:
            years.setdefault(year, _Year()).certain = add(years.setdefault(year, _Year()).certain, amount)
        else:
            slot = years.setdefault(year, _Year())
            slot.possible = add(slot.possible, Span(0, amount.high))
    limit = benefit.cap.amount if benefit.cap else None
    by_year: dict[int, Range] = {}
    settled: list[Range] = []
    steps: list[str] = []
    for year, sums in sorted(years.items()):
        product = scale(sums.certain, benefit.rate)
        most = scale(add(sums.certain, sums.possible), benefit.rate)
        settled.append((_capped(_ends(product)[0], limit) or 0, _capped(_ends(most)[1], limit)))
        ceiling = scale(add(add(sums.certain, sums.possible), undated), benefit.rate)
        by_year[year] = (settled[-1][0], _capped(_ends(ceiling)[1], limit))
        if sums.certain.high != 0:
            step = f"{year}年：{_product_step(benefit, sums.certain, product)}"
            over = limit is not None and (_ends(product)[1] is None or _ends(product)[1] > limit)  # type: ignore[operator]
            steps.append(f"{step}，年度最高{format_money(limit)}" if over and limit is not None else step)
    low = sum((item[0] for item in settled), start=0)
    high = _with_undated([high for _, high in settled], loose, more, limit)
    shown = {year: ends for year, ends in by_year.items() if ends != ZERO}
    return Amount((low, high), by_year=shown, steps=tuple(steps), missing=missing)


def _with_undated(
    settled: list[Number | None], loose: list[Number | None], more: bool, limit: Number | None
) -> Number | None:
    """The most that all years bring together with records that have no year, of which there may be ``more``.

    Such a record lies in one year, so it brings at most what the emptiest year has room for. Which of several
    records best share a year is not searched: for them the end is an upper bound, and for one it is exact.
    """
    total = _sum_high(settled)
    if limit is None or total is None:
        extra = None if more else _sum_high(loose)
        return None if total is None or extra is None else total + extra
    rooms = [limit - (high or 0) for high in settled]
    widest = max(rooms, default=0)
    room = sum(rooms, start=0)
    return total + (room if more else min(room, sum((_capped(high, widest) or 0 for high in loose), start=0)))


def _years(document: str, reader: LeafReader) -> range:
    """Calendar years of the document's validity, up to the as-of date."""
    validity = reader.pack.documents[document].document.validity
    last = reader.facts.as_of if validity.end is None else min(validity.end, reader.facts.as_of)
    return range(validity.start.year, last.year + 1)


def _year(known: Known, path: str) -> int | None:
    """The calendar year of a record, where its date settles it."""
    value = known.values.get(path)
    if isinstance(value, Span) and isinstance(value.low, date) and isinstance(value.high, date):
        return value.low.year if value.low.year == value.high.year else None
    return None


def _ends(span: Span) -> Range:
    low = span.low if isinstance(span.low, Number) else 0
    return low, span.high if isinstance(span.high, Number) else None


def _capped(amount: Number | None, limit: Number | None) -> Number | None:
    if limit is None:
        return amount
    return limit if amount is None else min(amount, limit)


def _sum_high(highs: Iterable[Number | None]) -> Number | None:
    total: Number = 0
    for high in highs:
        if high is None:
            return None
        total += high
    return total


def _product_step(benefit: Proportional, base: Span, product: Span) -> str:
    rate = "1:1" if benefit.kind == "matching" and benefit.rate == 1 else format_ratio(benefit.rate)
    return f"{_money(base)} × {rate} = {_money(product)}"


def _money(span: Span) -> str:
    low, high = _ends(span)
    if high is None:
        return f"{format_money(low)}以上" if low else "金额未填"
    return format_money(low) if low == high else f"{format_money(low)}至{format_money(high)}"


def _cap_step(cap: Cap) -> str:
    scope = {
        "per_year": "每年",
        "per_record": "每项",
        "total": "合计",
        "unstated": "（文件未写明按每项还是合计）",
    }[cap.scope]
    return f"最高{format_money(cap.amount)}{scope}" if cap.scope == "unstated" else f"{scope}最高{format_money(cap.amount)}"
