"""A completion as a profile that can be read, screened and shown: plain data, as ``profile_of`` takes it."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from typing import Any

import z3

from engine.completions.holders import Holder
from engine.completions.rails import Formula
from engine.completions.variables import Choice, Number, Options, Variable, written
from engine.completions.world import World
from engine.divisions import DivisionTable
from engine.quantities import is_missing_word
from engine.regions import Several
from engine.vocabulary import VocabularyField

Data = dict[str, Any]
REVIEWER, REASON = "校验", "假定"


def witness(world: World, model: z3.ModelRef, given: Data) -> Data:
    """``given`` with every field of the world's cone settled, further records added, their lists complete."""
    data: Data = deepcopy(given)
    _fill(data, world.enterprise, model, world)
    for kind, holders in world.used().items():
        present = [holder for holder in holders if holds(model, holder.present)]
        _records(data, kind, present, model, world)
    _judge(data, world, model)
    return data


def holds(model: z3.ModelRef, formula: Formula) -> bool:
    """Whether a formula is true in the model."""
    return bool(z3.is_true(model.eval(formula, model_completion=True)))


def _fill(target: Data, holder: Holder, model: z3.ModelRef, world: World) -> None:
    for path, variable in holder.variables.items():
        given = holder.known.values.get(path) if holder.known else None
        if holder.known is not None and _is_assumed(holder, path, world):
            continue
        target[path.rpartition(".")[2]] = plain(variable, model, given, world)


def _is_assumed(holder: Holder, path: str, world: World) -> bool:
    """Whether nothing is known of the field and a condition counts as met for that: then it stays so."""
    if holder.known is None or path in holder.known.values:
        return False
    return any(item.holder is holder and getattr(item.leaf.operand, "path", "") == path for item in world.assumptions)


def _records(data: Data, kind: str, holders: list[Holder], model: z3.ModelRef, world: World) -> None:
    spec = world.cone.program.pack.vocabulary.records[kind]
    raw = data.get(spec.list)
    items: list[Data] = list(raw["items"] if isinstance(raw, dict) else raw if isinstance(raw, list) else [])
    years = {holder.name: year for year, holder in world.years().items()}
    for holder in holders:
        if holder.known is not None and holder.known.record is not None:
            item = items[holder.known.record.index]
        elif holder.name in years:
            item = {"fiscal_year": years[holder.name]}
            items.append(item)
        else:
            item = {"id": holder.name}
            items.append(item)
        _fill(item, holder, model, world)
        if any(judged is holder for _, judged in world.judgements.values()):
            item.setdefault("id", holder.name)
    data[spec.list] = items


def _judge(data: Data, world: World, model: z3.ModelRef) -> None:
    findings = list(data.get("findings") or [])
    for (judgement, _), (formula, holder) in world.judgements.items():
        if holder is not None and not holds(model, holder.present):
            continue
        finding = review(judgement, holds(model, formula), world.reader.facts.as_of)
        if holder is not None:
            finding["about"] = holder.id or holder.name
        findings.append(finding)
    if findings:
        data["findings"] = findings


def review(judgement: str, answer: bool, on: date) -> Data:
    """A reviewer's finding as a profile writes it."""
    return {"judgement": judgement, "finding": answer, "by": REVIEWER, "on": on.isoformat(), "why": REASON}


def plain(variable: Variable, model: z3.ModelRef, given: object, world: World) -> Any:
    """The value of a variable as a profile states it, in the words of the vocabulary."""
    field = variable.field
    match variable:
        case Number():
            return written(field, variable.plain(model))
        case Options():
            named = variable.chosen(model)
            certain = given.certain if isinstance(given, Several) else frozenset()
            chosen = [*named, *sorted(certain - set(named) - variable.picks.keys())]
            return [named_option(field, option) for option in chosen]
        case Choice():
            element = variable.element(model, given if isinstance(given, frozenset) else None)
            code = element.place if variable.cells.by_place else element.exact
            if field.type == "division":
                return named_division(code, world.cone.program.pack.tables.divisions)
            return named_option(field, code) if field.options else code


def named_option(field: VocabularyField, option: str) -> str | bool:
    """An option as it is read back: by its label, for the key may be a word for "unknown" (none)."""
    if field.type == "yes_no":
        return option == "yes"
    label = field.options[option].label
    alone = field.option_of(label) == {option} and not is_missing_word(label)
    return label if alone else option


def named_division(code: str, divisions: DivisionTable) -> str:
    """A division by its name where the name is its alone."""
    label = divisions.label(code)
    return label if divisions.find(label) == {code} else code
