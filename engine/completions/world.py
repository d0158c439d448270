"""All completions of one profile, as formulas: its fields and records, the conditions on them, the derived facts.

Records that a list leaves open are hypothetical: up to ``extra`` for each list, each present or not. ``relaxed``
takes counts and sums over open lists for anything from what is certain upwards: more than any number of further
records could bring, so that what is impossible there is impossible without a bound.

Annual figures go by their year (DESIGN 2.16): a year that is not given is open, whether the list is complete or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import z3

from engine.completions.cone import Cone, inner, is_stated
from engine.completions.figures import Figure
from engine.completions.holders import NOTHING, Assumption, Forced, Holder, Reach, free_names
from engine.completions.rails import (
    NO,
    TRUE,
    UNKNOWN,
    YES,
    Formula,
    Rails,
    all_of,
    any_of,
    conjunction,
    disjunction,
    negated,
    negation,
)
from engine.completions.variables import SCALES, Choice, Number, Options, Variable, Whole
from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Any,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Ratio,
    Reference,
    Sum,
    Test,
    Total,
)
from engine.facts import Known
from engine.operands import LeafReader
from engine.program import Stage
from engine.regions import Intervals, Region
from engine.spans import Span


@dataclass(slots=True)
class World:
    """Formulas for the conditions of a cone. ``constraints`` hold in every completion."""

    cone: Cone
    extra: int = 2
    assume: bool = True
    relaxed: bool = False
    constraints: list[Formula] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)
    judgements: dict[tuple[str, str], tuple[Formula, Holder | None]] = field(default_factory=dict)
    links: dict[tuple[str, str], list[Formula]] = field(default_factory=dict)
    """By holder and path: what each derivation of the field demands."""
    strict: Formula = field(default_factory=lambda: z3.Bool("strict"))
    """Stated values agree with what is derived; given up where no completion is left otherwise."""
    enterprise: Holder = field(init=False)
    _holders: dict[str, list[Holder]] = field(default_factory=dict)
    _years: dict[int, Holder] = field(default_factory=dict)
    _rails: dict[tuple[int, tuple[str, ...]], Rails] = field(default_factory=dict)
    _below: dict[int, frozenset[int]] = field(default_factory=dict)
    _alive: list[Node] = field(default_factory=list)
    _fresh: int = 0

    def __post_init__(self) -> None:
        self.enterprise = Holder(None, "本单位", self.reader.facts.enterprise)

    @property
    def reader(self) -> LeafReader:
        return self.cone.reader

    # Records

    def is_open(self, kind: str) -> bool:
        """Whether the list of this kind is missing or partial."""
        return bool(self.reader.open_list(kind))

    def holders(self, kind: str) -> list[Holder]:
        """The listed records of a kind, then the hypothetical ones."""
        if kind not in self._holders:
            listed = self.reader.facts.records.get(kind, ())
            holders = [Holder(kind, f"{kind}[{n}]", known) for n, known in enumerate(listed)]
            label = self.cone.program.pack.vocabulary.records[kind].label
            # Annual figures are asked for by their year, so further ones have holders of their own.
            more = range(self.extra if self.is_open(kind) and kind != "annual" else 0)
            for n, name in zip(more, free_names(label, listed), strict=False):
                present = z3.Bool(f"{kind}+{n}")
                if n:
                    self.constraints.append(z3.Implies(present, holders[-1].present))
                holders.append(Holder(kind, name, None, present))
            self._holders[kind] = holders
        return self._holders[kind]

    def used(self) -> dict[str, list[Holder]]:
        """The records that some condition asked for, by kind; annual figures among them."""
        found = {kind: list(holders) for kind, holders in self._holders.items()}
        for holder in self._years.values():
            if holder not in found.setdefault("annual", []):
                found["annual"].append(holder)
        return found

    def year(self, year: int) -> Holder:
        """The figures of one fiscal year, given or not."""
        if year not in self._years:
            given = [h for h in self.holders("annual") if h.known is not None and _is_year(h.known, year)]
            self._years[year] = given[0] if given else Holder("annual", f"annual@{year}", None)
        return self._years[year]

    def years(self) -> Mapping[int, Holder]:
        """The fiscal years that some condition asked for."""
        return self._years

    # Fields

    def variable(self, path: str, holder: Holder) -> Variable:
        """The variable of a field, with what is given and what follows from derivations."""
        if path not in holder.variables:
            holder.variables[path] = self._make(path, holder)
            self._derive(path, holder)
        return holder.variables[path]

    def _make(self, path: str, holder: Holder) -> Variable:
        typed = self.cone.program.pack.vocabulary.fields[path]
        name = f"{holder.name}.{path}"
        given = holder.known.values.get(path) if holder.known else None
        variable: Variable
        if typed.type in SCALES:
            variable = Number.make(name, typed)
            self.constraints.append(variable.dated(given))
        elif typed.type == "choices":
            variable = Options.make(name, typed, self.cone.named(path))
        else:
            variable = Choice.make(name, typed, self.cone.cells(path, given))
        self.constraints.extend(variable.domain())
        if given is not None:
            self.constraints.append(variable.allowed(given))
        return variable

    def _derive(self, path: str, holder: Holder) -> None:
        """Each derivation narrows the field, unless what was stated contradicts it already (DESIGN 2.19)."""
        found = holder.known.derivations.get(path) if holder.known else None
        if found is not None and found.conflict:
            return
        stated = holder.known is not None and is_stated(path, holder.known)
        for stage in self.cone.stages.get(path, ()):
            reach: Reach = {} if holder.kind is None else {holder.kind: holder}
            link = self.link(stage, holder.variables[path], reach)
            self.links.setdefault((holder.name, path), []).append(link)
            self.constraints.append(z3.Implies(self.strict, link) if stated else link)

    def link(self, stage: Stage, variable: Variable, reach: Reach) -> Formula:
        """That the value is one which the decision list gives: its first true case, or one before that may hold."""
        ways: list[Formula] = []
        before = YES
        for when, value in stage.derived.cases:
            rails = self.tree(when, reach)
            ways.append(conjunction([before, negation(rails.is_false), variable.allowed(value)]))
            before = conjunction([before, negation(rails.true)])
        otherwise = stage.derived.otherwise
        ways.append(before if otherwise is None else conjunction([before, variable.allowed(otherwise)]))
        return disjunction(ways)

    def _holder(self, path: str, reach: Reach) -> Holder:
        kind = self.cone.program.pack.vocabulary.fields[path].record
        return reach[kind] if kind else self.enterprise

    # Conditions

    def tree(self, node: Node, reach: Reach, forced: Forced = NOTHING) -> Rails:
        """When a condition is true and when it is false, with some conditions taken for granted."""
        if forced:
            if id(node) in forced:
                instead = forced[id(node)]
                return instead if isinstance(instead, Rails) else self.tree(instead, reach)
            if self.below(node).isdisjoint(forced):
                forced = NOTHING
        if forced:
            return self._encode(node, reach, forced)
        key = (id(node), tuple(holder.name for holder in reach.values()))
        if key not in self._rails:
            self._alive.append(node)  # so that its identity stays its own
            self._rails[key] = self._encode(node, reach, forced)
        return self._rails[key]

    def below(self, node: Node) -> frozenset[int]:
        """The identities of a condition and all its parts, those inside filters too."""
        if id(node) not in self._below:
            parts: Iterable[Node]
            match node:
                case All(parts) | Any(parts):
                    pass
                case Not(part):
                    parts = (part,)
                case _:
                    parts = inner(node)
            self._alive.append(node)
            self._below[id(node)] = frozenset({id(node)}).union(*(self.below(part) for part in parts))
        return self._below[id(node)]

    def _encode(self, node: Node, reach: Reach, forced: Forced) -> Rails:
        match node:
            case All(parts):
                return all_of(self.tree(part, reach, forced) for part in parts)
            case Any(parts):
                return any_of(self.tree(part, reach, forced) for part in parts)
            case Not(part):
                return negated(self.tree(part, reach, forced))
            case Test():
                return self._test(node, reach, forced)
            case Every():
                return self._every(node, reach, forced)
            case Judgement(id) | Reference(id):
                return self._judged(id, reach)
        raise TypeError(f"not a condition: {node!r}")

    def _judged(self, id: str, reach: Reach) -> Rails:
        holder = next((h for h in reach.values() if h.id is not None), next(iter(reach.values()), None))
        truth, _ = self.reader.facts.review(id, holder.id if holder else None)
        if truth is not None:
            return Rails(YES if truth else NO)
        key = (id, holder.name if holder else "")
        if key not in self.judgements:
            self.judgements[key] = z3.Bool(f"judgement:{key[0]}@{key[1]}"), holder
        return Rails(self.judgements[key][0])

    def _test(self, leaf: Test, reach: Reach, forced: Forced) -> Rails:
        if leaf.comparisons[0].operator == "known":
            # A completion knows every field; what is stated of this one still bears on what it is derived from.
            if isinstance(leaf.operand, FieldRef):
                self.variable(leaf.operand.path, self._holder(leaf.operand.path, reach))
            return TRUE
        region = self.cone.region(leaf.comparisons)
        rails = UNKNOWN if region is None else self._compare(leaf.operand, region, reach, forced)
        if not (leaf.assumed and self.assume):
            return rails
        return self._assumed(leaf, rails, reach)

    def _assumed(self, leaf: Test, rails: Rails, reach: Reach) -> Rails:
        """Met while nothing is known against it; a hypothetical record says nothing."""
        holder = next(iter(reach.values()), self.enterprise)
        if holder.known is None:
            return TRUE
        holds = z3.Bool(f"assumed:{len(self.assumptions)}")
        self.assumptions.append(Assumption(holds, leaf, holder))
        true = disjunction([holds, rails.true])
        return Rails(true, conjunction([negation(holds), rails.is_false]))

    def _compare(self, operand: Operand, region: Region, reach: Reach, forced: Forced) -> Rails:
        if isinstance(operand, FieldRef):
            return Rails(self.variable(operand.path, self._holder(operand.path, reach)).inside(region))
        if not isinstance(region, Intervals):
            raise TypeError(f"{region!r} does not apply to a figure")
        return self.figure(operand, reach, forced).test(region)

    def _every(self, leaf: Every, reach: Reach, forced: Forced) -> Rails:
        each = [Rails(self._unsure())] if self.relaxed and self.is_open(leaf.kind) else []
        for holder in self._listed(leaf.kind):
            within = {**reach, leaf.kind: holder}
            held = self.tree(leaf.that, within, forced)
            if leaf.where is not None:
                held = any_of([negated(self.tree(leaf.where, within, forced)), held])
            each.append(any_of([Rails(negation(holder.present)), held]))
        return all_of(each)

    # Figures

    def figure(self, operand: Operand, reach: Reach, forced: Forced = NOTHING) -> Figure:
        """An operand that is a number."""
        match operand:
            case FieldRef(path):
                return self._number(path, self._holder(path, reach))
            case Annual(path, offset):
                return self._number(path, self.year(self.reader.facts.as_of.year + offset))
            case AnnualSum():
                return self._annual_sum(operand)
            case Total(paths):
                parts = [self._number(path, self.enterprise) for path in paths]
                return Figure.exactly(z3.Sum([part.corners[0][0] for part in parts]), int(parts[0].scale))
            case Count(kind, where):
                return self._aggregate(kind, where, None, reach, forced)
            case Sum(path, where):
                return self._aggregate(path.partition(".")[0], where, path, reach, forced)
            case Ratio(of, to):
                return self.figure(of, reach, forced).over(self.figure(to, reach, forced))
            case DaysSince(path):
                number = self._number(path, self._holder(path, reach))
                return Figure.exactly(self.reader.facts.as_of.toordinal() - number.corners[0][0], 1)
        raise TypeError(f"not an operand: {operand!r}")

    def _number(self, path: str, holder: Holder) -> Figure:
        variable = self.variable(path, holder)
        if not isinstance(variable, Number):
            raise TypeError(f"{path} is no number")
        return Figure.exactly(variable.units, variable.scale)

    def _annual_sum(self, operand: AnnualSum) -> Figure:
        last = self.reader.facts.as_of.year - 1
        parts: list[Whole] = []
        founded = self.variable(operand.since, self.enterprise) if operand.since else None
        for year in range(last - operand.years + 1, last + 1):
            units = self._number(operand.path, self.year(year)).corners[0][0]
            if isinstance(founded, Number):
                units = z3.If(founded.units <= date(year, 12, 31).toordinal(), units, 0)
            parts.append(units)
        scale = SCALES[self.cone.program.pack.vocabulary.fields[operand.path].type]
        return Figure.exactly(z3.Sum(parts), scale)

    def _aggregate(
        self, kind: str, where: Node | None, path: str | None, reach: Reach, forced: Forced
    ) -> Figure:
        """A count (``path`` None) or a sum over the records that pass the filter."""
        least: list[Whole] = []
        most: list[Whole] = []
        exact = True
        for holder in self._listed(kind):
            rails = TRUE if where is None else self.tree(where, {**reach, kind: holder}, forced)
            units = z3.IntVal(1) if path is None else self._number(path, holder).corners[0][0]
            least.append(z3.If(conjunction([holder.present, rails.true]), units, 0))
            if rails.false is not None:
                exact = False
            most.append(z3.If(conjunction([holder.present, negation(rails.is_false)]), units, 0))
        if self.relaxed and self.is_open(kind):
            self._fresh += 1
            more = z3.Int(f"more:{self._fresh}")
            self.constraints.append(more >= 0)
            least, most = [*least, more], [*most, more]
        scale = 1 if path is None else SCALES[self.cone.program.pack.vocabulary.fields[path].type]
        low = z3.Sum(least) if least else z3.IntVal(0)
        if exact:
            return Figure.exactly(low, scale)
        return Figure.exactly(low, scale).beside(z3.Sum(most))

    def _listed(self, kind: str) -> list[Holder]:
        """The records that counts run over; relaxed ones stand for all further records themselves."""
        if self.relaxed:
            return [holder for holder in self.holders(kind) if holder.known is not None]
        return self.holders(kind)

    def fresh(self) -> list[z3.ExprRef]:
        """What stands for the records beyond the hypothetical ones, in a relaxed world."""
        numbers = range(1, self._fresh + 1)
        return [symbol for n in numbers for symbol in (z3.Int(f"more:{n}"), z3.Bool(f"unsure:{n}"))]

    def _unsure(self) -> Formula:
        self._fresh += 1
        unsure: Formula = z3.Bool(f"unsure:{self._fresh}")
        return unsure


def _is_year(known: Known, year: int) -> bool:
    return known.values.get("annual.fiscal_year") == Span.exactly(year)
