"""Amounts as ZEN expressions: the same ends of ranges as ``engine.amounts``, in exact decimals."""

from __future__ import annotations

from dataclasses import dataclass

from engine.conditions import All as AllOf
from engine.conditions import FieldRef, Node, Sum, Test, ValidityEnd
from engine.documents import Award, Cap, Proportional, Tiered
from engine.jdm import zen
from engine.jdm.leaves import LeafWriter
from engine.jdm.sheet import Place, Sheet
from engine.jdm.zen import START, YEAR, Refused
from engine.pack import Measure


@dataclass(frozen=True, slots=True)
class Worth:
    """Keys of the ends of an amount, of its low end before a cap, and of the ends by year."""

    low: str
    high: str
    uncapped: str
    by_year: dict[int, tuple[str, str]] | None = None


def write_subject(measure: Measure, writer: LeafWriter) -> Worth | None:
    """The amount for the enterprise or one record, as keys of its sheet; None where none is stated."""
    benefit, sheet, place = measure.spec.benefit, writer.sheet, writer.place
    if isinstance(benefit, Award):
        amount = sheet.add(place.key("w"), zen.number(benefit.amount))
        return Worth(amount, amount, amount)
    if isinstance(benefit, Tiered) and isinstance(measure.base, FieldRef):
        return _tiered(benefit, measure.base, writer)
    if isinstance(benefit, Proportional) and isinstance(measure.base, Sum):
        return _summed(measure, benefit, measure.base, writer)
    if isinstance(benefit, Proportional) and measure.base is not None:
        base = writer.value(measure.base)
        rate = zen.number(benefit.rate)
        low = sheet.add(place.key("w"), f"({base} ?? 0) * {rate}")
        high = sheet.add(place.key("w"), f"{base} == null ? null : {base} * {rate}")
        if benefit.cap is None:
            return Worth(low, high, low)
        return Worth(*_capped(sheet, place, low, high, benefit.cap), low)
    return None


def write_total(
    measure: Measure, sheet: Sheet, place: Place, records: str, counted: str, ended: str, worth: Worth
) -> tuple[str, str]:
    """The ends over the records in ``counted``; ``ended``: more records may exist than are listed."""
    cap = measure.spec.benefit.cap if isinstance(measure.spec.benefit, Proportional) else None
    low_key, high_key, uncapped_key = (
        name.removeprefix("$.") for name in (worth.low, worth.high, worth.uncapped)
    )
    low = f"sum(map({counted}, #.{low_key}))"
    high = f"some({counted}, #.{high_key} == null) ? null : sum(map({counted}, #.{high_key}))"
    if cap and cap.scope in ("total", "unstated"):
        limit, several = zen.number(cap.amount), f"len({counted}) > 1"
        low = f"{several} ? min([sum(map({counted}, #.{uncapped_key})), {limit}]) : {low}"
        if cap.scope == "total":
            added = sheet.add(place.key("w"), high)
            high = f"{several} ? ({added} == null ? {limit} : min([{added}, {limit}])) : {added}"
    most = zen.number(cap.amount) if cap and cap.scope == "total" else "null"
    return (
        sheet.add(place.key("w"), f"{ended} ? 0 : ({low})"),
        sheet.add(place.key("w"), f"{ended} ? {most} : ({high})"),
    )


def _tiered(benefit: Tiered, base: FieldRef, writer: LeafWriter) -> Worth:
    ref, sheet, place = writer.reference(base.path), writer.sheet, writer.place
    amounts = list(benefit.amounts.items())
    chain = "0"
    for option, amount in reversed(amounts):
        chain = f"(# == {zen.text(option)} ? {zen.number(amount)} : {chain})"
    # A tier that is not known may also be one for which the text states nothing.
    possible = [benefit.amounts.get(option, 0) for option in place.pack.vocabulary.fields[base.path].options]
    least, most = zen.number(min(possible)), zen.number(max(possible))
    low = sheet.add(place.key("w"), f"{ref} == null ? {least} : min(map({ref}, {chain}))")
    high = sheet.add(place.key("w"), f"{ref} == null ? {most} : max(map({ref}, {chain}))")
    return Worth(low, high, low)


def _capped(sheet: Sheet, place: Place, low: str, high: str, cap: Cap) -> tuple[str, str]:
    limit = zen.number(cap.amount)
    return (
        sheet.add(place.key("w"), f"min([{low}, {limit}])"),
        sheet.add(place.key("w"), f"{high} == null ? {limit} : min([{high}, {limit}])"),
    )


def _summed(measure: Measure, benefit: Proportional, base: Sum, writer: LeafWriter) -> Worth:
    """A rate on a filtered sum."""
    if benefit.per_year is not None:
        return _Years(measure, benefit, base, writer).write()
    if benefit.cap is not None and benefit.cap.scope in ("per_record", "per_year", "unstated"):
        raise Refused("合计的每一笔各有上限")
    low_base, high_base = writer.ends(base)
    sheet, place, rate = writer.sheet, writer.place, zen.number(benefit.rate)
    low = sheet.add(place.key("w"), f"{low_base} * {rate}")
    high = sheet.add(place.key("w"), f"{high_base} == null ? null : {high_base} * {rate}")
    if benefit.cap is None:
        return Worth(low, high, low)
    # The reference caps each record first, by the same amount: under a cap on the total that changes nothing.
    return Worth(*_capped(sheet, place, low, high, benefit.cap), low)


