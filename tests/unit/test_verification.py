"""A determination made again: confirmed as it is, refuted at the very place where a value was changed."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import InputError, load_pack, screen
from engine.diagnostics import Findings
from engine.exact_json import read_json
from engine.selection import select
from engine.verification import ABSENT, Verification, differences, verify
from engine.yaml_source import read_file
from tests.helpers import ROOT

DAY = date(2017, 6, 30)
AWARD = "lf16-city-collaborative-innovation-base-award"
Path = tuple[str | int, ...]


@cache
def made(name: str = "mixed", documents: tuple[str, ...] = ("langfang-2016",), measures: tuple[str, ...] = ()) -> str:
    source = read_file(ROOT / "samples" / f"{name}.yaml", Findings(), rule_file=False)
    assert source is not None
    pack = select(load_pack(), documents, measures, lambda *_: "")
    return screen(source.data, pack, as_of=DAY).to_json()  # type: ignore[arg-type]


def told(**choice: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made(**choice))
    return found


def verified(told: Any) -> Verification:
    return verify(json.dumps(told, ensure_ascii=False).encode(), load_pack(), "记录")


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of all single values; an empty list or object is one too."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            yield from leaves(part, (*path, key))
    elif isinstance(value, list) and value:
        for index, part in enumerate(value):
            yield from leaves(part, (*path, index))
    else:
        yield path


def at(whole: Any, path: Path) -> Any:
    for step in path:
        whole = whole[step]
    return whole


def put(whole: Any, path: Path, value: Any) -> None:
    at(whole, path[:-1])[path[-1]] = value


INPUTS = ("profile", "as_of")
"""What a determination follows from: with another profile or date it is another, true one."""

@cache
def places() -> list[Path]:
    """Every single value that follows from those."""
    return [path for path in leaves(told()) if path[0] not in INPUTS]


@pytest.mark.parametrize(
    "choice",
    [{"documents": ()}, {}, {"documents": (), "measures": (AWARD,)}, {"name": "beijing-mixed", "documents": ("zgc-2024",)}],
)
def test_a_determination_is_confirmed_whatever_was_chosen(choice: dict[str, Any]) -> None:
    found = verify(made(**choice).encode(), load_pack(), "记录")
    assert found.confirmed
    assert found.refuted == ()
    count = sum(part.kind == "measure" for part in found.parts)
    assert count == len(json.loads(made(**choice))["results"])


def test_the_order_of_keys_and_the_spaces_say_nothing() -> None:
    assert verify(json.dumps(told(), sort_keys=True).encode(), load_pack(), "记录").confirmed


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_changed_value_is_found_where_it_was_changed(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(places()))
    whole = told()
    old = at(whole, path)
    texts = st.text("企业政策ab10 ~", max_size=8)
    values = st.one_of(st.none(), st.booleans(), st.integers(-9, 10**6), texts, st.just([]), st.just({}))
    new = data.draw(values.filter(lambda value: type(value) is not type(old) or value != old))
    put(whole, path, new)
    try:
        found = verified(whole)
    except InputError:
        assert path == ("pack_version",)  # without a version it is no determination
        return
    assert not found.confirmed
    if path[0] != "results" or path[-1] != "measure" or len(path) > 3:
        known = [(part.id, difference.path) for part in found.refuted for difference in part.differences]
        place = path if path[0] not in ("results", "programmes", "readiness", "totals") else path[2:]
        assert any(place[: len(inner)] == inner for _, inner in known), (path, known)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_left_out_or_added_is_found(data: st.DataObject) -> None:
    whole = told()
    path = data.draw(st.sampled_from([path for path in places() if len(path) > 3]))
    parent = at(whole, path[:-1])
    if isinstance(parent, dict):
        del parent[path[-1]]
    else:
        parent.append("多出来的")
    assert not verified(whole).confirmed


def test_a_result_left_out_twice_or_invented_is_found() -> None:
    for change in (lambda r: r.pop(3), lambda r: r.append(copy.deepcopy(r[2])), lambda r: r[1].update(measure="invented")):
        whole = told()
        change(whole["results"])
        found = verified(whole)
        assert next(part.kind for part in found.refuted) == "measure"
        assert any(difference.path == () for part in found.refuted for difference in part.differences)


def test_another_version_of_the_rules_is_told_apart() -> None:
    whole = told()
    whole["pack_version"] = "0000000000000000"
    found = verified(whole)
    assert (found.told_version, found.version) == ("0000000000000000", load_pack().version)
    assert [part.kind for part in found.refuted] == ["head"]


def test_another_profile_needs_other_results() -> None:
    whole = told()
    whole["profile"]["recognitions"][0]["tier"] = "国家级"
    assert AWARD in {part.id for part in verified(whole).refuted}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "JSON"),
        (b"[]", "不是认定记录"),
        (b"{}", "不是认定记录"),
        (b'{"pack_version": 1, "as_of": "2017-06-30", "profile": {}, "results": []}', "规则版本"),
        (b'{"pack_version": "1", "as_of": "2017-06", "profile": {}, "results": []}', "评估日"),
        (b'{"pack_version": "1", "as_of": null, "profile": {}, "results": []}', "评估日"),
        (b'{"pack_version": "1", "as_of": "2017-06-30", "profile": null, "results": []}', "画像"),
        (b'{"pack_version": "1", "as_of": "2017-06-30", "profile": {}, "results": {}}', "结论"),
        (b'{"pack_version": "1", "as_of": "2017-06-30", "profile": {}, "results": [{}]}', "结论"),
        (b'{"pack_version": "1", "as_of": "2017-06-30", "profile": {}, "results": [], "totals": []}', "合计"),
        (b'{"pack_version": "1", "as_of": "2017-06-30", "profile": {"x": 1}, "results": []}', "不认识的字段"),
    ],
)
def test_what_is_no_determination_is_said(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as error:
        verify(data, load_pack(), "记录")
    assert said in str(error.value)


def test_a_face_can_bound_what_it_takes() -> None:
    count = sum(len(value) for value in told()["profile"].values() if isinstance(value, list))
    with pytest.raises(InputError, match="记录超过"):
        verify(made().encode(), load_pack(), "记录", most_records=3)
    assert verify(made().encode(), load_pack(), "记录", most_records=count).confirmed


def test_differences_lead_to_single_values() -> None:
    one = {"a": [1, {"b": "x"}], "c": None}
    other = {"c": False, "a": [1, {"b": "y"}, 3], "d": Decimal("1")}
    found = {difference.path: (difference.told, difference.derived) for difference in differences(one, other)}
    assert found == {
        ("a", 1, "b"): ("x", "y"),
        ("a", 2): (ABSENT, 3),
        ("c",): (None, False),
        ("d",): (ABSENT, Decimal("1")),
    }
    assert list(differences({"a": 1}, {"a": True})) != []
    assert list(differences({"a": [1, 2], "b": {}}, {"b": {}, "a": [1, 2]})) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.10", Decimal("1.10")), ("10000000000000000001", 10**19 + 1), ("true", True), ("null", None), ('"\u4f01"', "企")],
)
def test_json_is_read_exactly(text: str, value: Any) -> None:
    found = read_json(text.encode(), "文件")
    assert found == value
    assert type(found) is type(value)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:0123456789.eE-+ \\untrufalse企', max_size=60).map(str.encode))
def test_no_bytes_lead_to_a_fault(data: bytes) -> None:
    try:
        read_json(data, "文件")
    except InputError as error:
        assert len(error.findings) == 1
