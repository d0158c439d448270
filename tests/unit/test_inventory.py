"""The rules that must exist: how many each document has, and their ids where the list of clauses is at hand."""

from __future__ import annotations

import re

import pytest

from engine.loader import BUILT_IN, load_pack

INVENTORY = BUILT_IN.parent.parent / "shared" / "inventory"
COUNTS = {"langfang-2016": 31, "daxing-2021": 39, "zgc-2024": 36, "daxing-2025": 61, "tongzhou-2024": 57}


@pytest.mark.parametrize(("document", "count"), COUNTS.items())
def test_every_clause_has_its_rule(document: str, count: int) -> None:
    pack = load_pack()
    ids = [m.id for m in pack.measures if m.document == document]
    ids += [p.spec.id for p in pack.programmes if p.document == document]
    assert len(set(ids)) == len(ids) == count
    listed = INVENTORY / f"{document}.yaml"
    if listed.is_file():
        assert set(ids) == set(re.findall(r"\{id: ([\w-]+)", listed.read_text(encoding="utf-8")))


def test_a_reclassified_clause_says_why() -> None:
    pack = load_pack()
    specs = [m.spec for m in pack.measures] + [p.spec for p in pack.programmes]
    for spec in specs:
        if spec.reclassified is not None:
            assert spec.reclassified.why
