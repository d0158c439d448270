"""What reading a corpus folder gives, as plain data to compare with its ``expected.yaml``.

``make accept`` writes the expected files anew (pytest tests/lists --accept); their diff is to be read.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from engine.diagnostics import Findings, InputError
from engine.lists import NeedsMapping, open_list, profile_data, read_mappings
from engine.pack import Pack
from engine.profile import read_profile
from engine.regions import Several, Value
from engine.spans import Span, decimal_string
from engine.yaml_source import Source

CORPUS = Path(__file__).parent / "corpus"
_SHOWN = 20
_NOT_LISTS = ("expected.yaml", "mapping.yaml")


def outcome(folder: Path, pack: Pack) -> dict[str, Any]:
    """The table, the rejects, the counts and the notes; or the codes of what stopped it and the lines to paste."""
    paths = sorted(path for path in folder.iterdir() if path.name not in _NOT_LISTS)
    try:
        mapping = read_mappings([folder / "mapping.yaml"]) if (folder / "mapping.yaml").exists() else None
        source = open_list(paths, pack, mapping)
        slices = list(source.slices())
    except InputError as error:
        stopped: dict[str, Any] = {"stopped": [f"{finding.code}: {finding.message}" for finding in error.findings]}
        if isinstance(error, NeedsMapping) and error.paste:
            stopped["paste"] = error.paste
        return stopped
    table, rejects = {}, []
    for part in slices:
        assert part.rows == part.enterprise.frame.height + sum(
            1 for reject in part.rejects if not reject.kept and reject.sheet in part.enterprise.name
        )
        rejects += [[r.row, r.key, r.column, r.value, r.reason, "留" if r.kept else "去"] for r in part.rejects]
        for key in part.enterprise.frame["key"]:
            table[key] = _shown(profile_data(part, key, pack), pack)
    assert all(count.adds_up() for count in source.counts)
    return {
        "table": table if len(table) <= _SHOWN else {"首": dict([next(iter(table.items()))]), "共": len(table)},
        "rejects": rejects,
        "counts": [count.sentence() for count in source.counts],
        "notes": list(source.notes),
    }


def _shown(data: dict[str, Any], pack: Pack) -> dict[str, Any]:
    """The values that a profile has after being read, and what could not be read."""
    findings = Findings()
    profile = read_profile(Source("画像", data), pack.vocabulary, pack.tables, findings)
    shown: dict[str, Any] = {path: _value(value) for path, value in sorted(profile.values.items())}
    for kind, listed in profile.lists.items():
        records = [{path: _value(v) for path, v in sorted(record.values.items())} for record in listed.records]
        shown[f"{kind} ({'列全' if listed.complete else '不全'})"] = records
    problems = [f"{finding.code}: {finding.message}" for finding in findings]
    return {**shown, **({"problems": problems} if problems else {})}


def _value(value: Value) -> str:
    if isinstance(value, Span):
        low, high = (_point(value.low), _point(value.high))
        if low == high:
            return low
        return f"{'(' if value.low_open else '['}{low}, {high}{')' if value.high_open else ']'}"
    if isinstance(value, Several):
        return "含 " + "、".join(sorted(value.certain))
    return " 或 ".join(sorted(value))


def _point(point: Any) -> str:
    if point is None:
        return "…"
    return point.isoformat() if isinstance(point, date) else decimal_string(point)


def write_expected(folder: Path, pack: Pack) -> None:
    """What reading gives now becomes what is expected."""
    text = yaml.safe_dump(outcome(folder, pack), allow_unicode=True, sort_keys=False, width=110)
    (folder / "expected.yaml").write_text(text, "utf-8")


def traits() -> list[Path]:
    """The folders of the corpus."""
    return sorted(path for path in CORPUS.iterdir() if path.is_dir())
