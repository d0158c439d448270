"""The formulas of what a benefit is worth, held to the amounts of the reference: sums by year under a yearly cap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import combinations_with_replacement
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("z3")

import z3

from engine import screen
from engine.compiler import compile_pack
from engine.completions.answers import Ends
from engine.completions.given import Holder
from engine.completions.rails import NO, YES
from engine.completions.worths import worth
from engine.conditions import FieldRef
from tests.helpers import DAY, measure, pack_of

WHERE = "[{within_validity: contract.date}]"
BENEFIT = "{{kind: rate, rate: 10%, base: {{sum: contract.amount, where: {where}}}{cap}, per_year: contract.date}}"
CAPS = {"capped": ", cap: {amount: 20元, scope: per_year}", "uncapped": ""}
CONTRACTS: list[dict[str, Any]] = [
    {"amount": 50, "date": "2020-05-01"},
    {"amount": 100, "date": "2021-05-01"},
    {"amount": 300, "date": "2021-05-01"},
    {"amount": 70},
    {"amount": 201},
    {"date": "2020-05-01"},
    {},
]


@dataclass
class Stated:
    """A profile of which everything is settled or unknown, as the solver sees one: its answers are constants."""

    program: Any
    records: Mapping[str, dict[str, Any]]
    partial: bool
    day: date = DAY
    given: Any = field(init=False)

    def __post_init__(self) -> None:
        self.given = SimpleNamespace(constraints=[], listed=lambda kind: (YES, YES if self.partial else NO))

    def counted(self, kind: str, where: Any, reach: Any) -> list[tuple[Holder, Any, Any]]:
        """Every record: certainly with a date, possibly without one."""
        holders = [Holder(kind, name) for name in self.records]
        return [(holder, YES if "date" in self.records[holder.name] else NO, YES) for holder in holders]

    def ends(self, operand: FieldRef, reach: Mapping[str, Holder]) -> Ends:
        """Amounts in fen, dates in days."""
        kind, _, name = operand.path.partition(".")
        value = self.records[reach[kind].name].get(name)
        if value is None:
            return Ends(NO, NO, z3.IntVal(0), NO, z3.IntVal(0), 1)
        number = z3.IntVal(date.fromisoformat(value).toordinal() if name == "date" else value * 100)
        return Ends(YES, YES, number, YES, number, 1 if name == "date" else 100)


@pytest.mark.parametrize("partial", [False, True], ids=["complete", "partial"])
@pytest.mark.parametrize("cap", CAPS)
def test_sums_by_year_are_those_of_the_reference(cap: str, partial: bool, tmp_path: Path) -> None:
    pack = pack_of(tmp_path, measure("{field: staff, at_least: 1}", benefit=BENEFIT.format(where=WHERE, cap=CAPS[cap])))
    own, unit = pack.measure("m"), 10
    for count in range(4):
        for chosen in combinations_with_replacement(CONTRACTS, count):
            listed = {"partial": True, "items": list(chosen)} if partial else list(chosen)
            found = screen({"staff": 1, "contracts": listed}, pack, as_of=DAY).results[0]
            wanted = found.amount_range_yuan or (found.amount_yuan, found.amount_yuan)
            side = Stated(compile_pack(pack), {f"{n}": item for n, item in enumerate(chosen)}, partial)
            formula = worth(own, side, {}, unit)  # type: ignore[arg-type]
            low, high = (Fraction(z3.simplify(z3.IntVal(0) + end).as_long(), 100 * unit) for end in (formula.low, formula.high))
            endless = z3.is_true(z3.simplify(formula.endless))
            told = Fraction(wanted[0]), None if wanted[1] is None else Fraction(wanted[1])
            assert (low, None if endless else high) == told, chosen
