"""The empty workbook: read back it is understood whole, and its examples are never data."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from cli import list_tools
from engine import load_pack
from engine.diagnostics import InputError
from engine.lists import inspect, open_list, write_template
from engine.lists.files import read_sheets
from engine.lists.template import EXAMPLE_CODE, columns_of, enterprise_fields, record_fields
from engine.values import read_value


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "空白.xlsx"
    write_template(path, load_pack())
    return path


def test_every_sheet_and_column_is_understood(template: Path) -> None:
    pack = load_pack()
    proposal = inspect([template], pack)
    assert proposal.findings == []
    assert {table.row for table in proposal.tables} == {"enterprise", *pack.vocabulary.records}
    for table in proposal.tables:
        kind = pack.vocabulary.records.get(table.row)
        wanted = record_fields(kind) if kind else enterprise_fields(pack.vocabulary)
        read = {column.path for column in table.columns}
        assert {field.path for field in wanted} <= read | ({"finding.id"} if table.row == "finding" else set())
        assert all(column.unit for column in table.columns if pack.vocabulary.fields[column.path].type == "money")
        assert table.unused == []


def test_an_empty_template_has_no_enterprise(template: Path) -> None:
    with pytest.raises(InputError) as error:
        open_list([template], load_pack())
    assert [finding.code for finding in error.value.findings] == ["list-nothing"]


def test_examples_can_be_read_as_answers() -> None:
    pack = load_pack()
    kinds = pack.vocabulary.records.values()
    fields = [*enterprise_fields(pack.vocabulary), *(field for kind in kinds for field in record_fields(kind))]
    for field, column in zip(fields, columns_of(fields), strict=True):
        if field.path != "credit_code":
            assert read_value(field, column.example, pack.tables) is not None, field.path
    assert len(EXAMPLE_CODE) == 18


def test_no_cell_is_a_formula_and_drop_downs_are_there(template: Path) -> None:
    with zipfile.ZipFile(template) as archive:
        sheets = [archive.read(name).decode() for name in archive.namelist() if "worksheets/sheet" in name]
        assert "xl/comments1.xml" in archive.namelist()
    assert all("<f>" not in sheet for sheet in sheets)
    assert sum(sheet.count("<dataValidation ") for sheet in sheets) > 40


def test_the_command_writes_it_whole(tmp_path: Path) -> None:
    out = tmp_path / "空白.xlsx"
    assert list_tools.template(out, load_pack()) == 0
    assert {sheet.name for sheet in read_sheets(out)} >= {"企业", "认定", "人工判断"}
    assert list(tmp_path.iterdir()) == [out]
