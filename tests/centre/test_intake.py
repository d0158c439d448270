"""An applicant is taken in under its key, with what queues filter it by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine import load_pack
from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.program import Program
from web.centre.intake import LONGEST_NAME, UNNAMED, head_of
from web.centre.keeping import Head

AS_OF = date(2026, 11, 22)


@pytest.fixture(scope="module")
def program() -> Program:
    return compile_pack(load_pack())


def head(program: Program, data: dict[str, Any], as_of: date = AS_OF) -> Head:
    return head_of(profile_of(data, program.pack.vocabulary, program.pack.tables), program, as_of)


SMALL: dict[str, Any] = {
    "name": "固安测试软件有限公司",
    "registered_division": "廊坊固安",
    "industry": "软件开发",
    "annuals": [{"fiscal_year": 2025, "staff": 60, "revenue": "900万元"}],
}


def test_the_head_is_what_the_rules_understand(program: Program) -> None:
    """The size follows from industry, staff and revenue of the year before."""
    assert head(program, SMALL) == Head("固安测试软件有限公司", "131022", "I651", "small")


def test_the_size_is_of_the_day(program: Program) -> None:
    assert head(program, SMALL, date(2027, 1, 1)).size is None


@pytest.mark.parametrize("told", [{}, {"registered_division": ["固安", "香河"], "size_class": "小微"}])
def test_what_is_unknown_or_open_is_none(program: Program, told: dict[str, Any]) -> None:
    assert head(program, told) == Head(UNNAMED, None, None, None)


def test_a_name_is_as_long_as_can_be_kept(program: Program) -> None:
    assert len(head(program, {"name": "长" * 400}).name) == LONGEST_NAME
