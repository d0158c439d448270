"""Generated boundary cases: what there are for a condition, how they are written and compared, the committed ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Pack, load_pack
from engine.compiler import compile_pack
from engine.diagnostics import Findings
from engine.flow_yaml import WIDTH, entry
from engine.generated_cases import FILE, GeneratedCase, compare, text_of
from engine.reference import ReferenceSolver
from engine.yaml_source import read_yaml
from tests.helpers import ROOT, measure, write_rules

pytest.importorskip("z3")

from engine.completions.boundary import boundary_cases
from engine.completions.document_cases import document_cases
from engine.completions.verify import days

END = date(2022, 12, 31)
PLAIN = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.decimals(-1000, 1000, places=3),
        st.text(st.characters(codec="gb18030", exclude_categories=["C", "Z"]), max_size=12),
        st.sampled_from(["yes", "否", "2016-01-01", "1‰", "a: b", "-", "", " x", "#"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text("abc是", min_size=1, max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)  # fmt: skip


def cases_of(folder: Path, conditions: str, **keys: Any) -> dict[str, GeneratedCase]:
    """The cases of one measure by name."""
    pack = pack_with(folder, conditions, **keys)
    return {case.name: case for case in boundary_cases(compile_pack(pack), pack.measures[0], END)}


def pack_with(folder: Path, conditions: str, **keys: Any) -> Pack:
    text = "measures:\n  " + measure(conditions, **keys).replace("\n", "\n  ")
    return load_pack(write_rules(folder, {"measures.yaml": text}))


def test_each_end_of_a_range_is_met_missed_and_left_open(tmp_path: Path) -> None:
    found = cases_of(tmp_path / "a", "{field: staff, between: [5, 9], label: 人数}")
    told = {name: (case.profile.get("staff"), case.verdict) for name, case in found.items() if name != "全部满足"}
    values = dict(told.values())
    assert values.items() >= {5: "eligible", 9: "eligible", 4: "ineligible", 10: "ineligible"}.items()
    assert told["未填写：人数"] == (None, "undetermined")


@pytest.mark.parametrize(
    "condition, met, missed",
    [
        ("{field: revenue, above: 100}", "100.01元", 100),
        ("{field: revenue, at_least: 100}", 100, "99.99元"),
        ("{field: founded_on, below: 2020-01-01}", "2019-12-31", "2020-01-01"),
        ("{days_since: founded_on, at_least: 365}", "2021-12-31", "2022-01-01"),
    ],
)
def test_one_unit_decides(tmp_path: Path, condition: str, met: Any, missed: Any) -> None:
    values = {
        next(iter(case.profile.values())): case.verdict
        for case in cases_of(tmp_path / "a", condition).values()
        if case.profile
    }
    assert values[met] == "eligible"
    assert values[missed] == "ineligible"


def test_what_misses_a_choice_is_all_other_options(tmp_path: Path) -> None:
    found = cases_of(tmp_path / "a", "{field: size, in: [small, micro], label: 小微}")
    assert found["不满足：小微"].profile == {"size": ["大型", "中型"]}
    met = {case.profile.get("size") for name, case in found.items() if name.startswith(("满足", "全部"))}
    assert met == {"小型", "微型"}


def test_what_misses_a_place_is_its_neighbour(tmp_path: Path) -> None:
    found = cases_of(tmp_path / "a", "{field: home, within: 廊坊市, label: 在廊坊}")
    assert found["不满足：在廊坊"].profile["home"].startswith("石家庄市")


def test_a_doubt_is_undetermined_until_somebody_decides(tmp_path: Path) -> None:
    found = cases_of(tmp_path / "a", "{field: in_zone, equals: true, soft: true, why: 存疑, label: 在区内}")
    assert found["存疑：在区内"].verdict == "undetermined"
    assert found["不满足：在区内"].verdict == "ineligible"


def test_caps_to_the_fen(tmp_path: Path) -> None:
    benefit = "{kind: rate, rate: 1‰, base: {field: contract.amount}, cap: {amount: 10万元, scope: per_record}}"
    found = cases_of(tmp_path / "a", "{field: contract.kind, equals: transfer}", subject="contract", benefit=benefit)
    amounts = {name: case.amount for name, case in found.items() if case.amount}
    assert amounts["差1分到上限"] == "99999.99999"
    assert amounts["刚到上限"] == amounts["超过上限"] == "100000"


def test_what_is_committed_is_compared_and_never_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    pack = pack_with(folder, "{field: staff, at_least: 5, label: 人数}")
    made = document_cases(compile_pack(pack), "test", lambda id: days(pack, id)[0])
    none = compare(folder, "test", made, pack, ReferenceSolver())
    assert [finding.code for finding in none] == ["generated-none"]
    path = folder / "packs" / "test" / FILE
    path.write_text(text_of(made), "utf-8")
    assert not list(compare(folder, "test", made, pack, ReferenceSolver()))

    changed = pack_with(tmp_path / "changed", "{field: staff, at_least: 6, label: 人数}")
    now = document_cases(compile_pack(changed), "test", lambda id: days(changed, id)[0])
    before = path.read_bytes()
    found = compare(folder, "test", now, changed, ReferenceSolver())
    assert {finding.code for finding in found} == {"case-differs"}
    assert all(finding.line for finding in found)
    assert path.read_bytes() == before

    renamed = pack_with(tmp_path / "renamed", "{field: staff, at_least: 5, label: 员工}")
    now = document_cases(compile_pack(renamed), "test", lambda id: days(renamed, id)[0])
    codes = {finding.code for finding in compare(folder, "test", now, renamed, ReferenceSolver())}
    assert codes == {"generated-gone", "generated-new"}


@settings(max_examples=300, deadline=None, derandomize=True)
@given(PLAIN)
def test_written_yaml_is_read_back(value: Any) -> None:
    text = entry("key", value, 2) + "\n"
    findings = Findings()
    source = read_yaml(text, "test", findings)
    assert not list(findings)
    assert source is not None
    assert source.data == {"key": value}


def test_lines_end_where_they_are_full() -> None:
    lines = entry("key", ["国家高新技术企业"] * 20, 4).splitlines()
    assert len(lines) > 1
    assert all(len(line.encode("gb18030")) <= WIDTH for line in lines)
    assert entry("key", {"a": Decimal("99999.99999"), "b": "no"}, 0) == 'key: {a: 99999.99999, b: "no"}'


@pytest.mark.slow
@pytest.mark.parametrize("document", ["langfang-2016", "daxing-2021", "daxing-2025", "zgc-2024", "tongzhou-2024"])
def test_the_committed_cases_are_those_of_the_conditions(document: str) -> None:
    pack = load_pack(ROOT / "rules")
    made = document_cases(compile_pack(pack), document, lambda id: days(pack, id)[0])
    assert [str(item) for item in compare(ROOT / "rules", document, made, pack, ReferenceSolver())] == []
