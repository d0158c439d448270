"""DESIGN 2.20: programmes are context, never something one can apply for; quotas are never conditions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from engine import InputError
from tests.helpers import DAY, measure, pack_of, screened

PROGRAMMES = """
programmes:
  - id: towns
    clause: 二(四)
    title: 布局建设科技小镇
    goal: 三年内建成一批科技小镇。
    departments: [市科技局]
    targets: [{by: 2022-12-31, text: 建成30个}, {text: 逐步推广}]
    cite: [要力争建成30个科技小镇]
"""
STAFF = "{field: staff, at_least: 50}"


def test_a_programme_has_no_verdict(tmp_path: Path) -> None:
    """2.20: goal, numbers, deadlines and departments are shown beside the results."""
    found = screened(pack_of(tmp_path, measure(STAFF), programmes=PROGRAMMES), {"staff": 50})
    assert [item.measure for item in found.results] == ["m"]
    (context,) = found.programmes
    assert (context.programme, context.document, context.clause) == ("towns", "test", "二(四)")
    assert (context.title, context.goal) == ("布局建设科技小镇", "三年内建成一批科技小镇。")
    assert context.departments == ["市科技局"]
    assert context.targets == ["2022年12月31日前：建成30个", "逐步推广"]
    assert context.phrases == ["要力争建成30个科技小镇"]
    assert found.totals == {}


@pytest.mark.parametrize(("as_of", "in_force"), [(DAY, True), (date(2023, 1, 1), False)])
def test_a_programme_says_whether_it_is_in_force(tmp_path: Path, as_of: date, in_force: bool) -> None:
    """2.20 and 2.18: dated context."""
    pack = pack_of(tmp_path, measure(STAFF), programmes=PROGRAMMES)
    assert [item.in_force for item in screened(pack, {}, as_of).programmes] == [in_force]


def test_a_programme_cannot_carry_conditions_or_a_benefit(tmp_path: Path) -> None:
    """2.20: what nobody can apply for has neither."""
    for line in ("conditions: []", "benefit: {kind: service}"):
        with pytest.raises(InputError) as error:
            pack_of(tmp_path, measure(STAFF), programmes=PROGRAMMES + f"    {line}\n")
        assert [item.code for item in error.value.findings] == ["shape-unknown-key"]


def test_quotas_are_context(tmp_path: Path) -> None:
    """2.20: "30名左右" decides nothing."""
    more = "quotas: [{text: 每年30名左右, clause: 一}]\ntargets: [{by: 2021-12-31, text: 评选30名}]"
    found = screened(pack_of(tmp_path, measure(STAFF, more=more)), {"staff": 50}).results[0]
    assert (found.verdict, found.waiting_for) == ("eligible", [])


def test_an_id_is_a_measure_or_a_programme(tmp_path: Path) -> None:
    """2.20: every clause has one entry under its id."""
    with pytest.raises(InputError) as error:
        pack_of(tmp_path, measure(STAFF, id="towns"), programmes=PROGRAMMES)
    assert [item.code for item in error.value.findings] == ["rules-duplicate-name"]
