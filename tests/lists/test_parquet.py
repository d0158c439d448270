"""Long lists in Parquet: slices, repeated keys across slices, records beside them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engine import load_pack
from engine.lists import LazyList, ListSource, NeedsMapping, open_list, profile_data, read_mappings

FIELDS = "    columns:\n      registered_capital: {unit: 元}\n"


def _list(
    folder: Path, frame: pl.DataFrame, records: pl.DataFrame | None = None, size: int = 2
) -> LazyList | ListSource:
    frame.write_parquet(folder / "enterprises.parquet")
    paths = [folder / "enterprises.parquet"]
    mapping = "lists:\n  - file: enterprises.parquet\n    row: enterprise\n    key: key\n" + FIELDS
    if records is not None:
        records.write_parquet(folder / "recognitions.parquet")
        paths.append(folder / "recognitions.parquet")
        mapping += "  - {file: recognitions.parquet, row: recognition, key: key, complete: true}\n"
    (folder / "m.yaml").write_text(mapping, "utf-8")
    return open_list(paths, load_pack(), read_mappings([folder / "m.yaml"]), slice_rows=size)


def _frame(keys: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "key": keys,
            "name": [f"第{key}家" for key in keys],
            "registered_capital": [float(100 * n) for n in range(len(keys))],
            "staff_total": list(range(len(keys))),
        }
    )


def test_slices_hold_every_row_once(tmp_path: Path) -> None:
    source = _list(tmp_path, _frame([1, 2, 3, 4, 5]))
    assert isinstance(source, LazyList)
    parts = list(source.slices())
    assert [part.number for part in parts] == [0, 1, 2]
    assert [key for part in parts for key in part.enterprise.frame["key"]] == [1, 2, 3, 4, 5]
    assert [part.number for part in source.slices(finished={0, 2})] == [1]
    assert source.rows == 5


def test_a_repeated_key_comes_once_whatever_the_slice(tmp_path: Path) -> None:
    source = _list(tmp_path, _frame([7, 2, 9, 7, 4]))
    parts = list(source.slices())
    assert [key for part in parts for key in part.enterprise.frame["key"]] == [7, 2, 9, 4]
    assert sum(part.rows for part in parts) == 5
    first = parts[0].enterprise.frame.row(0, named=True)
    assert first["c1"] is None  # 0 and 300: nobody knows which
    gone = [reject for part in parts for reject in part.rejects if not reject.kept]
    assert [(reject.row, reject.key) for reject in gone] == [(4, "7")]
    for part in parts:
        lost = sum(1 for reject in part.rejects if not reject.kept)
        assert part.rows == part.enterprise.frame.height + lost


def test_records_come_with_their_slice(tmp_path: Path) -> None:
    records = pl.DataFrame({"key": [3, 1, 3, 8], "kind": ["高企", "科技型中小企业", "专精特新", "高企"]})
    source = _list(tmp_path, _frame([1, 2, 3]), records)
    parts = list(source.slices())
    assert [part.records["recognition"].frame["key"].to_list() for part in parts] == [[1], [3, 3]]
    vocabulary = load_pack().vocabulary
    assert profile_data(parts[0], 2, vocabulary)["recognitions"] == []
    assert len(profile_data(parts[1], 3, vocabulary)["recognitions"]) == 2


def test_a_numeric_column_without_a_unit_is_asked_for(tmp_path: Path) -> None:
    _frame([1]).write_parquet(tmp_path / "list.parquet")
    (tmp_path / "m.yaml").write_text("lists:\n  - {file: list.parquet, key: key}\n", "utf-8")
    with pytest.raises(NeedsMapping) as error:
        open_list([tmp_path / "list.parquet"], load_pack(), read_mappings([tmp_path / "m.yaml"]))
    assert [finding.code for finding in error.value.findings] == ["list-unit"]
    assert 'registered_capital: {unit: "?"}' in error.value.paste
    (tmp_path / "m.yaml").write_text(
        error.value.paste.replace("?", "万元").replace("    columns", "    key: key\n    columns"), "utf-8"
    )
    source = open_list([tmp_path / "list.parquet"], load_pack(), read_mappings([tmp_path / "m.yaml"]))
    part = next(source.slices())
    assert profile_data(part, 1, load_pack().vocabulary)["registered_capital"] == "0万元"


def test_a_csv_in_slices_is_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("股票代码,单位名称\n" + "".join(f"{n:06d},第{n}家\n" for n in range(7)) + "000003,第3家\n", "utf-8")
    source = open_list([path], load_pack(), slice_rows=3)
    parts = list(source.slices())
    assert [part.enterprise.frame.height for part in parts] == [3, 3, 1]
    assert [len(part.rejects) for part in parts] == [0, 1, 0]
    assert sum(part.rows for part in parts) == source.rows == 8