@dataclass(slots=True)
class _Years:
    """Sums by calendar year, each under its cap; every record counted is dated within the validity."""

    measure: Measure
    benefit: Proportional
    base: Sum
    writer: LeafWriter

    def write(self) -> Worth:
        years = self._years()
        kind, date = self.base.path.partition(".")[0], self.benefit.per_year or ""
        if self.base.where is None or not _bounded(self.base.where, date):
            raise Refused("按年度封顶，但没有限定日期在文件有效期内，年份无从列举")
        sheet, place = self.writer.sheet, self.writer.place
        passing = place.filters.get((kind, self.base.where))
        if passing is None:
            raise Refused("筛选里又数了别的记录")
        records = f"$nodes.{sheet.before}.records.{kind}"
        rows = sheet.add(
            place.key("v"),
            f"map(filter({records}, #.{passing} != false), "
            f'{{"sure": #.{passing} == true, '
            f'"amount": #.{self.base.path} == null ? null : number(#.{self.base.path}), '
            f'"year": #.{date} == null ? null : d(#.{date}).year()}})',
        )
        more = f"{START}.open.{kind}"
        undated = f"filter({rows}, #.year == null)"
        added = self._rated(f"sum(map({undated}, #.amount))")
        loose = f"{more} or some({undated}, #.amount == null) ? null : {added}"
        undated_key = sheet.add(place.key("w"), loose)
        ends = {year: self._year(rows, year, undated_key) for year in years}
        return self._together(ends, undated, undated_key, more)

    def _years(self) -> range:
        validity = self.writer.place.pack.documents[self.measure.document].document.validity
        if validity.end is None:
            raise Refused("按年度封顶，而文件没有终止日，年份无从列举")
        return range(validity.start.year, validity.end.year + 1)

    def _rated(self, expression: str) -> str:
        return f"{expression} * {zen.number(self.benefit.rate)}"

    def _limited(self, expression: str) -> str:
        if self.benefit.cap is None:
            return expression
        return f"min([{expression}, {zen.number(self.benefit.cap.amount)}])"

    def _year(self, rows: str, year: int, undated: str) -> tuple[str, str, str]:
        """Keys of the low end, of the high end without undated records, and with them."""
        sheet, place = self.writer.sheet, self.writer.place
        sure, own = (f"filter({rows}, #.year == {year}{more})" for more in (" and #.sure", ""))
        limit = zen.number(self.benefit.cap.amount) if self.benefit.cap else "null"
        low = sheet.add(place.key("w"), self._limited(self._rated(f"sum(map({sure}, #.amount ?? 0))")))
        most = sheet.add(
            place.key("w"),
            f"some({own}, #.amount == null) ? null : {self._rated(f'sum(map({own}, #.amount))')}",
        )
        high = sheet.add(place.key("w"), f"{most} == null ? {limit} : {self._limited(most)}")
        with_undated = (
            f"{most} == null or {undated} == null ? {limit} : {self._limited(f'{most} + {undated}')}"
        )
        return low, high, sheet.add(place.key("w"), with_undated)

    def _together(self, ends: dict[int, tuple[str, str, str]], undated: str, added: str, more: str) -> Worth:
        sheet, place = self.writer.sheet, self.writer.place
        begun = {year: f"({year} <= {YEAR})" for year in ends}
        low = sheet.add(place.key("w"), f"sum([{', '.join(low for low, _, _ in ends.values())}])")
        highs = ", ".join(high for _, high, _ in ends.values())
        total = sheet.add(place.key("w"), f"some([{highs}], # == null) ? null : sum([{highs}])")
        if self.benefit.cap is None:
            high = f"{total} == null or {added} == null ? null : {total} + {added}"
        else:
            limit = zen.number(self.benefit.cap.amount)
            rooms = ", ".join(f"{begun[year]} ? {limit} - {high} : 0" for year, (_, high, _) in ends.items())
            room, widest = (sheet.add(place.key("w"), f"{which}([0, {rooms}])") for which in ("sum", "max"))
            # A record lies in one year: it brings at most what the emptiest one has room for.
            most = f"#.amount == null ? {widest} : min([{self._rated('#.amount')}, {widest}])"
            loose = sheet.add(place.key("w"), f"sum(map({undated}, {most}))")
            high = f"{total} == null ? null : {total} + ({more} ? {room} : min([{room}, {loose}]))"
        high_key = sheet.add(place.key("w"), high)
        shown = {
            year: (low, sheet.add(place.key("w"), f"{begun[year]} ? {with_undated} : 0"))
            for year, (low, _, with_undated) in ends.items()
        }
        return Worth(low, high_key, low, shown)


def _bounded(where: Node, date: str) -> bool:
    """Whether a filter keeps ``date`` within a validity that has an end."""
    match where:
        case AllOf(parts):
            return any(_bounded(part, date) for part in parts)
        case Test(FieldRef(path), comparisons):
            return path == date and any(
                isinstance(c.thresholds[-1], ValidityEnd) for c in comparisons if c.thresholds
            )
    return False
