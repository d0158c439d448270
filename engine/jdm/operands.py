"""Operands as ZEN expressions: where a value lies, a number or null, the ends of a count or sum."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.conditions import Annual, AnnualSum, Count, DaysSince, FieldRef, Node, Operand, Sum, Total
from engine.jdm import zen
from engine.jdm.sheet import Place, Sheet
from engine.jdm.zen import AS_OF, START, YEAR, Refused, guarded
from engine.vocabulary import NUMERIC


@dataclass(slots=True)
class OperandWriter:
    """Writes operands into one sheet; equal ones are written once."""

    sheet: Sheet
    place: Place
    values: dict[Operand, str] = field(default_factory=dict)

    def reference(self, path: str) -> str:
        """Where the value of a field lies, null where it is unknown."""
        field_ = self.place.pack.vocabulary.fields[path]
        if field_.record is None:
            node = self.place.derived.get(path)
            return f"$nodes.{node}.derived.{path}" if node else f"{START}.enterprise.{path}"
        if field_.record != self.sheet.kind:
            raise Refused("筛选里用到了外层的记录")
        return self.place.derived.get(path) or path

    def value(self, operand: Operand) -> str:
        """The reference to a number or null."""
        if operand not in self.values:
            self.values[operand] = self.sheet.add(self.place.key("v"), self._value(operand))
        return self.values[operand]

    def _value(self, operand: Operand) -> str:
        match operand:
            case FieldRef(path):
                if self.type_of(path) not in NUMERIC:
                    raise Refused(f"“{path}”不是数")
                if path in self.place.derived:
                    raise Refused(f"“{path}”是推导出来的数，可能是一个范围")
                ref = self.reference(path)
                return guarded([ref], f"number({ref})")
            case Annual(path, offset):
                return self._annual(path, f"{YEAR} + {zen.number(offset)}")
            case AnnualSum():
                return self._annual_sum(operand)
            case Total(paths):
                refs = [self.value(FieldRef(path)) for path in paths]
                return guarded(refs, " + ".join(refs))
            case DaysSince(path):
                ref = self.reference(path)
                return guarded([ref], f'd({AS_OF}).diff(d({ref}), "day")')
        raise Refused("比值里又有合计或记录数")

    def _annual(self, path: str, year: str) -> str:
        if path in self.place.derived:
            raise Refused(f"“{path}”是推导出来的年度数据")
        rows = f"filter({self.records('annual')}, number(#.annual.fiscal_year) == {year})"
        figure = self.sheet.add(self.place.key("v"), f"map({rows}, #.{path})")
        return f"len({figure}) == 0 or {figure}[0] == null ? null : number({figure}[0])"

    def _annual_sum(self, operand: AnnualSum) -> str:
        years = [f"{YEAR} - {number}" for number in range(operand.years, 0, -1)]
        refs = [self.sheet.add(self.place.key("v"), self._annual(operand.path, year)) for year in years]
        if operand.since is None:
            return guarded(refs, " + ".join(refs))
        founded = self.reference(operand.since)
        late = [f"d({founded}).year() > {year}" for year in years]
        terms = [f"({skip} ? 0 : {ref})" for skip, ref in zip(late, refs, strict=True)]
        unknown = " or ".join(
            f"(not ({skip}) and {ref} == null)" for skip, ref in zip(late, refs, strict=True)
        )
        return guarded([founded], f"{unknown} ? null : ({' + '.join(terms)})")

    def ends(self, operand: Count | Sum) -> tuple[str, str]:
        """The references to the ends of a count or sum."""
        kind = operand.kind if isinstance(operand, Count) else operand.path.partition(".")[0]
        records, more = self.records(kind), f"{START}.open.{kind}"
        passing = f"#.{self.filter(kind, operand.where)}" if operand.where is not None else "true"
        sure, possible = f"filter({records}, {passing} == true)", f"filter({records}, {passing} != false)"
        if isinstance(operand, Count):
            low = self.sheet.add(self.place.key("v"), f"len({sure})")
            return low, self.sheet.add(self.place.key("v"), f"{more} ? null : len({possible})")
        if operand.path in self.place.derived:
            raise Refused(f"“{operand.path}”是推导出来的数，可能是一个范围")
        low = self.sheet.add(self.place.key("v"), f"sum(map({sure}, number(#.{operand.path} ?? 0)))")
        counted = self.sheet.add(self.place.key("v"), possible)
        added = f"sum(map({counted}, number(#.{operand.path})))"
        high = f"{more} or some({counted}, #.{operand.path} == null) ? null : {added}"
        return low, self.sheet.add(self.place.key("v"), high)

    def records(self, kind: str) -> str:
        """The records of a kind, as the node before left them."""
        return f"$nodes.{self.sheet.before}.records.{kind}"

    def filter(self, kind: str, where: Node) -> str:
        """The key of a filter's truth in each record."""
        key = self.place.filters.get((kind, where))
        if key is None:
            raise Refused("筛选里又数了别的记录")
        return key

    def type_of(self, path: str) -> str:
        """The type of a field."""
        return self.place.pack.vocabulary.fields[path].type
