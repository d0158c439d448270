"""Two executors on one list: what was screened as columns, and each stored profile on its own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from engine import Pack, load_pack
from engine.columns.frame import RawSlice
from engine.compiler import compile_pack
from engine.lists import open_list, read_mappings
from engine.profile import profile_of
from engine.program import Program
from web.centre import keeping
from web.centre.intake import head_of
from web.centre.lists.screening import Screened, Screening
from web.centre.store.tables import FindingRow, ProfileVersion

Findings = Mapping[str, Sequence[FindingRow]]


@cache
def program() -> Program:
    """The rules as they are."""
    return compile_pack(load_pack())


def read(path: Path, mapping: Path | None = None, pack: Pack | None = None, rows: int = 200) -> list[RawSlice]:
    """The slices of a list."""
    said = read_mappings([mapping] if mapping else [])
    return list(open_list([path], pack or program().pack, said, slice_rows=rows).slices())


def compared(slices: Sequence[RawSlice], rules: Program, as_of: date, findings: Findings | None = None) -> Counter[str]:
    """Hold a list's outcomes to those of each profile on its own; how often each letter came up, and ``awaiting``."""
    screening, seen = Screening(rules.pack, as_of), Counter[str]()
    for raw in slices:
        screened = screening.slice(raw, lambda keys: findings or {})
        seen += _compared(screened, rules, as_of, findings or {})
        records = {name for sheet in raw.records.values() for name in (sheet.name, *sheet.name.split("、"))}
        lost = [reject for reject in screened.rejects if not reject.kept and reject.sheet not in records]
        assert screened.rejected == len(lost)
    return seen


def _compared(screened: Screened, rules: Program, as_of: date, findings: Findings) -> Counter[str]:
    seen = Counter[str]()
    for entry in screened.entries:
        key, outcome, kept = entry.key, entry.outcome, json.loads(json.dumps(entry.data))
        assert kept == entry.data
        own = findings.get(key, [])
        wanted = keeping.decided(rules, ProfileVersion(data=kept), own, as_of)
        assert outcome == wanted, key
        assert [list(names) for names in outcome.awaiting.values()] == [list(n) for n in wanted.awaiting.values()], key
        profile = profile_of(keeping.with_findings(kept, own), rules.pack.vocabulary, rules.pack.tables)
        assert entry.head == head_of(profile, rules, as_of), key
        seen.update(outcome.verdicts)
        seen["awaiting"] += sum(len(names) > 0 for names in outcome.awaiting.values())
    return seen
