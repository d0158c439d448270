"""DESIGN 2.2: Kleene logic; missing, null and none; missing, empty and partial record lists."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.helpers import only_reason, result_of, verdict_of

NAMES = {True: "eligible", False: "ineligible", None: "undetermined"}
ANSWERS: dict[bool | None, dict[str, Any]] = {True: {"staff": 60}, False: {"staff": 40}, None: {}}
LISTED: dict[bool | None, dict[str, Any]] = {True: {"listed": True}, False: {"listed": False}, None: {}}
STAFF = "{field: staff, at_least: 50}"
LIST = "{field: listed, equals: true}"
TRUTHS = list(product((True, False, None), repeat=2))


@pytest.mark.parametrize(("one", "other"), TRUTHS)
def test_all_is_kleene_conjunction(tmp_path: Path, one: bool | None, other: bool | None) -> None:
    """2.2: false if any is false, else unknown if any is unknown."""
    expected = False if False in (one, other) else None if None in (one, other) else True
    condition = f"{{all: [{STAFF}, {LIST}]}}"
    assert verdict_of(tmp_path, condition, {**ANSWERS[one], **LISTED[other]}) == NAMES[expected]


@pytest.mark.parametrize(("one", "other"), TRUTHS)
def test_any_is_kleene_disjunction(tmp_path: Path, one: bool | None, other: bool | None) -> None:
    """2.2: true if any is true, else unknown if any is unknown."""
    expected = True if True in (one, other) else None if None in (one, other) else False
    condition = f"{{any: [{STAFF}, {LIST}]}}"
    assert verdict_of(tmp_path, condition, {**ANSWERS[one], **LISTED[other]}) == NAMES[expected]


@pytest.mark.parametrize("truth", [True, False, None])
def test_not_is_kleene_negation(tmp_path: Path, truth: bool | None) -> None:
    """2.2: unknown stays unknown under not, also in a nested and an empty-handed form."""
    expected = None if truth is None else not truth
    assert verdict_of(tmp_path, f"{{not: {STAFF}}}", ANSWERS[truth]) == NAMES[expected]
    assert verdict_of(tmp_path, f"{{not: {{not: {STAFF}}}}}", ANSWERS[truth]) == NAMES[truth]


def test_kleene_does_not_look_at_completions(tmp_path: Path) -> None:
    """2.2 and 2.4: staff of 50 or more or not is unknown while the staff is."""
    condition = f"{{any: [{STAFF}, {{not: {STAFF}}}]}}"
    assert verdict_of(tmp_path, condition, {}) == "undetermined"
    assert verdict_of(tmp_path, f"{{all: [{STAFF}, {{not: {STAFF}}}]}}", {}) == "undetermined"


@pytest.mark.parametrize(
    "condition",
    [
        "{field: staff, at_least: 1}",
        "{field: staff, below: 1}",
        "{field: staff, equals: 0}",
        "{field: revenue, at_most: 100万元}",
        "{field: listed, equals: false}",
        "{field: listed, not_equals: true}",
        "{field: size, not_equals: large}",
        "{field: tags, in: [ai]}",
        "{field: home, within: 廊坊市}",
        "{field: founded_on, below: 2000-01-01}",
        "{days_since: founded_on, at_least: 0}",
        "{field: code, equals: A}",
    ],
)
@pytest.mark.parametrize("written", [{}, None, "", "不详", "N/A"])
def test_a_missing_field_is_unknown_never_false_never_zero(tmp_path: Path, condition: str, written: Any) -> None:
    """2.2: absent, null and the words for "not known" are alike."""
    field = condition.split(": ")[1].split(",")[0]
    profile = {} if written == {} else {field: written}
    result = result_of(tmp_path, condition, profile)
    assert (result.verdict, result.missing) == ("undetermined", [field])
    assert only_reason(result).value == "未填写"
    negated = f"{{not: {condition}}}"
    assert verdict_of(tmp_path, negated, profile) == "undetermined"


def test_none_is_a_value(tmp_path: Path) -> None:
    """2.2: "无" for several options is none of them, for a number it is zero, for yes or no it is no."""
    assert verdict_of(tmp_path, "{field: tags, in: [ai, space]}", {"tags": "无"}) == "ineligible"
    assert verdict_of(tmp_path, "{field: tags, in: [ai, space]}", {"tags": []}) == "ineligible"
    assert verdict_of(tmp_path, "{field: staff, equals: 0}", {"staff": "无"}) == "eligible"
    assert verdict_of(tmp_path, "{field: listed, equals: false}", {"listed": "无"}) == "eligible"


def test_known_is_true_or_unknown(tmp_path: Path) -> None:
    """2.2: a field that is not filled in is unknown, so it is never known to be unknown."""
    condition = "{field: staff, known: true}"
    assert verdict_of(tmp_path, condition, {"staff": 0}) == "eligible"
    assert verdict_of(tmp_path, condition, {"staff": "10-20人"}) == "eligible"
    assert verdict_of(tmp_path, condition, {}) == "undetermined"
    assert verdict_of(tmp_path, condition, {"staff": None}) == "undetermined"


# --- record lists -------------------------------------------------------------------------------------------------

YES = {"kind": "transfer", "amount": "100万元"}
NO = {"kind": "service", "amount": "100万元"}
UNSURE = {"amount": "100万元"}
WHERE = "where: [{field: contract.kind, equals: transfer}]"


def contracts(*items: dict[str, Any], partial: bool = False) -> dict[str, Any]:
    listed: Any = list(items)
    return {"contracts": {"partial": True, "items": listed} if partial else listed}


MISSING: dict[str, Any] = {}
LISTS: dict[str, dict[str, Any]] = {
    "missing": MISSING,
    "null": {"contracts": None},
    "empty": contracts(),
    "none": {"contracts": "无"},
    "yes": contracts(YES),
    "no": contracts(NO),
    "unsure": contracts(UNSURE),
    "yes, no": contracts(YES, NO),
    "no, unsure": contracts(NO, UNSURE),
    "partial empty": contracts(partial=True),
    "partial yes": contracts(YES, partial=True),
    "partial no": contracts(NO, partial=True),
    "partial unsure": contracts(UNSURE, partial=True),
    "partial yes, no": contracts(YES, NO, partial=True),
}


def check(tmp_path: Path, condition: str, expected: dict[str, bool | None]) -> None:
    found = {name: verdict_of(tmp_path, condition, LISTS[name]) for name in expected}
    assert found == {name: NAMES[truth] for name, truth in expected.items()}


def test_exists_over_lists(tmp_path: Path) -> None:
    """2.2: a missing list is unknown, an empty one is none, over a partial one exists is true or unknown."""
    expected: dict[str, bool | None] = {
        "missing": None,
        "null": None,
        "empty": False,
        "none": False,
        "yes": True,
        "no": False,
        "unsure": None,
        "yes, no": True,
        "no, unsure": None,
        "partial empty": None,
        "partial yes": True,
        "partial no": None,
        "partial unsure": None,
    }
    check(tmp_path, f"{{exists: contract, {WHERE}}}", expected)


def test_exists_without_a_filter(tmp_path: Path) -> None:
    """2.2: any record will do."""
    expected: dict[str, bool | None] = {"missing": None, "empty": False, "no": True, "partial empty": None}
    check(tmp_path, "{exists: contract}", expected)


def test_every_over_lists(tmp_path: Path) -> None:
    """2.2: over a partial list for-every is false or unknown; over an empty one ``at_least`` decides."""
    that = "that: [{field: contract.kind, equals: transfer}]"
    expected: dict[str, bool | None] = {
        "missing": None,
        "empty": False,
        "yes": True,
        "no": False,
        "unsure": None,
        "yes, no": False,
        "no, unsure": False,
        "partial empty": None,
        "partial yes": None,
        "partial no": False,
        "partial unsure": None,
        "partial yes, no": False,
    }
    check(tmp_path, f"{{every: contract, {that}, at_least: 1}}", expected)


@pytest.mark.parametrize(
    ("items", "truth"),
    [
        ([{"kind": "transfer", "amount": "200万元"}], True),
        ([{"kind": "transfer", "amount": "50万元"}], False),
        ([{"kind": "service", "amount": "50万元"}], False),
        ([{"kind": "transfer", "amount": "200万元"}, {"kind": "service", "amount": "50万元"}], True),
        ([{"kind": "transfer", "amount": "200万元"}, {"amount": "50万元"}], None),
        ([{"kind": "transfer", "amount": "200万元"}, {"amount": "200万元"}], True),
        ([{"kind": "transfer", "amount": "200万元"}, {"kind": "transfer"}], None),
        ([{"amount": "200万元"}], None),
    ],
)
def test_every_with_a_filter(tmp_path: Path, items: list[dict[str, Any]], truth: bool | None) -> None:
    """2.2: a record whose filter is unknown is only possible; ``at_least`` counts those of the filter."""
    that = "that: [{field: contract.amount, at_least: 100万元}]"
    condition = f"{{every: contract, {WHERE}, {that}, at_least: 1}}"
    assert verdict_of(tmp_path, condition, {"contracts": items}) == NAMES[truth]


def test_counts_over_lists(tmp_path: Path) -> None:
    """2.2: a count is [certain, certain + possible], without an upper end over a partial list."""
    at_least: dict[str, bool | None] = {
        "missing": None,
        "empty": False,
        "yes": True,
        "unsure": None,
        "partial empty": None,
        "partial yes": True,
    }
    check(tmp_path, f"{{count: contract, {WHERE}, at_least: 1}}", at_least)
    at_most: dict[str, bool | None] = {
        "missing": None,
        "empty": True,
        "yes": False,
        "no": True,
        "unsure": None,
        "partial empty": None,
        "partial yes": False,
    }
    check(tmp_path, f"{{count: contract, {WHERE}, at_most: 0}}", at_most)
    equal: dict[str, bool | None] = {
        "empty": False,
        "yes": True,
        "yes, no": True,
        "no, unsure": None,
        "partial yes": None,
        "partial empty": None,
    }
    check(tmp_path, f"{{count: contract, {WHERE}, equals: 1}}", equal)


@pytest.mark.parametrize(
    ("items", "partial", "low", "high"),
    [
        ([], False, 0, 0),
        ([YES], False, 100, 100),
        ([YES, NO], False, 100, 100),
        ([YES, UNSURE], False, 100, 200),
        ([UNSURE, UNSURE], False, 0, 200),
        ([YES, {"kind": "transfer"}], False, 100, None),
        ([YES, {"kind": "transfer", "amount": "50万-80万元"}], False, 150, 180),
        ([YES, {"amount": "50万-80万元"}], False, 100, 180),
        ([YES], True, 100, None),
        ([], True, 0, None),
    ],
)
def test_sums_are_certain_to_certain_plus_possible(
    tmp_path: Path, items: list[dict[str, Any]], partial: bool, low: int, high: int | None
) -> None:
    """2.2: the ends of a sum in 万元, found by one yuan on either side of them."""
    profile = contracts(*items, partial=partial)

    def verdict(comparison: str, yuan: int) -> str:
        return verdict_of(tmp_path, f"{{sum: contract.amount, {WHERE}, {comparison}: {yuan}元}}", profile)

    least, most = low * 10_000, None if high is None else high * 10_000
    assert verdict("at_least", least) == "eligible"
    if most is not None:
        assert verdict("at_most", most) == "eligible"
        assert verdict("above", most) == "ineligible"
        assert verdict("at_least", most + 1) == "ineligible"
    else:
        assert verdict("at_most", 10**12) == "undetermined"
    open_above = "undetermined" if most is None or most > least else "ineligible"
    assert verdict("at_least", least + 1) == open_above
    if least:
        assert verdict("below", least) == "ineligible"


def test_a_missing_list_is_one_undetermined_result(tmp_path: Path) -> None:
    """2.2: for a measure of records too, and it waits for the list."""
    result = result_of(tmp_path, "{field: contract.kind, equals: transfer}", {}, subject="contract")
    assert (result.verdict, result.items) == ("undetermined", [])
    assert [(item.kind, item.what, item.label) for item in result.waiting_for] == [("fact", "contracts", "合同清单")]
    assert result.missing == ["contracts"]


def test_an_empty_list_is_none(tmp_path: Path) -> None:
    """2.2: no record is a reason to refuse."""
    result = result_of(tmp_path, "{field: contract.kind, equals: transfer}", contracts(), subject="contract")
    assert (result.verdict, result.items) == ("ineligible", [])
    reason = only_reason(result, "records")
    assert (reason.status, reason.value, reason.decisive) == ("not_satisfied", "没有记录", True)


def test_a_condition_on_a_list_names_the_list_it_lacks(tmp_path: Path) -> None:
    """2.2 and 2.6: what is missing is the list, or the field that leaves the filter open."""
    condition = f"{{exists: contract, {WHERE}}}"
    assert result_of(tmp_path, condition, {}).missing == ["contracts"]
    assert result_of(tmp_path, condition, contracts(NO, partial=True)).missing == ["contracts"]
    assert result_of(tmp_path, condition, contracts(UNSURE)).missing == ["contract.kind"]
    assert result_of(tmp_path, condition, contracts(YES)).missing == []


def test_a_filter_with_several_unknown_parts_names_each(tmp_path: Path) -> None:
    """2.2: and a part that is false makes the record impossible, so it names nothing."""
    where = "where: [{field: contract.kind, equals: transfer}, {field: contract.place, within: 廊坊市}]"
    condition = f"{{exists: contract, {where}}}"
    assert result_of(tmp_path, condition, contracts({})).missing == ["contract.kind", "contract.place"]
    assert result_of(tmp_path, condition, contracts({"kind": "service"})).verdict == "ineligible"
    assert result_of(tmp_path, condition, contracts({"kind": "transfer"})).missing == ["contract.place"]
