"""How many questions it takes: the planner, two simple orders, and the fewest with hindsight.

``python -m benchmarks.questions`` draws complete profiles (``benchmarks.applicants``) and answers as each of them
would, until nothing that is unanswered can change a verdict. ``--write`` puts the table into docs/questions.md.

- the planner: ``engine.questions``;
- by count: the question that occurs in most undetermined measures, as Publicodes orders them; ties in that order;
- in order: every field that a measure in force reads, in the order of the vocabulary, then the record lists;
- hindsight: the fewest questions which, answered by this very profile, settle every measure.

A question is an enterprise field or a whole record list, in all four; all stop by the same proof.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from math import ceil
from pathlib import Path

from benchmarks.applicants import Applicants
from engine import load_pack
from engine.compiler import compile_pack
from engine.dependencies import fields_of
from engine.evaluation import evaluate
from engine.profile import Profile
from engine.program import Program
from engine.questions import Questionnaire
from engine.questions.open_conditions import OpenConditions, OpenMeasure
from engine.questions.proof import Proofs, View
from engine.questions.questionnaire import Plan
from engine.reference import ReferenceSolver

AS_OF = date(2026, 11, 22)
SEED = 20261122
PROFILES = 1000
WAYS = ("规划器", "按出现次数", "按词典顺序，问到停止", "按词典顺序，全部问完", "事后最少")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "questions.md"


@dataclass(slots=True)
class State:
    """What is open after some answers."""

    view: View
    conditions: OpenConditions
    _found: dict[str, OpenMeasure | None] = field(default_factory=dict)

    def open(self, id: str, proofs: Proofs) -> OpenMeasure | None:
        """A measure, if anything that is unanswered can still move it."""
        if id not in self._found:
            evaluated = self.conditions.evaluated
            open_ = self.conditions.measure(evaluated.program.pack.measure(id))
            moved = open_ is not None and open_.keys and proofs.can_be_moved(open_, evaluated, self.view)
            self._found[id] = open_ if moved else None
        return self._found[id]


@dataclass(slots=True)
class Asked:
    """One profile being answered."""

    program: Program
    as_of: date
    profile: Profile
    plan: Plan = field(init=False)
    _seen: dict[frozenset[str], State] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plan = Plan.of(self.program, self.as_of)

    def answered(self, keys: Collection[str]) -> Profile:
        """What the profile says when only these questions were asked."""
        values = {path: value for path, value in self.profile.values.items() if path in keys}
        lists = {kind: given for kind, given in self.profile.lists.items() if self.plan.asking.list_of(kind) in keys}
        return Profile(values, lists)

    @property
    def keys(self) -> list[str]:
        """All questions, in the order of the vocabulary: enterprise fields, then lists."""
        asking, vocabulary = self.plan.asking, self.program.pack.vocabulary
        fields = [path for path in vocabulary.fields if path in self.profile.values]
        return fields + [asking.list_of(kind) for kind in vocabulary.records if kind in self.profile.lists]

    @property
    def read(self) -> frozenset[str]:
        """The questions about what some measure in force reads itself, not only through derived facts."""
        asking = self.plan.asking
        measures = self.plan.program.pack.measures
        paths = {path for measure in measures for path in fields_of(measure.condition)}
        return frozenset({key for path in paths if (key := asking.key_of(path))} | {
            asking.list_of(measure.subject) for measure in measures if measure.subject
        })

    def is_open(self, id: str, keys: Collection[str]) -> bool:
        """Whether some question other than ``keys`` can still move a measure."""
        return self._state(keys).open(id, self.plan.proofs) is not None

    def open(self, keys: Collection[str]) -> dict[str, OpenMeasure]:
        """The measures that some unanswered question can still move."""
        state = self._state(keys)
        each = {measure.id: state.open(measure.id, self.plan.proofs) for measure in self.plan.program.pack.measures}
        return {id: open_ for id, open_ in each.items() if open_ is not None}

    def is_any_open(self, keys: Collection[str]) -> bool:
        """Whether some question other than ``keys`` can still move any measure."""
        return any(self.is_open(measure.id, keys) for measure in self.plan.program.pack.measures)

    def _state(self, keys: Collection[str]) -> State:
        asked = frozenset(keys)
        if asked not in self._seen:
            view = View(self.answered(asked))
            evaluated = evaluate(self.plan.program, view.profile, self.as_of, ReferenceSolver())
            self._seen[asked] = State(view, OpenConditions(self.plan.asking, view.profile, evaluated))
        return self._seen[asked]

    def forget(self) -> None:
        """Give back the memory."""
        self._seen.clear()

    # Orders

    def by_planner(self, seconds: list[float]) -> list[str]:
        """The questions that the planner asks; adds the processor seconds of each."""
        asked: list[str] = []
        while True:
            profile = self.answered(asked)
            start = time.process_time()
            question = Questionnaire(self.program, profile, self.as_of).next()
            seconds.append(time.process_time() - start)
            if question is None or question.assumed:
                return asked
            if question.key in asked:
                raise AssertionError(f"{question.key} is asked twice")
            asked.append(question.key)

    def in_order(self) -> list[str]:
        """Every field in the order of the vocabulary, until all is settled."""
        keys = self.keys
        while keys and not self.open(keys[:-1]):
            keys.pop()
        return keys

    def by_count(self) -> list[str]:
        """Always the question that occurs in most undetermined measures."""
        asked: list[str] = []
        order = {key: number for number, key in enumerate(self.keys)}
        while open_ := self.open(asked):
            counts: dict[str, int] = {}
            for item in open_.values():
                for key in item.keys:
                    counts[key] = counts.get(key, 0) + 1
            asked.append(max(counts, key=lambda key: (counts[key], -order[key])))
        return asked


@dataclass(slots=True)
class Hindsight:
    """The fewest questions that settle one profile, exactly. ``enough``: some set that does, such as the planner's.

    A field that serves to derive another one only (the industry) can be left out: whoever asks for it may ask for what
    is derived of it instead.

    Settling is monotone, so a question without which all others together leave something open is in every such set.
    Where these alone settle everything they are the fewest. Otherwise for each measure its smallest sets are found, and
    then the smallest union of one set for each measure.
    """

    asked: Asked
    enough: Collection[str]

    def fewest(self) -> frozenset[str]:
        """The smallest set of questions."""
        everything = frozenset(self.asked.keys) & self.asked.read
        needed = frozenset(k for k in self.enough if k in everything and self.asked.is_any_open(everything - {k}))
        return self._search() if self.asked.is_any_open(needed) else needed

    def _search(self) -> frozenset[str]:
        """By all smallest sets of each measure, then by branch and bound."""
        everything = frozenset(self.asked.keys) & self.asked.read
        ways: list[list[frozenset[str]]] = []
        for id in self.asked.open(()):
            bearing = self._bearing(id)
            core = frozenset(key for key in bearing if self.asked.is_open(id, everything - {key}))
            single = [frozenset({key}) for key in bearing if not core - {key} and not self.asked.is_open(id, {key})]
            ways.append(list(self._ways(id, core, single, bearing)))
        return _smallest(ways)

    def _bearing(self, id: str) -> frozenset[str]:
        """The questions that may take part: a field that no measure reads itself is worth no more than what it derives."""
        bearing = self.asked.plan.proofs.bearing(self.asked.plan.program.pack.measure(id), Profile({}, {}))
        return frozenset(self.asked.keys) & bearing & self.asked.read

    def _ways(
        self, id: str, core: frozenset[str], single: list[frozenset[str]], bearing: frozenset[str]
    ) -> Iterator[frozenset[str]]:
        """The minimal sets of questions that settle a measure."""
        if not self.asked.is_open(id, core):
            yield core
            return
        found = list(single)
        yield from single
        rest = sorted(bearing - core - frozenset().union(*single))
        if single and self.asked.is_open(id, core | set(rest)):
            return
        for size in range(1, len(rest) + 1):
            for chosen in combinations(rest, size):
                way = core | set(chosen)
                if not any(other <= way for other in found) and not self.asked.is_open(id, way):
                    found.append(way)
                    yield way


def _smallest(ways: list[list[frozenset[str]]]) -> frozenset[str]:
    """The smallest set that contains one way of each: forced ones first, then branch and bound."""
    best: list[frozenset[str]] = []

    def go(chosen: frozenset[str], left: list[list[frozenset[str]]]) -> None:
        left = [options for options in left if not any(way <= chosen for way in options)]
        while forced := next((options[0] for options in left if len(options) == 1), None):
            chosen |= forced
            left = [options for options in left if not any(way <= chosen for way in options)]
        if best and len(chosen) + bool(left) >= len(best[0]):
            return
        if not left:
            best[:] = [chosen]
            return
        branch = min(left, key=len)
        for way in sorted(branch, key=lambda way: (len(way - chosen), sorted(way))):
            go(chosen | way, left)

    go(frozenset(), ways)
    return best[0] if best else frozenset()


@dataclass(slots=True)
class Figures:
    """What was counted: questions of each way by profile, and the processor seconds of each ``next()``."""

    counts: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in WAYS})
    seconds: list[float] = field(default_factory=list)
    needless: dict[str, int] = field(default_factory=dict)

    def run(self, everyone: Sequence[Asked]) -> None:
        """The planner for all first, so that its time owes nothing to the proofs that the others need."""
        planned = [asked.by_planner(self.seconds) for asked in everyone]
        for number, (asked, order) in enumerate(zip(everyone, planned, strict=True)):
            fewest = Hindsight(asked, order).fewest()
            found = (order, asked.by_count(), asked.in_order(), asked.keys, fewest)
            for name, keys in zip(WAYS, map(len, found), strict=True):
                self.counts[name].append(keys)
            for key in set(order) - fewest:
                self.needless[key] = self.needless.get(key, 0) + 1
            asked.forget()
            if (number + 1) % 50 == 0:
                print(f"{number + 1}: {self.ratio():.3f}", file=sys.stderr, flush=True)

    def ratio(self) -> float:
        """How many times the fewest questions the planner asks, on average."""
        return sum(self.counts[WAYS[0]]) / sum(self.counts[WAYS[-1]])

    def above(self) -> list[int]:
        """By how many questions the planner asks more than the count, for the profiles where it does."""
        pairs = zip(self.counts[WAYS[0]], self.counts[WAYS[1]], strict=True)
        return [one - other for one, other in pairs if one > other]

    def table(self) -> str:
        """The figures as a table in Markdown."""
        fewest = sum(self.counts[WAYS[-1]])
        rows = ["| 怎么问 | 平均 | 九成以内 | 最多 | 是事后最少的几倍 |", "|---|--:|--:|--:|--:|"]
        for name, counts in self.counts.items():
            p90 = sorted(counts)[ceil(0.9 * len(counts)) - 1]
            mean = statistics.mean(counts)
            rows.append(f"| {name} | {mean:.2f} | {p90} | {max(counts)} | {sum(counts) / fewest:.3f} |")
        return "\n".join(rows)

    def times(self) -> tuple[float, float, float]:
        """Median, 95th percentile and largest processor milliseconds of one ``next()``."""
        ordered = sorted(self.seconds)
        return tuple(1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95, 1.0))  # type: ignore[return-value]


def page(figures: Figures, options: argparse.Namespace) -> str:
    """docs/questions.md."""
    median, p95, most = figures.times()
    above = figures.above()
    vocabulary = load_pack().vocabulary
    needless = sorted(figures.needless.items(), key=lambda item: (-item[1], item[0]))[:5]
    said = "、".join(f"{vocabulary.label(key)} {number} 次" for key, number in needless) or "没有"
    command = f"python -m benchmarks.questions --profiles {options.profiles} --seed {options.seed} --as-of {options.as_of}"
    return f"""# 要问几个问题

