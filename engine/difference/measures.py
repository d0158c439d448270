"""Two versions of one measure: what changed in words, and every region of profiles whose verdict or amount changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from engine.assessment import in_force
from engine.completions.differing import MOST, MOST_RECORDS, Differing, Found, Version
from engine.completions.examination import pruned
from engine.completions.given import Beyond
from engine.completions.parts import Condition, Part, SideName, inside
from engine.difference.canonical import Meaning
from engine.difference.decomposed import Decomposed
from engine.difference.model import ChangedRegion, Data, MeasureChange, Outcome, Said, Which
from engine.difference.screens import Screen
from engine.difference.texts import changes_of_measure
from engine.difference.wording import said
from engine.documents import Proportional
from engine.facts import Known
from engine.operands import LeafReader, Reach
from engine.pack import Measure, Pack

DISAGREE = "求解器与参考执行器对一个画像的结论不一致，这是程序的错误，请反馈"


@dataclass(slots=True)
class MeasureDifference:
    """A measure that both packs have."""

    old: Pack
    new: Pack
    id: str
    most: int = MOST
    regions: list[ChangedRegion] = field(default_factory=list)
    reasons: dict[str, None] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    _screens: dict[SideName, Screen] = field(default_factory=dict)

    def run(self, days: Iterable[date]) -> MeasureChange:
        """Compare on these days; regions that say the same on several of them are one."""
        one, other = self.old.measure(self.id), self.new.measure(self.id)
        texts = tuple(changes_of_measure(one, other, self.old, self.new))
        examined = tuple(days)
        different = [day for day in examined if self._differs(one, other, day)]
        for day in different:
            self._compare(one, other, day)
        labels = self.old.vocabulary.records
        return MeasureChange(
            id=self.id,
            document=other.document,
            title=other.spec.title,
            kind="both",
            texts=texts,
            regions=tuple(self.regions),
            complete=not self.reasons,
            examined=bool(different),
            why="；".join(self.reasons),
            days=examined,
            records=tuple((labels[kind].label if kind in labels else kind, n) for kind, n in self.records.items()),
        )

    def _lives(self, one: Measure, other: Measure, day: date) -> tuple[bool, bool]:
        documents = self.old.documents[one.document].document, self.new.documents[other.document].document
        return in_force(documents[0], day), in_force(documents[1], day)

    def _differs(self, one: Measure, other: Measure, day: date) -> bool:
        """Whether the two could differ at all: in their validity, conditions or amounts as far as they mean anything."""
        lives = self._lives(one, other, day)
        if lives[0] != lives[1]:
            return True
        before, after = Meaning(self.old, day), Meaning(self.new, day)
        same = one.subject == other.subject and before.node(one.condition) == after.node(other.condition)
        return any(lives) and not (same and before.benefit(one) == after.benefit(other))

    def _compare(self, one: Measure, other: Measure, day: date) -> None:
        if one.subject != other.subject:
            self.reasons["主体变了，新旧结论不是对同一样东西作的，没有逐个区域比较"] = None
            return
        whiches: tuple[Which, ...] = ("enterprise",) if one.subject is None else ("listed", "unlisted")
        for which in whiches:
            try:
                self._questions(one, other, day, which)
            except Beyond as beyond:
                self.reasons[f"有条件或金额无法逐个区域比较（{beyond}）"] = None
        if one.subject is not None:
            self._together(one, other, day)

    def _questions(self, one: Measure, other: Measure, day: date, which: Which) -> None:
        if not self._screens:
            self._screens = {"old": Screen(self.old, one), "new": Screen(self.new, other)}
        lives = self._lives(one, other, day)
        versions = (
            Version(self._screens["old"].program, one, lives[0]),
            Version(self._screens["new"].program, other, lives[1]),
        )
        meanings: dict[SideName, Meaning] = {"old": Meaning(self.old, day), "new": Meaning(self.new, day)}
        money = all(lives) and meanings["old"].benefit(one) != meanings["new"].benefit(other)
        parts = self._parts(one, other, day, lives, money and which != "unlisted", meanings)
        left = self.most - len(self.regions)
        differing = Differing(*versions, day, parts, money, which, max(left, 0))
        for found in differing.run():
            self._show(found, day)
        for kind, most in differing.considered().items():
            self.records[kind] = max(self.records.get(kind, 0), most)
        if not differing.complete:
            self.reasons[f"区域超过{self.most}个，没有全部列出"] = None
        for kind, count in differing.too_many.items():
            label = self.old.vocabulary.records[kind].label
            self.reasons[f"条件要数到{count - 1}条{label}，只证明到{MOST_RECORDS}条"] = None

    def _parts(
        self,
        one: Measure,
        other: Measure,
        day: date,
        lives: tuple[bool, bool],
        money: bool,
        meanings: dict[SideName, Meaning],
    ) -> list[Part]:
        readers = {name: screen.evaluated({}, day).reader for name, screen in self._screens.items()}
        decomposed = Decomposed(meanings, readers)
        if all(lives):
            decomposed.compare(one.condition, other.condition)
        elif lives[0]:
            decomposed.whole(one.condition, "old")
        else:
            decomposed.whole(other.condition, "new")
        if money:
            decomposed.benefits(one, other)
        return decomposed.parts()

    # What is shown

    def _show(self, found: Found, day: date) -> None:
        """The region with a profile that the reference executor has screened, without what it does not need."""
        before, after = self._outcomes(found.profile, day, found.which)
        if before is None or after is None or not _as_claimed(found, before, after):
            self.reasons[DISAGREE] = None
            return

        def good(data: Data) -> bool:
            return self._outcomes(data, day, found.which) == (before, after) and self._inside(found, data, day)

        if not self._inside(found, found.profile, day):
            self.reasons[DISAGREE] = None
            return
        witness = pruned(found.profile, good, records=True)
        packs: dict[SideName, Pack] = {"old": self.old, "new": self.new}
        words = tuple(said(condition, packs) for condition in found.conditions)
        region = ChangedRegion(
            found.which, words, before, after, found.amount, found.whole, (day,), witness, found.conditions
        )
        self._add(region)

    def _add(self, region: ChangedRegion) -> None:
        for n, known in enumerate(self.regions):
            same = (known.which, known.conditions, known.old.verdict, known.new.verdict, known.amount, known.whole)
            if same == (
                region.which, region.conditions, region.old.verdict, region.new.verdict, region.amount, region.whole,
            ):  # fmt: skip
                self.regions[n] = replace(known, days=(*known.days, *region.days))
                return
        self.regions.append(region)

    def _outcomes(self, data: Data, day: date, which: Which) -> tuple[Outcome | None, Outcome | None]:
        return self._screens["old"].outcome(data, day, which), self._screens["new"].outcome(data, day, which)

    def _inside(self, found: Found, data: Data, day: date) -> bool:
        return lies_inside(self._screens, found.which, found.conditions, data, day)

    def _together(self, one: Measure, other: Measure, day: date) -> None:
        """A cap on the sum of several records bites where no record alone shows a difference: two records then."""
        specs = [measure.spec.benefit for measure in (one, other)]
        caps = [spec.cap for spec in specs if isinstance(spec, Proportional) and spec.cap is not None]
        joint = any(cap.scope in ("total", "unstated") for cap in caps)
        if not joint or one.subject is None or not all(self._lives(one, other, day)):
            return
        if Meaning(self.old, day).benefit(one) == Meaning(self.new, day).benefit(other):
            return
        rates = [Fraction(spec.rate) for spec in specs if isinstance(spec, Proportional) and spec.rate]
        bases = sorted({Fraction(cap.amount) / rate * share for cap in caps for rate in rates for share in _SHARES})
        try:
            shown = any(self._two(one, other, day, int(base * 100)) for base in bases)
        except Beyond as beyond:
            self.reasons[f"有条件或金额无法逐个区域比较（{beyond}）"] = None
            return
        if not shown:
            self.reasons["几条记录合计的金额可能不同，没有找到例子"] = None

    def _two(self, one: Measure, other: Measure, day: date, fen: int) -> bool:
        """Show two like records whose sum differs."""
        versions = Version(self._screens["old"].program, one, True), Version(self._screens["new"].program, other, True)
        data = Differing(*versions, day, [], False, "listed").example(fen)
        if data is None:
            return False
        name = self.old.vocabulary.records[one.subject or ""].list
        first = data[name]["items"][0] if isinstance(data[name], dict) else data[name][0]
        findings = data.get("findings", [])
        second = [{**item, "about": "另一条"} for item in findings if item.get("about") == first["id"]]
        twice: Data = {**data, name: [first, {**first, "id": "另一条"}]}
        if findings:
            twice["findings"] = [*findings, *second]
        before, after = self._outcomes(twice, day, "enterprise")
        if before is None or after is None or before == after:
            return False
        words = (Said("同一单位有两条以上的记录可能符合，金额合计受上限约束"),)
        self._add(ChangedRegion("listed", words, before, after, True, False, (day,), twice, ()))
        return True


_SHARES = (Fraction(3, 5), Fraction(6, 5))
"""Shares of the base at which a cap is reached: two of the first exceed it together, the second does so alone."""


def lies_inside(
    screens: Mapping[SideName, Screen], which: Which, conditions: tuple[Condition, ...], data: Data, day: date
) -> bool:
    """Whether a profile lies in a region, as the reference executor reads both versions' conditions."""
    readers: dict[SideName, LeafReader] = {}
    reaches: dict[SideName, Reach] = {}
    for name, screen in screens.items():
        readers[name] = screen.evaluated(data, day).reader
        kind = screen.measure.subject
        reaches[name] = {}
        if kind is not None and which == "unlisted":
            if not readers[name].open_list(kind):
                return False
            reaches[name] = {kind: Known(None, {})}
        elif kind is not None:
            records = readers[name].facts.records.get(kind)
            if not records:
                return False
            reaches[name] = {kind: records[0]}
    return inside(conditions, readers, reaches)


def _as_claimed(found: Found, before: Outcome, after: Outcome) -> bool:
    if (before.verdict, after.verdict) != (found.old, found.new):
        return False
    return not found.amount or (before.amount, before.range) != (after.amount, after.range)
