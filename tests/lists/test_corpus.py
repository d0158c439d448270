"""A folder for each trait of real lists: the table, the rejects and the counts that reading it must give."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from engine import load_pack
from engine.lists import inspect, open_list, read_mappings
from tests.lists.corpus_cases import outcome, traits, write_expected


@pytest.mark.parametrize("folder", traits(), ids=lambda folder: folder.name)
def test_reading_gives_what_is_expected(folder: Path, accept: bool) -> None:
    if accept:
        write_expected(folder, load_pack())
    expected = yaml.safe_load((folder / "expected.yaml").read_text("utf-8"))
    assert outcome(folder, load_pack()) == expected


def _readable() -> list[Path]:
    known = [folder / "expected.yaml" for folder in traits() if (folder / "expected.yaml").exists()]
    return [path.parent for path in known if "stopped" not in yaml.safe_load(path.read_text("utf-8"))]


@pytest.mark.parametrize("folder", _readable(), ids=lambda folder: folder.name)
def test_a_saved_proposal_reads_the_same(folder: Path, tmp_path: Path) -> None:
    pack = load_pack()
    paths = sorted(p for p in folder.iterdir() if p.name not in ("expected.yaml", "mapping.yaml"))
    given = read_mappings([folder / "mapping.yaml"]) if (folder / "mapping.yaml").exists() else None
    saved = tmp_path / "saved.yaml"
    saved.write_text(inspect(paths, pack, given).to_yaml(), "utf-8")
    first, again = open_list(paths, pack, given), open_list(paths, pack, read_mappings([saved]))
    tables = [[(s.rows, s.enterprise, s.records, s.rejects) for s in source.slices()] for source in (first, again)]
    for (rows, sheet, records, rejects), (rows2, sheet2, records2, rejects2) in zip(*tables, strict=True):
        assert (rows, rejects, sheet.columns) == (rows2, rejects2, sheet2.columns)
        assert sheet.frame.equals(sheet2.frame)
        assert {k: (r.columns, r.complete) for k, r in records.items()} == {
            k: (r.columns, r.complete) for k, r in records2.items()
        }
        assert all(records[kind].frame.equals(records2[kind].frame) for kind in records)