由 `{command} --write` 写出，请勿手改。

{options.profiles} 家随机的申报单位（资料齐全；分布写在 `benchmarks/applicants.py` 开头），评估日 {options.as_of}，
按当日有效的全部措施提问，问到“再答什么也改不了任何结论”为止。一个问题是一个企业字段，或一整份记录清单；
各种问法的单位和停止的条件都相同。前提（例如“奖励未领取过”）最后才提供，各种问法都不计。

{figures.table()}

- 按出现次数：每次问在最多的待定措施里出现的那一项（Publicodes 的办法），停止时用同样的证明。
- 按词典顺序：跳过有效措施都不读的字段。问到停止为止，和全部问完，各一行。
- 事后最少：已知全部回答时，足以让每项措施定下来的最小问题集合。其余全答仍缺它不可的，必在其中；只靠这些还定不下来的，
  对每项措施求出全部极小集合，再用分支限界求最小并集。是精确值。只略去一种换法：不问企业规模、改问行业来推算，问题数不会因此减少（行业本身不是任何有效措施的条件）。
- 规划器比按出现次数多问的有 {len(above)} 家，最多多问 {max(above, default=0)} 个；它事先不知道回答，这样的情形无法全免。
- 事后看来不必问而问了的：{said}。

每次求下一题（不保留任何状态）占用处理器：中位数 {median:.1f} 毫秒，95% 在 {p95:.1f} 毫秒以内，最多 {most:.0f} 毫秒；
每个评估日首次使用时另需约一秒准备。先验和取舍见 [ADR 10](adr/0010-questions.md)。
"""


def main() -> None:
    """Draw, ask, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profiles", type=int, default=PROFILES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF)
    parser.add_argument("--write", action="store_true", help="write docs/questions.md")
    options = parser.parse_args()
    program = compile_pack(load_pack())
    applicants = Applicants(program, options.as_of, options.seed)
    figures = Figures()
    Plan.of(program, options.as_of)
    try:
        figures.run([Asked(program, options.as_of, applicants.draw()) for _ in range(options.profiles)])
    except KeyboardInterrupt:
        options.profiles = len(figures.counts[WAYS[-1]])
        print(f"interrupted: {options.profiles} profiles", file=sys.stderr)
    text = page(figures, options)
    print(text)
    if options.write:
        PAGE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
