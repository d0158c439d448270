"""Random applicants for benchmarks: complete profiles of the kinds of units that such documents address.

The distribution, published so that figures can be judged; every field that the measures in force read is drawn:

- what it is: three in five are companies, the rest incubators, park operators, universities, institutes, hospitals,
  investors, banks, agencies, associations, teams, persons; a tenth is of a second kind too;
- where: 35% 大兴, 30% 通州, 20% elsewhere in Beijing, 5% 廊坊, 10% elsewhere in China. Each other place (of a project, a
  platform, a talent) is the same place in four cases of five;
- each record list is empty for 70% of applicants (by what they are: an investor has investments), else 1 or 2 records,
  rarely 3; recognitions of companies lean towards 高企 and 科技型中小企业;
- options are equally likely, yes is a third; sums are log-uniform from 10万 to 10亿, staff from 2 to 3,000;
- dates lie in the eight years up to the as-of date; annual figures are given for the last four years.

What the rules derive (size class, above scale) is what a profile states; where they leave it open it is drawn.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from engine.assessment import live_program
from engine.completions.cone import Cone
from engine.evaluation import evaluate
from engine.facts import Known
from engine.profile import Profile, Record, RecordList
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.regions import Several, Value
from engine.spans import Span

KINDS: Mapping[str, float] = {
    "company": 60, "incubator": 5, "park_operator": 4, "university": 3, "research_institute": 4,
    "medical_institution": 2, "new_rd_organisation": 3, "investment_institution": 4, "bank": 2, "intermediary": 3,
    "tech_service": 3, "startup_service": 1, "social_organisation": 2, "space_renovator": 1,
    "capital_market_platform": 1, "team": 1, "person": 1,
}  # fmt: skip
SECOND_KIND = 0.1
PLACES: Mapping[str, float] = {"110115": 35, "110112": 30, "11": 20, "1310": 5, "": 10}
"""Prefixes of division codes, and how many of a hundred applicants are there."""
SAME_PLACE = 0.8
NO_RECORDS = 0.7
NUMBERS: Mapping[int, float] = {1: 60, 2: 30, 3: 10}
TYPICAL: Mapping[str, tuple[str, ...]] = {
    "company": ("recognition", "project", "product", "ip_matter"),
    "incubator": ("platform", "event"),
    "park_operator": ("platform", "project"),
    "university": ("project", "platform", "talent"),
    "research_institute": ("project", "platform", "talent"),
    "medical_institution": ("project", "talent"),
    "new_rd_organisation": ("project", "platform"),
    "investment_institution": ("investment", "fund"),
    "bank": ("credit_product",),
    "intermediary": ("contract", "event", "platform"),
    "social_organisation": ("event",),
}
"""Of what a kind of unit usually has records: the lists are empty for three in ten of them only."""
RECOGNISED: Mapping[str, float] = {"hnte": 8, "tech_sme": 10, "zgc_hnte": 4, "specialised_sme": 3}
"""How much likelier than any other some recognitions are."""


@dataclass(slots=True)
class Applicants:
    """Draws complete profiles; the same ones for the same seed."""

    program: Program
    as_of: date
    seed: int
    _rng: random.Random = field(init=False)
    _cone: Cone = field(init=False)
    _codes: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        live = live_program(self.program, self.as_of)
        blank = evaluate(live, Profile({}, {}), self.as_of, ReferenceSolver())
        self._cone = Cone.of((measure.condition for measure in live.pack.measures), live, blank.reader)

    @property
    def fields(self) -> Sequence[str]:
        """The fields that are drawn."""
        own = self.program.pack.vocabulary.fields
        return [path for path in own if path in self._cone.fields and own[path].spec.question]

    def draw(self) -> Profile:
        """One complete profile."""
        fields = self.program.pack.vocabulary.fields
        derived = {stage.derived.field for stage in self._cone.program.stages}
        home = self._somewhere()
        kinds = self._kinds()
        values = {
            path: self._value(path, home)
            for path in self.fields
            if fields[path].record is None and path not in derived and path != "applicant_kinds"
        }
        values["applicant_kinds"] = Several(kinds, kinds)
        owners = {fields[path].record for path in self.fields}
        owners |= {*self._cone.kinds, *(m.subject for m in self._cone.program.pack.measures)}
        lists = {kind: self._records(kind, kinds, home, derived) for kind in sorted(filter(None, owners))}
        return self._stated(Profile(values, lists))

    def _kinds(self) -> frozenset[str]:
        number = 2 if self._rng.random() < SECOND_KIND else 1
        return frozenset(self._rng.choices(list(KINDS), list(KINDS.values()), k=number))

    def _records(self, kind: str, kinds: frozenset[str], home: str, derived: set[str]) -> RecordList:
        own = [path for path in self.fields if path.startswith(f"{kind}.") and path not in derived]
        usual = any(kind in TYPICAL.get(one, ()) for one in kinds)
        empty = 1 - NO_RECORDS if usual else NO_RECORDS
        number = 4 if kind == "annual" else 0
        if kind != "annual" and self._rng.random() >= empty:
            number = self._rng.choices(list(NUMBERS), list(NUMBERS.values()))[0]
        records = []
        for index in range(number):
            values = {path: self._value(path, home) for path in own if not path.endswith(".expires")}
            if kind == "annual":
                values["annual.fiscal_year"] = Span.exactly(self.as_of.year - 1 - index)
            records.append(Record(kind, index, f"{kind}-{index + 1}", values))
        return RecordList(tuple(records), True)

    def _stated(self, drawn: Profile) -> Profile:
        """With what the rules derive, and with draws for what they leave open."""
        facts = evaluate(self._cone.program, drawn, self.as_of, ReferenceSolver()).facts
        lists = {
            kind: RecordList(tuple(self._more(r, k) for r, k in zip(listed.records, facts.records[kind], strict=True)), True)
            for kind, listed in drawn.lists.items()
        }
        return Profile({**drawn.values, **self._rest(None, facts.enterprise)}, lists)

    def _more(self, record: Record, known: Known) -> Record:
        return Record(record.kind, record.index, record.id, {**record.values, **self._rest(record.kind, known)})

    def _rest(self, kind: str | None, known: Known) -> dict[str, Value]:
        fields = self.program.pack.vocabulary.fields
        rest: dict[str, Value] = {}
        for path in self.fields:
            value = known.values.get(path)
            if fields[path].record != kind or (path in known.values and path not in known.derivations):
                continue
            if isinstance(value, frozenset) and len(value) > 1:
                value = frozenset({self._rng.choice(sorted(value))})
            rest[path] = self._value(path, "") if value is None else value
        return rest

    # Values

    def _value(self, path: str, home: str) -> Value:
        typed = self.program.pack.vocabulary.fields[path]
        match typed.type:
            case "division":
                return frozenset({home if home and self._rng.random() < SAME_PLACE else self._somewhere()})
            case "industry":
                return frozenset({self._rng.choice(self._lowest("industry"))})
            case "yes_no":
                return frozenset({"yes" if self._rng.random() < 1 / 3 else "no"})
            case "choice":
                weights = [RECOGNISED.get(o, 1.0) if path == "recognition.kind" else 1.0 for o in typed.options]
                return frozenset(self._rng.choices(list(typed.options), weights))
            case "choices":
                number = min(self._rng.choice((0, 1, 1, 2, 2, 3)), len(typed.options))
                chosen = frozenset(self._rng.sample(list(typed.options), number))
                return Several(chosen, chosen)
            case "date":
                return Span.exactly(self.as_of - timedelta(days=self._rng.randint(0, 8 * 365)))
            case "money":
                return Span.exactly(int(10 ** self._rng.uniform(5, 9)))
            case "count":
                return Span.exactly(int(10 ** self._rng.uniform(0.3, 3.5)))
            case "ratio":
                return Span.exactly(Fraction(self._rng.randint(0, 100), 100))
        return frozenset({f"文本{self._rng.randint(1, 9)}"})

    def _somewhere(self) -> str:
        prefix = self._rng.choices(list(PLACES), list(PLACES.values()))[0]
        inside = [code for code in self._lowest("division") if code.startswith(prefix)]
        return self._rng.choice(inside)

    def _lowest(self, table: str) -> list[str]:
        """The codes that have nothing below."""
        if table not in self._codes:
            tables = self.program.pack.tables
            if table == "industry":
                codes = sorted(tables.industries.codes)
                self._codes[table] = [a for a, b in zip(codes, [*codes[1:], ""], strict=True) if not b.startswith(a)]
            else:
                found: list[str] = []
                left = [""]
                while left:
                    below = tables.divisions.children(left.pop())
                    left += below
                    found += [code for code in below if not tables.divisions.children(code)]
                self._codes[table] = sorted(found)
        return self._codes[table]
