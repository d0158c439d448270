"""Long lists in Parquet: slices, repeated keys across slices, records beside them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from engine import load_pack
from engine.lists import LazyList, ListSource, NeedsMapping, open_list, parted, profile_data, read_mappings

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
    pack = load_pack()
    assert profile_data(parts[0], 2, pack)["recognitions"] == []
    assert len(profile_data(parts[1], 3, pack)["recognitions"]) == 2
    lost = [(reject.row, reject.key, reject.kept) for part in parts for reject in part.rejects]
    assert lost == [(4, "8", False)]


@pytest.mark.parametrize("keys", [[1, 2, 3, 4, 5], [5, 2, 4, 1, 3]], ids=["sorted", "unsorted"])
def test_long_files_of_records_are_put_by_slice_once(
    keys: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parted, "SMALL", 0)
    monkeypatch.setattr(parted, "PIECE", 3)
    given = [4, 1, 9, 4, 2, 5, 1, 0, 4]
    records = pl.DataFrame({"key": given, "kind": [f"第{n}个" if n == 5 else "高企" for n in range(9)]})
    source = _list(tmp_path, _frame(keys), records)
    assert isinstance(source, LazyList)
    source.prepare(tmp_path / "work")
    assert list((tmp_path / "work").rglob("*.arrows"))
    parts = list(source.slices())
    frames = [part.records["recognition"].frame for part in parts]
    assert [row for frame in frames for row in frame.select("key", "row").rows()] == [
        (key, n + 1) for start in range(0, 5, 2) for n, key in enumerate(given) if key in keys[start : start + 2]
    ]
    lost = {(reject.row, reject.kept) for part in parts for reject in part.rejects if "recognitions" in reject.sheet}
    assert lost == {(3, False), (8, False)}
    (part,) = source.holding("4")
    assert [record["kind"] for record in profile_data(part, 4, load_pack())["recognitions"]] == ["高企"] * 3


def test_keys_of_records_are_compared_as_keys(tmp_path: Path) -> None:
    """Small letters, spaces and numbers as text name the same enterprise, and what is no key is told."""
    records = pl.DataFrame({"key": [" 3 ", "x", "１"], "kind": ["高企", "高企", "高企"]})
    parts = list(_list(tmp_path, _frame([1, 2, 3]), records).slices())
    assert [part.records["recognition"].frame["key"].to_list() for part in parts] == [[1], [3]]
    assert [reject.row for part in parts for reject in part.rejects if not reject.kept] == [2]


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
    assert profile_data(part, 1, load_pack())["registered_capital"] == "0万元"


def test_a_csv_in_slices_is_the_csv(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("股票代码,单位名称\n" + "".join(f"{n:06d},第{n}家\n" for n in range(7)) + "000003,第3家\n", "utf-8")
    source = open_list([path], load_pack(), slice_rows=3)
    parts = list(source.slices())
    assert [part.enterprise.frame.height for part in parts] == [3, 3, 1]
    assert [len(part.rejects) for part in parts] == [0, 1, 0]
    assert sum(part.rows for part in parts) == source.rows == 8


def test_keys_that_differ_in_writing_alone_are_one_enterprise(tmp_path: Path) -> None:
    """As bytes they ascend and none repeats; as keys A1 comes in two slices."""
    frame = _frame([1, 2, 3, 4]).with_columns(key=pl.Series(["A1", "B1", "C1", "a1"]))
    parts = list(_list(tmp_path, frame).slices())
    assert [part.enterprise.frame["key"].to_list() for part in parts] == [["A1", "B1"], ["C1"]]
    assert [(reject.row, reject.kept) for part in parts for reject in part.rejects if not reject.kept] == [(4, False)]


def test_text_keys_in_order_are_streamed(tmp_path: Path) -> None:
    frame = _frame([1, 2, 3]).with_columns(key=pl.Series(["A1", "B1", "C1"]))
    records = pl.DataFrame({"key": ["c1", "A1", "D1"], "kind": ["高企"] * 3})
    parts = list(_list(tmp_path, frame, records).slices())
    assert [part.records["recognition"].frame["key"].to_list() for part in parts] == [["A1"], ["C1"]]
    assert [reject.key for part in parts for reject in part.rejects] == ["D1"]


def test_two_files_of_one_kind_stand_below_one_another(tmp_path: Path) -> None:
    paths = [tmp_path / "list.parquet", tmp_path / "first.parquet", tmp_path / "second.parquet"]
    _frame([1, 2, 3]).drop("registered_capital").write_parquet(paths[0])
    pl.DataFrame({"key": [3, 1], "kind": ["高企", "专精特新"]}).write_parquet(paths[1])
    pl.DataFrame({"key": [1, 7], "kind": ["高企", "高企"]}).write_parquet(paths[2])
    entries = "".join(f"  - {{file: {path.name}, row: recognition, key: key}}\n" for path in paths[1:])
    (tmp_path / "m.yaml").write_text("lists:\n  - {file: list.parquet, row: enterprise, key: key}\n" + entries, "utf-8")
    (part,) = open_list(paths, load_pack(), read_mappings([tmp_path / "m.yaml"])).slices()
    pack = load_pack()
    kinds = [item["kind"] for item in profile_data(part, 1, pack)["recognitions"]["items"]]
    assert kinds == ["专精特新", "高企"]
    assert [(reject.sheet, reject.key) for reject in part.rejects] == [("second.parquet", "7")]
