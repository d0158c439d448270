"""One measure in two versions, screened by the reference executor: what is shown is what ``huiqi check`` says."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.difference.model import Data, Outcome, Which
from engine.evaluation import Evaluated, evaluate
from engine.pack import Measure, Pack
from engine.profile import Profile, read_profile
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.values import ValueProblem, read_value
from engine.vocabulary import VocabularyField
from engine.yaml_source import Source


@dataclass(slots=True)
class Screen:
    """One version of a measure, alone in its pack."""

    pack: Pack
    measure: Measure
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        only = replace(self.pack, measures=(self.measure,), programmes=(), checks=())
        self.program = compile_pack(only)

    def outcome(self, data: Data, day: date, which: Which) -> Outcome | None:
        """What the enterprise, or the first record listed, gets; None where there is no record."""
        result = determine(self.program, self._profile(data), day, ReferenceSolver()).results[0]
        if which != "listed" or result.verdict == "not_in_force":
            return Outcome(result.verdict, result.amount_yuan, result.amount_range_yuan)
        if not result.items:
            return None
        item = result.items[0]
        return Outcome(item.verdict, item.amount_yuan, item.amount_range_yuan)

    def evaluated(self, data: Data, day: date) -> Evaluated:
        """The profile evaluated: its facts and the readings of conditions."""
        return evaluate(self.program, self._profile(data), day, ReferenceSolver())

    def _profile(self, data: Data) -> Profile:
        findings = Findings()
        source = Source("画像", readable(data, self.pack))
        profile = read_profile(source, self.pack.vocabulary, self.pack.tables, findings)
        findings.raise_errors()
        return profile


def readable(data: Data, pack: Pack) -> Data:
    """The part of a profile that this version's vocabulary has: other fields, options and lists are left out."""
    kinds = {kind.list: kind for kind in pack.vocabulary.records.values()}
    found: Data = {}
    for key, value in data.items():
        if key in kinds:
            fields = kinds[key].fields
            items = value["items"] if isinstance(value, dict) else value
            kept = [
                {k: v for k, v in item.items() if k in fields and _reads(fields[k], v, pack)} for item in items
            ]
            found[key] = {**value, "items": kept} if isinstance(value, dict) else kept
        elif key in pack.vocabulary.fields and _reads(pack.vocabulary.fields[key], value, pack):
            found[key] = value
    return found


def _reads(field_: VocabularyField, value: object, pack: Pack) -> bool:
    try:
        read_value(field_, value, pack.tables)
    except ValueProblem:
        return False
    return True
