"""What ``--inspect`` and a batch without its mapping say."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import list_tools
from engine import load_pack
from engine.lists import NeedsMapping

CORPUS = Path(__file__).parent / "corpus"


def test_a_proposal_is_shown_and_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "映射.yaml"
    paths = [CORPUS / "unit-asked" / "list.csv"]
    assert list_tools.show(paths, [], load_pack(), saved) == 1
    shown = capsys.readouterr().out
    assert "UTF-8 编码" in shown
    assert "注册资本" in shown
    assert "list-unit" in shown
    text = saved.read_text("utf-8")
    assert 'unit: "?"' in text
    saved.write_text(text.replace('unit: "?"', "unit: 万元").replace('year: "?"', "year: 2023"), "utf-8")
    assert list_tools.show(paths, [saved], load_pack(), None) == 0
    source = list_tools.open_or_ask(paths, [saved], load_pack())
    assert source.rows == 2


def test_the_lines_to_paste_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NeedsMapping):
        list_tools.open_or_ask([CORPUS / "unit-asked" / "list.csv"], [], load_pack())
    assert '      注册资本: {unit: "?"}' in capsys.readouterr().err


def test_merged_headers_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    folder = CORPUS / "merged-header"
    assert list_tools.show([folder / "list.xlsx"], [folder / "mapping.yaml"], load_pack(), None) == 0
    shown = capsys.readouterr().out
    assert "表头在第 3 至 4 行" in shown
    assert "2011 年版" in shown
