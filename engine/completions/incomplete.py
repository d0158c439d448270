"""Every profile there could be, incomplete ones included, as formulas: what it says, and Kleene's truth of conditions.

Unlike ``world``, which asks what a profile can become, this says what the reference executor makes of a profile as it
stands: missing fields, ranges, alternatives, lists that are missing or partial. ``Given`` holds what a profile says;
a ``Side`` reads it by one version of the rules, so that two versions can be asked about the same profile.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import z3

from engine.completions.answers import Ends, Figure, Finite, Later, Mixed, Quotient, base, chosen, inside, total
from engine.completions.cone import Cone
from engine.completions.given import ENTERPRISE, Beyond, Given, Holder, Reach
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
    undecided,
)
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
from engine.program import Program, Stage
from engine.regions import Intervals, Region

State = Finite | Mixed | Ends | Later


@dataclass(slots=True)
class Side:
    """One version of the rules at a date, and what it makes of ``given``."""

    program: Program
    cone: Cone
    given: Given
    _states: dict[tuple[Holder, str], State] = field(default_factory=dict)
    _rails: dict[tuple[int, tuple[str, ...]], Rails] = field(default_factory=dict)
    _alive: list[Node] = field(default_factory=list)

    @property
    def day(self) -> date:
        return self.cone.reader.facts.as_of

    # Fields

    def state(self, path: str, holder: Holder) -> State:
        """What is known of a field: stated, following from a term, derived."""
        key = holder, path
        if key not in self._states:
            # What a derivation reads of the same field is what was stated.
            self._states[key] = self._readable(path, holder)
            for stage in self.cone.stages.get(path, ()) if not holder.blank else ():
                self._states[key] = self._derived(stage, self._states[key], holder)
        return self._states[key]

    def _readable(self, path: str, holder: Holder) -> State:
        """What is stated, without options that this version does not have, or else what follows from a term."""
        state, typed = self.given.state(path, holder), self.program.pack.vocabulary.fields[path]
        if isinstance(state, Finite) and typed.options:
            foreign = [
                n for n, group in enumerate(state.classes.members) if not set(group) <= typed.options.keys()
            ]
            if foreign:
                known = conjunction([state.known, *(negation(state.picks[n]) for n in foreign)])
                return Finite(state.classes, known, state.picks)
        if isinstance(state, Mixed) and state.certain.keys() - typed.options.keys():
            raise Beyond(f"多选字段“{typed.label}”的选项变了")
        term = typed.spec.term
        if term is None or typed.record is None or holder.blank or not isinstance(state, Ends):
            return state
        # Terms are worked out before anything is derived.
        start = self._readable(f"{typed.record}.{term.start}", holder)
        by = self._readable(f"{typed.record}.{term.by}", holder)
        if not isinstance(start, Ends) or not isinstance(by, Finite):
            raise Beyond(f"字段“{typed.label}”的年限不能这样推算")
        options = self.program.pack.vocabulary.fields[f"{typed.record}.{term.by}"].options
        terms = []
        for years in sorted({option.term_years for option in options.values() if option.term_years}):
            others = [
                n
                for n, group in enumerate(by.classes.members)
                if {options[key].term_years for key in group if key in options} != {years}
            ]
            when = conjunction([negation(state.known), start.known, by.without(others)])
            terms.append((when, start, years))
        return Later(state, tuple(terms))

    def _derived(self, stage: Stage, state: State, holder: Holder) -> State:
        """The first case that holds and those before it that may; narrowed by what is stated, else both."""
        if not isinstance(state, Finite):
            raise Beyond(f"推导的字段“{stage.derived.field}”不是选择")
        reach: Reach = {} if holder.kind is None else {holder.kind: holder}
        ways: list[tuple[Formula, set[int]]] = []
        before = YES
        for when, value in stage.derived.cases:
            rails = self.tree(when, reach)
            ways.append((conjunction([before, negation(rails.is_false)]), self._numbers(state, value)))
            before = conjunction([before, negation(rails.true)])
        otherwise = stage.derived.otherwise
        if otherwise is not None:
            ways.append((before, self._numbers(state, otherwise)))
        nothing = before if otherwise is None else NO
        size = range(len(state.picks))
        derived = [disjunction(when for when, numbers in ways if n in numbers) for n in size]
        both = [conjunction([state.picks[n], derived[n]]) for n in size]
        agree = disjunction(both)
        picks = []
        for n in size:
            joined = disjunction([both[n], conjunction([negation(agree), disjunction([state.picks[n], derived[n]])])])
            picks.append(
                disjunction(
                    [
                        conjunction([nothing, state.picks[n]]),
                        conjunction([negation(nothing), negation(state.known), derived[n]]),
                        conjunction([negation(nothing), state.known, joined]),
                    ]
                )
            )
        clash = disjunction([state.clash, conjunction([negation(nothing), state.known, negation(agree)])])
        return Finite(state.classes, disjunction([state.known, negation(nothing)]), tuple(picks), clash)

    def _numbers(self, state: Finite, value: object) -> set[int]:
        if not isinstance(value, frozenset):
            raise Beyond("推导的值不是选项")
        return state.classes.numbers(value)

    def _holder(self, path: str, reach: Reach) -> Holder:
        kind = self.program.pack.vocabulary.fields[path].record
        return reach[kind] if kind else ENTERPRISE

    # Conditions

    def tree(self, node: Node, reach: Reach) -> Rails:
        """Kleene's truth of a condition."""
        key = id(node), tuple(holder.name for holder in reach.values())
        if key not in self._rails:
            self._alive.append(node)  # so that its identity stays its own
            self._rails[key] = self._encode(node, reach)
        return self._rails[key]

    def _encode(self, node: Node, reach: Reach) -> Rails:
        match node:
            case All(parts):
                return all_of(self.tree(part, reach) for part in parts)
            case Any(parts):
                return any_of(self.tree(part, reach) for part in parts)
            case Not(part):
                return negated(self.tree(part, reach))
            case Test():
                return self._test(node, reach)
            case Every():
                return self._every(node, reach)
            case Judgement(id) | Reference(id):
                return self._judged(id, reach)
        raise TypeError(f"not a condition: {node!r}")

    def _judged(self, id: str, reach: Reach) -> Rails:
        """A finding: yes, no, or none. One about a record stands before a general one, so that all are free."""
        holder = next(reversed(reach.values()), ENTERPRISE)
        key = id, ENTERPRISE if holder.blank else holder
        if key not in self.given.judged:
            name = f"judgement:{id}@{key[1].name}"
            rails = Rails(z3.Bool(f"{name}+"), z3.Bool(f"{name}-"))
            self.given.constraints.append(z3.Or(z3.Not(rails.true), z3.Not(rails.is_false)))
            self.given.settled.append(z3.Or(rails.true, rails.is_false))
            self.given.judged[key] = rails
        return self.given.judged[key]

    def _test(self, leaf: Test, reach: Reach) -> Rails:
        if leaf.comparisons[0].operator == "known":
            return Rails(self.known(leaf.operand, reach), NO)
        region = self.cone.region(leaf.comparisons)
        if region is None:
            return UNKNOWN
        rails = self.compared(leaf.operand, region, reach)
        if not leaf.assumed:
            return rails
        # What is assumed stands for silence; where a stated and a derived value contradict each other, nothing is.
        silent = conjunction([undecided(rails), negation(self._clash(leaf.operand, reach))])
        return Rails(disjunction([rails.true, silent]), rails.is_false)

    def _clash(self, operand: Operand, reach: Reach) -> Formula:
        if not isinstance(operand, FieldRef):
            return NO
        state = self.state(operand.path, self._holder(operand.path, reach))
        return state.clash if isinstance(state, Finite) else NO

    def known(self, operand: Operand, reach: Reach) -> Formula:
        """Whether an operand has a value at all."""
        if isinstance(operand, FieldRef):
            return self.state(operand.path, self._holder(operand.path, reach)).known
        return self.figure(operand, reach).known

    def compared(self, operand: Operand, region: Region, reach: Reach) -> Rails:
        """Whether an operand lies in a region."""
        if isinstance(operand, FieldRef):
            state = self.state(operand.path, self._holder(operand.path, reach))
            if isinstance(state, Finite | Mixed):
                return state.inside(region)
        if not isinstance(region, Intervals):
            raise TypeError(f"{region!r} does not apply to a figure")
        return inside(self.figure(operand, reach), region)

    def _every(self, leaf: Every, reach: Reach) -> Rails:
        given, open_ = self.given.listed(leaf.kind)
        self.given.counted.add(leaf.kind)
        each = []
        for holder in self.given.holders(leaf.kind):
            within = {**reach, leaf.kind: holder}
            held = self.tree(leaf.that, within)
            if leaf.where is not None:
                held = any_of([negated(self.tree(leaf.where, within)), held])
            each.append(any_of([Rails(negation(holder.present)), held]))
        joined = all_of(each)
        return Rails(conjunction([joined.true, negation(open_)]), conjunction([given, joined.is_false]))

    # Figures

    def figure(self, operand: Operand, reach: Reach) -> Figure:
        """An operand that is a number or a date."""
        match operand:
            case FieldRef(path):
                state = self.state(path, self._holder(path, reach))
                if isinstance(state, Finite | Mixed):
                    raise TypeError(f"{path} is no figure")
                return state
            case Ratio(of, to):
                return Quotient(self.ends(of, reach), self.ends(to, reach))
        return self.ends(operand, reach)

    def ends(self, operand: Operand, reach: Reach) -> Ends:
        """An operand as a range of whole units."""
        match operand:
            case FieldRef(path):
                return self._number(path, self._holder(path, reach))
            case Annual(path, offset):
                return self._number(path, self.given.year(self.day.year + offset))
            case AnnualSum():
                return self._annual_sum(operand)
            case Total(paths):
                return total([self._number(path, ENTERPRISE) for path in paths])
            case Count(kind, where):
                return self._count(kind, where, reach)
            case Sum():
                return self._sum(operand, reach)
            case DaysSince(path):
                of, day = self._number(path, self._holder(path, reach)), self.day.toordinal()
                return Ends(of.known, of.has_high, day - of.high, of.has_low, day - of.low, 1)
        raise Beyond("比值里的比值")

    def _number(self, path: str, holder: Holder) -> Ends:
        state = self.state(path, holder)
        if not isinstance(state, Ends):
            raise Beyond(f"字段“{path}”不能用来计算")
        return state

    def _annual_sum(self, operand: AnnualSum) -> Ends:
        """The years, less those that ended before ``since``, whose year must be certain."""
        last = self.day.year - 1
        first = last - operand.years + 1
        each = {year: self._number(operand.path, self.given.year(year)) for year in range(first, last + 1)}
        if operand.since is None:
            return total(list(each.values()))
        founded = self._number(operand.since, ENTERPRISE)
        sure = conjunction([founded.known, founded.has_low, founded.has_high])
        result: Ends | None = None
        for start in range(first, self.day.year + 2):
            after = YES if start == first else founded.low >= date(start, 1, 1).toordinal()
            until = YES if start > self.day.year else founded.high <= date(start, 12, 31).toordinal()
            when = conjunction([sure, after, until])
            parts = [ends for year, ends in each.items() if year >= start]
            result = chosen(when, total(parts, each[last].scale), result)
        if result is None:
            raise Beyond("年度合计没有年度")
        return result

    def counted(self, kind: str, where: Node | None, reach: Reach) -> list[tuple[Holder, Formula, Formula]]:
        """Each record with when it certainly passes a filter, and when it may."""
        found = []
        self.given.counted.add(kind)
        for holder in self.given.holders(kind):
            rails = TRUE if where is None else self.tree(where, {**reach, kind: holder})
            certain = conjunction([holder.present, rails.true])
            found.append((holder, certain, conjunction([holder.present, negation(rails.is_false)])))
        return found

    def _count(self, kind: str, where: Node | None, reach: Reach) -> Ends:
        rows = self.counted(kind, where, reach)
        low = z3.Sum([z3.If(certain, 1, 0) for _, certain, _ in rows])
        high = z3.Sum([z3.If(possible, 1, 0) for _, _, possible in rows])
        return Ends(YES, YES, low, negation(self.given.listed(kind)[1]), high, 1)

    def _sum(self, operand: Sum, reach: Reach) -> Ends:
        kind = operand.path.partition(".")[0]
        least, most = [], []
        bounded, ended = [negation(self.given.listed(kind)[1])], []
        scale = 1
        for holder, certain, possible in self.counted(kind, operand.where, reach):
            amount = base(self._number(operand.path, holder))
            scale = amount.scale
            least.append(z3.If(certain, amount.low, 0))
            most.append(z3.If(possible, amount.high, 0))
            bounded.append(disjunction([negation(possible), amount.has_high]))
            ended.append(disjunction([negation(certain), amount.has_low]))
        return Ends(YES, conjunction(ended), z3.Sum(least), conjunction(bounded), z3.Sum(most), scale)
