"""Regions against brute force on random pairs of versions: conditions, derived facts, lists, and random profiles."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from engine.difference.measures import MeasureDifference
from engine.difference.screens import Screen
from tests.difference.test_brute_force import AMOUNTS, DATES, HOME, KINDS, MONEY, RECORD, SIZE, STAFF, TAGS, YES, check
from tests.helpers import DAY, measure, pack_of, review

PAIRS = 8
PROFILES = 40


def condition(rng: random.Random, depth: int, record: bool) -> str:
    """A random condition, as YAML."""
    if depth and rng.random() < 0.45:
        parts = ", ".join(f"{{{condition(rng, depth - 1, record)}}}" for _ in range(rng.randint(2, 3)))
        return f"{rng.choice(['all', 'any'])}: [{parts}]"
    if depth and rng.random() < 0.12:
        return f"not: {{{plain(rng, record)}}}"
    return plain(rng, record)


def plain(rng: random.Random, record: bool) -> str:
    """A random condition without groups or marks."""
    low, high = sorted(rng.sample([5, 10, 20, 50, 60, 100], 2))
    money = rng.choice(["100万元", "150万元", "250万元"])
    where = rng.choice(["", ", where: [{field: contract.kind, equals: transfer}]"])
    choices = [
        f"field: staff, {rng.choice(['at_least', 'above', 'below', 'at_most'])}: {low}",
        f"field: staff, between: [{low}, {high}]",
        f"field: size, in: [{', '.join(rng.sample(['large', 'medium', 'small', 'micro'], rng.randint(1, 2)))}]",
        f"field: home, within: {rng.choice(['廊坊市', '固安县', '[固安县, 香河县]', '河北省'])}",
        "field: home, rank: [prefecture]",
        "field: in_zone, equals: true",
        f"field: tags, in: [{rng.choice(['ai', 'ai, space', 'chips'])}]",
        "judgement: major",
        f"days_since: founded_on, at_least: {rng.choice([0, 30, 365])}",
        f"field: founded_on, at_least: {rng.choice(['2020-01-01', '2020-06-01'])}",
        f"ratio: {{of: {{field: profit}}, to: {{field: revenue}}}}, {rng.choice(['above', 'at_most'])}: {rng.choice(['10%', '50%'])}",
        f"exists: contract{where}",
        f"count: contract{where}, at_least: {rng.choice([1, 2])}",
        f"sum: contract.amount{where}, at_least: {money}",
        f"every: contract{where}, that: [{{field: contract.amount, at_least: {money}}}], at_least: 1",
    ]
    if record:
        choices += 3 * [
            f"field: recognition.kind, in: [{rng.choice(['hnte', 'base', 'hnte, base'])}]",
            "held: recognition",
            "newly_recognised: recognition",
            f"field: recognition.expires, at_least: {rng.choice(['2021-01-01', '2023-01-01'])}",
        ]
    return rng.choice(choices)


def marked(rng: random.Random, text: str) -> str:
    """The condition as it stands, or soft, or assumed."""
    if text.startswith(("field: staff", "field: in_zone", "field: size")) and rng.random() < 0.4:
        return f"{text}, {rng.choice(['soft: true', 'assumed: true'])}, why: 测试"
    return text


DERIVED = """derived:
  - field: size
    title: 按人数推导
    source: {title: 测试, certainty: seen}
    cases:
      - {when: [{field: staff, below: %d}], value: micro}
      - {when: [{field: staff, below: %d}], value: small}
    otherwise: %s
"""


def derived(rng: random.Random) -> dict[str, str]:
    """Nothing, or the size class from the staff."""
    if rng.random() < 0.5:
        return {}
    return {"derived": DERIVED % (10, rng.choice([50, 60]), rng.choice(["null", "[large, medium]", "large"]))}


def profile(rng: random.Random) -> dict[str, Any]:
    """A random profile, most of it incomplete."""
    answers: dict[str, Any] = {
        "staff": STAFF, "size": SIZE, "home": HOME, "in_zone": YES, "tags": TAGS, "founded_on": DATES,
        "profit": [*MONEY, -5], "revenue": MONEY,
    }  # fmt: skip
    found = {name: rng.choice(values) for name, values in answers.items() if rng.random() < 0.75}
    found = {name: value for name, value in found.items() if value is not None}
    contracts = rng.sample([*KINDS, *AMOUNTS], rng.randint(0, 2))
    found |= rng.choice([{}, {"contracts": contracts}, {"contracts": {"partial": True, "items": contracts}}])
    given = rng.choice([[], [review("major")], [review("major", False)]])
    return found | ({"findings": given} if given else {})


@pytest.mark.parametrize("record", [False, True])
@pytest.mark.parametrize("seed", range(PAIRS))
def test_random_versions(seed: int, record: bool, tmp_path: Path) -> None:
    """A profile differs if and only if a region holds it."""
    rng = random.Random(f"{seed} {record}")
    keys = {"subject": "recognition"} if record else {}
    shared = [marked(rng, condition(rng, 1, record)) for _ in range(2)]
    packs = []
    for _ in range(2):
        own = marked(rng, condition(rng, 2, record))
        conditions = "".join(f"{{{text}}}, " for text in rng.sample([*shared, own], 3))
        packs.append(pack_of(tmp_path, measure(conditions, **keys), **derived(rng)))  # type: ignore[arg-type]
    change = MeasureDifference(*packs, "m").run([DAY])
    assert "错误" not in change.why
    if not change.complete:
        assert "50" in change.why
        return
    screens = {"old": Screen(packs[0], packs[0].measure("m")), "new": Screen(packs[1], packs[1].measure("m"))}
    for region in change.regions:
        assert check(region.witness, region.which, change.regions, screens)
    for _ in range(PROFILES):
        given = profile(rng)
        if record:
            item = {name: rng.choice(values) for name, values in RECORD.items()}
            given["recognitions"] = [{name: value for name, value in item.items() if value is not None}]
        check(given, "listed" if record else "enterprise", change.regions, screens)
