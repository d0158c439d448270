"""DESIGN 2.17: every result carries document, clause and the operative phrases."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import InputError
from tests.helpers import DAY, measure, pack_of, result_of, screened

STAFF = "{field: staff, at_least: 50}"


@pytest.mark.parametrize("staff", [50, 49, None])
def test_every_result_cites_itself(tmp_path: Path, staff: int | None) -> None:
    """2.17: whatever the verdict."""
    citation = result_of(tmp_path, STAFF, {"staff": staff}).citation
    assert (citation.document, citation.clause) == ("test", "一(二)")
    assert (citation.title, citation.number) == ("测试办法（2020—2022年）", "测发〔2020〕1号")
    assert citation.issuer == "廊坊市科技局"
    assert citation.phrases == ["原文一句", "原文另一句"]
    assert citation.departments == ["市科技局"]


def test_a_result_out_of_force_cites_itself_too(tmp_path: Path) -> None:
    """2.17: so that one can see what is no longer in force."""
    result = result_of(tmp_path, STAFF, {}, as_of=DAY.replace(year=2030))
    assert result.citation.phrases == ["原文一句", "原文另一句"]


@pytest.mark.parametrize("line", ["clause: 一(二)", "cite: [原文一句, 原文另一句]"])
def test_clause_and_phrase_are_required(tmp_path: Path, line: str) -> None:
    """2.17: a measure without them is no measure."""
    text = measure(STAFF).replace(f"  {line}\n", "")
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, text)
    assert [item.code for item in error.value.findings] == ["shape-missing-key"]


def test_a_document_without_number_and_issuer_says_null(tmp_path: Path) -> None:
    """2.17: nothing is filled in that the text does not carry."""
    from tests.helpers import document

    pack = pack_of(tmp_path, measure(STAFF), document=document(number="null", issuer="null"))
    citation = screened(pack, {}).results[0].citation
    assert (citation.number, citation.issuer) == (None, None)
