"""The truth of leaves on columns: what ``engine.operands`` says of one profile, said of a slice.

Each distinct leaf is tested once for the fewest rows it needs: an enterprise condition once for each enterprise, also
where it stands among the conditions of a record, and its truths are handed to the records.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from engine.columns import planes
from engine.columns.arithmetic import ratio_inside
from engine.columns.bits import Bits, of_plane
from engine.columns.contexts import WHOLE_REACH, Context, contexts, filters, needs
from engine.columns.operands import Operands
from engine.columns.planes import FALSE, TRUE, UNKNOWN, Ints, Plane
from engine.columns.slices import COMPLETE, MISSING, Slice
from engine.columns.testing import inside, tested
from engine.columns.vectors import Clash, Coded, Known, settled
from engine.conditions import (
    All,
    Annual,
    Any,
    Every,
    FieldRef,
    Judgement,
    Leaf,
    Node,
    Not,
    Operand,
    Ratio,
    Reference,
    Test,
)
from engine.dependencies import leaves_of
from engine.documents import Provenance
from engine.facts import Derivation, Facts
from engine.facts import Known as Holder
from engine.operands import LeafReader
from engine.pack import Pack
from engine.regions import Intervals, Region
from engine.truth import Truth

_FEW_VALUES, _TABLES = 64, 4096
_NO_SOURCE = Provenance(title="")


@dataclass(slots=True)
class Numbering:
    """Equal leaves have one number, so that they are tested once; kept for all slices of a program."""

    _by_identity: dict[int, int] = field(default_factory=dict)
    _by_value: dict[Node, int] = field(default_factory=dict)
    needs: dict[int, frozenset[str]] = field(default_factory=dict)
    tables: dict[tuple[int, tuple[Known, ...]], Sequence[int]] = field(default_factory=dict)
    """The truths of a leaf for the values of a column, for columns of few values."""
    _told: dict[tuple[Callable[[Node], bool], int], bool] = field(default_factory=dict)

    def told(self, question: Callable[[Node], bool], node: Node) -> bool:
        """What a question about a node of the program itself is answered; asked once for all slices."""
        key = question, id(node)
        if key not in self._told:
            self._told[key] = question(node)
        return self._told[key]

    def of(self, leaf: Node) -> int:
        """The leaf's number. Leaves live as long as their program, so their identity stays theirs.

        Threads share it: every leaf of a program is numbered before the first slice (``number_all``).
        """
        number = self._by_identity.get(id(leaf))
        if number is None:
            number = self._by_value.setdefault(leaf, len(self._by_value))
            self._by_identity[id(leaf)] = number
            self.needs[number] = needs(leaf)
        return number

    def number_all(self, node: Node) -> None:
        """Number every leaf of a tree, those inside filters too."""
        for leaf in leaves_of(node):
            self.of(leaf)
            for part in filters(leaf):
                self.number_all(part)


@dataclass(slots=True, kw_only=True)
class Columns(Operands):
    """Reads leaves for one slice at one date."""

    numbering: Numbering
    reader: LeafReader
    _truths: dict[tuple[int, int], Plane] = field(default_factory=dict)
    _bits: dict[tuple[int, int], Bits] = field(default_factory=dict)
    _abouts: bool = False

    @classmethod
    def of(
        cls, pack: Pack, data: Slice, as_of: date, numbering: Numbering, regions: dict[int, Region | None]
    ) -> Columns:
        """``regions`` is the program's store for this date."""
        facts = Facts(as_of, pack.vocabulary, Holder(None, {}), {}, frozenset(), {})
        result = cls(
            pack=pack,
            data=data,
            as_of=as_of,
            numbering=numbering,
            reader=LeafReader(pack, facts, regions),
            base=contexts(data),
        )
        if data.findings is not None:
            result._abouts = data.findings["about"].null_count() < len(data.findings)
        return result

    # Truths

    def truth(self, node: Node, context: Context) -> Plane:
        """Kleene truth of a tree of filters or of a leaf, a row for each row of the context."""
        match node:
            case All(parts):
                return planes.all_of(self.truth(part, context) for part in parts)
            case Any(parts):
                return planes.any_of(self.truth(part, context) for part in parts)
            case Not(part):
                return planes.negated(self.truth(part, context))
        return self.leaf(node, context)

    def leaf(self, leaf: Leaf, context: Context) -> Plane:
        """The truth of one leaf, tested where its record kinds, and no others, are in reach."""
        number, fewest, index = self._place(leaf, context)
        key = number, id(fewest)
        if key not in self._truths:
            self._truths[key] = self._leaf(leaf, fewest)
        return planes.taken(self._truths[key], index)

    def bits(self, leaf: Leaf, context: Context) -> Bits:
        """The same as bits. Of a column of few values they come without a look at each row's truth."""
        number, fewest, index = self._place(leaf, context)
        if index is not None:
            return of_plane(self.leaf(leaf, context))
        key = number, id(fewest)
        if key not in self._bits:
            self._bits[key] = self._as_bits(leaf, fewest)
        return self._bits[key]

    def _place(self, leaf: Leaf, context: Context) -> tuple[int, Context, npt.NDArray[np.int64] | None]:
        """The leaf's number, the context of the fewest rows in which it has all its truths, and which of them are ours."""
        number = self.numbering.of(leaf)
        wanted = self.numbering.needs[number]
        every = WHOLE_REACH in wanted and self._abouts
        required = [kind for kind in context.records if every or kind in wanted]
        if not required and context.records:
            return number, self.base[None], None if context.each else context.enterprise
        if len(required) == 1 and not context.blank:
            # Records of one kind are tested once, however many pairs they stand in.
            return number, self.base[required[0]], context.records[required[0]]
        return number, context, None

    def _as_bits(self, leaf: Leaf, context: Context) -> Bits:
        if isinstance(leaf, Test) and isinstance(leaf.operand, FieldRef):
            column = self.column(leaf.operand.path, context)
            if isinstance(column, Coded):
                return column.bits(self._table(leaf, leaf.operand.path, column))
        return of_plane(self.leaf(leaf, context))

    def _leaf(self, leaf: Leaf, context: Context) -> Plane:
        match leaf:
            case Test():
                return self._test(leaf, context)
            case Every():
                return self._every(leaf, context)
            case Judgement(id) | Reference(id):
                return self._review(id, context)
        raise TypeError(f"not a leaf: {leaf!r}")

    def _test(self, leaf: Test, context: Context) -> Plane:
        if isinstance(leaf.operand, FieldRef):
            column = self.column(leaf.operand.path, context)
            if isinstance(column, Coded):
                return planes.looked_up(self._table(leaf, leaf.operand.path, column), column.codes)
        if leaf.comparisons[0].operator == "known":
            return self._known(leaf.operand, context)
        region = self.reader.region(leaf.comparisons)
        if region is None:
            return UNKNOWN
        plane = self._in_region(leaf.operand, region, context)
        return planes.assumed(plane) if leaf.assumed else plane

    def _table(self, leaf: Test, path: str, column: Coded) -> Sequence[int]:
        """The truth for each value of a column; slices mostly have the same few values, and are told the same."""
        key = self.numbering.of(leaf), tuple(column.values)
        table = self.numbering.tables.get(key)
        if table is None:
            table = column.truths(lambda known: self._asked(leaf, path, known))
            if len(table) <= _FEW_VALUES and len(self.numbering.tables) < _TABLES:
                self.numbering.tables[key] = table
        return table

    def _asked(self, leaf: Test, path: str, known: Known) -> Truth:
        """The truth for one value, asked of the engine itself."""
        value = settled(known)
        holder = Holder(None, {} if value is None else {path: value})
        if isinstance(known, Clash):
            holder.derivations[path] = Derivation("", _NO_SOURCE, known.derived, known.stated, conflict=True)
        kind = self.pack.vocabulary.fields[path].record
        if kind is not None:
            return self.reader.read(leaf, {kind: holder}).truth
        self.reader.facts.enterprise = holder
        return self.reader.read(leaf, {}).truth

    def _in_region(self, operand: Operand, region: Region, context: Context) -> Plane:
        match operand:
            case FieldRef(path):
                column = self.column(path, context)
                return UNKNOWN if column is None else tested(column, region)
            case Annual(path, offset):
                annual = self.annual(path, self.as_of.year + offset)
                return UNKNOWN if annual is None else tested(annual, region)
        if not isinstance(region, Intervals):
            raise TypeError(f"{region!r} does not apply to {operand!r}")
        if isinstance(operand, Ratio):
            of, to = self.bounds(operand.of, context), self.bounds(operand.to, context)
            return UNKNOWN if of is None or to is None else ratio_inside(of, to, region)
        bounds = self.bounds(operand, context)
        return UNKNOWN if bounds is None else inside(bounds, region)

    def _known(self, operand: Operand, context: Context) -> Plane:
        if isinstance(operand, FieldRef):
            column = self.column(operand.path, context)
            if isinstance(column, Coded):
                return column.plane(lambda value: True if value is not None else None)
            bounds = column
        else:
            bounds = self.bounds(operand, context)
        if bounds is None:
            return UNKNOWN
        return TRUE if bounds.unknown is None else TRUE - bounds.unknown.view(np.uint8)

    def _every(self, leaf: Every, context: Context) -> Plane:
        state = self.state(leaf.kind, context)
        if isinstance(state, int):
            return UNKNOWN
        inner, group = self.expanded(context, leaf.kind)
        held = self.truth(leaf.that, inner)
        if leaf.where is not None:
            held = planes.any_of([planes.negated(self.truth(leaf.where, inner)), held])
        rows = planes.full(held, inner.rows)
        wrong = np.bincount(group[rows == FALSE], minlength=context.rows) > 0
        unsure = np.bincount(group[rows == UNKNOWN], minlength=context.rows) > 0
        truth = planes.decided(~wrong & ~unsure & (state == COMPLETE), wrong)
        return np.where(state == MISSING, np.uint8(UNKNOWN), truth)

    def _review(self, judgement: str, context: Context) -> Plane:
        """The latest finding, one about this very record first; contradictions are unknown."""
        given = self.data.findings
        if given is None:
            return UNKNOWN
        given = given.filter(pl.col("judgement") == judgement)
        if given.is_empty():
            return UNKNOWN
        latest = given.filter(pl.col("on") == pl.col("on").max().over("at", "about"))
        answers = latest.group_by("at", "about").agg(
            answer=pl.when(pl.col("answer").n_unique() == 1).then(pl.col("answer").first()).otherwise(UNKNOWN)
        )
        ours = pl.DataFrame({"at": self._enterprises(context)}, schema={"at": pl.Int64})
        general = answers.filter(pl.col("about").is_null()).select(pl.col("at").cast(pl.Int64), pl.col("answer"))
        found = ours.join(general, on="at", how="left", maintain_order="left")["answer"]
        if context.records:
            named = answers.drop_nulls("about").select(pl.col("at").cast(pl.Int64), "about", own="answer")
            pairs = ours.with_columns(about=self._about(context))
            own = pairs.join(named, on=["at", "about"], how="left", maintain_order="left")["own"]
            found = pl.DataFrame({"own": own, "found": found}).select(pl.coalesce("own", "found"))["own"]
        return found.fill_null(UNKNOWN).cast(pl.UInt8).to_numpy()

    def _enterprises(self, context: Context) -> Ints:
        return np.arange(context.rows) if context.enterprise is None else context.enterprise

    def _about(self, context: Context) -> pl.Series:
        """The name of the record in question: inside a filter that of the filter, not of the subject around it."""
        kind, index = next(reversed(context.records.items()))
        records = self.data.records.get(kind)
        if records is None or records.ids is None or not records.rows:
            return pl.Series("about", [None] * context.rows, dtype=pl.String)
        if index is None:
            return records.ids
        return records.ids.gather(np.maximum(index, 0)).set(pl.Series(index < 0), None)
