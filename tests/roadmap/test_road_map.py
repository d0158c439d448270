"""What the road map says: the least change in words, what is open apart, what cannot be and why, what opens most."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import Pack, load_pack
from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.regions import narrowed
from engine.values import read_value
from tests.accept import read_sample
from tests.helpers import DAY, document, measure, pack_of, screened

pytest.importorskip("z3")

from engine.roadmap import RoadMap, Roads, Route, road_map

FIXED = """
fields:
  origin: {type: yes_no, label: 本地创办, fixed: 在哪里创办是既成事实}
  round: {type: choice, label: 轮次, onward: 轮次只会往后走, options: {seed: 种子轮, angel: 天使轮, later: 以后}}
  landed: {type: date, label: 落地日期, again: true}
"""


def pack_with(folder: Path, *measures: str, **files: str) -> Pack:
    """The pack of these measures, with fields that cannot change in every way."""
    return pack_of(folder, *measures, **{"vocabulary": FIXED, **files})


def mapped(pack: Pack, profile: dict[str, Any], day: date = DAY) -> RoadMap:
    return road_map(compile_pack(pack), profile_of(profile, pack.vocabulary, pack.tables), day)


def route_of(folder: Path, conditions: str, profile: dict[str, Any], day: date = DAY, **keys: Any) -> Route:
    (route,) = mapped(pack_with(folder, measure(conditions, **keys)), profile, day).routes
    return route


def texts(route: Route) -> list[list[str]]:
    assert route.proven
    return [[change.text for change in way.changes] for way in route.ways]


# The least change, in words


@pytest.mark.parametrize(
    "conditions, profile, text",
    [
        ("{field: staff, at_least: 10}", {"staff": 4}, "从业人数至少达到10人（现为4人）"),
        ("{field: staff, at_least: 10}, {field: staff, at_least: 30}", {"staff": 4}, "从业人数至少达到30人（现为4人）"),
        ("{field: staff, below: 10}", {"staff": "20-30人"}, "从业人数降到不超过9人（现为20人至30人）"),
        ("{field: staff, between: [5, 9]}", {"staff": 12}, "从业人数降到不超过9人（现为12人）"),
        ("{field: staff, between: [7, 7]}", {"staff": 12}, "从业人数改为7人（现为12人）"),
        ("{field: revenue, above: 2000万元}", {"revenue": "1500万元"}, "收入改为高于2000万元（现为1500万元）"),
        ("{field: revenue, at_least: 2000万元}", {"revenue": "1500万元"}, "收入至少达到2000万元（现为1500万元）"),
        ("{field: revenue, below: 2000万元}", {"revenue": "3000万元"}, "收入改为低于2000万元（现为3000万元）"),
        ("{not: {field: revenue, at_least: 2000万元}}", {"revenue": "3000万元"}, "收入改为低于2000万元（现为3000万元）"),
        ("{field: share, at_least: 5%}", {"share": "3%"}, "研发占比至少达到5%（现为3%）"),
        ("{field: size, in: [small, micro]}", {"size": "大型"}, "规模改为小型或微型（现为大型）"),
        ("{field: listed, equals: true}", {"listed": False}, "已上市改为是（现为否）"),
        ("{field: tags, in: [ai, space]}", {"tags": ["集成电路"]}, "领域增加人工智能（或商业航天之一）（现为集成电路）"),
        ("{not: {field: tags, in: [ai]}}", {"tags": ["人工智能"]}, "领域去掉人工智能（现为人工智能）"),
        ("{field: home, within: 廊坊市}", {"home": "天津市"}, "注册地改为廊坊市（现为天津市）"),
        ("{not: {field: home, within: 廊坊市}}", {"home": "固安县"}, "注册地改为廊坊市以外（现为廊坊市固安县）"),
        ("{field: landed, at_least: 2020-01-01}", {"landed": "2019-01-01"}, "落地日期改为2021年6月30日或以后（现为2019年1月1日）"),
    ],
)
def test_the_least_change(tmp_path: Path, conditions: str, profile: dict[str, Any], text: str) -> None:
    """The threshold is the condition's own, however far beyond it the solver would have gone."""
    assert texts(route_of(tmp_path, conditions, profile)) == [[text]]


def test_a_ratio_names_the_figure_that_moves(tmp_path: Path) -> None:
    """This year's figures can still change; each alone brings the ratio to a tenth."""
    ratio = "{ratio: {of: {annual: rd, year: 0}, to: {annual: revenue, year: 0}}, at_least: 10%}"
    profile = {"annuals": [{"id": "今年", "fiscal_year": 2021, "rd": "80万元", "revenue": "1000万元"}]}
    assert texts(route_of(tmp_path, ratio, profile)) == [
        ["年度数据“今年”的研发费用至少达到100万元（现为80万元）"],
        ["年度数据“今年”的营业收入降到不超过800万元（现为1000万元）"],
    ]


def test_records_change_or_are_added(tmp_path: Path) -> None:
    """A listed record by its name or number; a new one with the fields that count, dated now."""
    conditions = "{field: project.kind, equals: park}, {field: project.in_zone, equals: true}"
    profile = {"projects": [{"id": "甲园", "kind": "园区", "in_zone": False}, {"kind": "研发", "in_zone": False}]}
    assert texts(route_of(tmp_path, conditions, profile, subject="project")) == [
        ["项目“甲园”的位于示范区内改为是（现为否）"],
        ["新增一条项目：项目类别为园区；位于示范区内为是"],
    ]
    held = "{exists: recognition, where: [{field: recognition.kind, equals: hnte}, {held: recognition}]}"
    expired = {"recognitions": [{"kind": "高企", "issued": "2016-01-01", "expires": "2018-12-31"}]}
    assert texts(route_of(tmp_path, held, expired)) == [
        ["新增一条认定：认定类别为高新技术企业；认定日期为评估日"],
    ]


def test_open_facts_and_judgements_are_no_changes(tmp_path: Path) -> None:
    """They are listed apart, and the profile shown has the facts filled in."""
    conditions = "{field: listed, equals: true}, {field: staff, at_least: 10}, {judgement: major}"
    (way,) = route_of(tmp_path, conditions, {"listed": False}).ways
    assert [change.text for change in way.changes] == ["已上市改为是（现为否）"]
    assert way.facts == ("从业人数不低于10人",) and way.judgements == ("属于重大项目",)
    pack = pack_with(tmp_path, measure(conditions))
    (result,) = screened(pack, way.profile).results
    assert result.verdict == "undetermined" and {item.kind for item in result.waiting_for} == {"judgement"}


def test_an_open_list_costs_nothing(tmp_path: Path) -> None:
    """Records that a missing or partial list may hold are open facts; of a complete one they are changes."""
    conditions = "{exists: project, where: [{field: project.kind, equals: park}]}"
    assert mapped(pack_with(tmp_path, measure(conditions)), {}).routes == ()
    partial = {"projects": {"partial": True, "items": []}}
    assert mapped(pack_with(tmp_path, measure(conditions)), partial).routes == ()
    assert texts(route_of(tmp_path, conditions, {"projects": []})) == [["新增一条项目：项目类别为园区"]]


def test_alternatives_go_with_one_another(tmp_path: Path) -> None:
    """Of several fields those values alone are named of which each goes with each."""
    conditions = (
        "{any: [{all: [{field: project.kind, equals: park}, {field: project.in_zone, equals: true}]},"
        " {all: [{field: project.kind, equals: research}, {field: project.in_zone, equals: false}]}]}"
    )
    route = route_of(tmp_path, conditions, {"projects": []}, subject="project")
    assert texts(route) == [["新增一条项目：项目类别为研发；位于示范区内为否"]]
    free = "{field: project.kind, in: [park, research]}, {field: project.division, within: [廊坊市, 天津市]}"
    route = route_of(tmp_path, free, {"projects": []}, subject="project")
    assert texts(route) == [["新增一条项目：项目类别为研发或园区；项目所在地为天津市或廊坊市"]]


def test_as_many_records_as_a_count_asks_for(tmp_path: Path) -> None:
    """Proven without a bound: a count needs no more witnesses than its end."""
    conditions = "{count: project, where: [{field: project.kind, equals: park}], at_least: 3}"
    route = route_of(tmp_path, conditions, {"projects": [{"kind": "园区"}]})
    assert texts(route) == [["新增一条项目：项目类别为园区"] * 2]


def test_a_sum_is_met_by_one_record(tmp_path: Path) -> None:
    conditions = "{sum: contract.amount, where: [{field: contract.kind, equals: transfer}], at_least: 900万元}"
    profile = {"contracts": [{"kind": "转让", "amount": "400万元", "date": "2021-01-01"}]}
    assert texts(route_of(tmp_path, conditions, profile)) == [
        ["第1条合同的交易额至少达到900万元（现为400万元）"],
        ["新增一条合同：交易额不低于500万元；合同类型为转让"],
    ]


def test_a_sum_over_the_past_cannot_grow(tmp_path: Path) -> None:
    """However many contracts come, none of them was made last year."""
    conditions = "{sum: contract.amount, where: [{field: contract.date, at_most: 2020-12-31}], at_least: 900万元}"
    route = route_of(tmp_path, conditions, {"contracts": []})
    assert route.proven and route.impossible == "无论如何不符合：新增的合同，合同日期受限（从现在起才能新增，不会早于评估日）"


def test_a_name_is_not_taken_twice(tmp_path: Path) -> None:
    """What a way added stays when the next one is taken; so does a record that happens to have such a name."""
    pack = pack_with(tmp_path, measure("{field: project.kind, equals: park}", subject="project"))
    listed = {"id": "新增项目甲", "kind": "研发", "in_zone": False}
    (route,) = mapped(pack, {"projects": [listed]}).routes
    assert route.ways[0].profile["projects"][0] == {**listed, "kind": "园区"}
    assert [item["id"] for item in route.ways[1].profile["projects"]] == ["新增项目甲", "新增项目乙"]
    assert route.ways[1].profile["projects"][0] == listed
    named = {"partial": True, "items": [{"id": "项目甲", "kind": "研发"}]}
    both = "{field: project.kind, equals: park}, {field: listed, equals: true}"
    pack = pack_with(tmp_path, measure(both, subject="project"))
    (route,) = mapped(pack, {"projects": named, "listed": False}).routes
    assert route.ways[0].profile["projects"] == [{"id": "项目甲", "kind": "研发"}, {"id": "项目乙", "kind": "园区"}]


def test_threads_get_what_one_gets(tmp_path: Path) -> None:
    """The solver is no thread's own; who asks at the same time waits."""
    pack = pack_with(tmp_path, measure("{field: staff, at_least: 10}, {field: tags, in: [ai]}"))
    profiles = [{"staff": n, "tags": ["集成电路"]} for n in range(12)]
    alone = [mapped(pack, profile).routes for profile in profiles]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda profile: mapped(pack, profile).routes, profiles)) == alone


def test_a_contradiction_is_as_the_executors_have_it(tmp_path: Path) -> None:
    """Stated small, derived large: no condition on the size holds until one of the two changes."""
    derived = """
derived:
  - field: size
    title: 按人数划型
    source: {title: 测试, certainty: seen}
    cases: [{when: [{field: staff, at_least: 100}], value: large}]
    otherwise: small
"""
    pack = pack_with(tmp_path, measure("{field: size, equals: small}"), derived=derived)
    (route,) = mapped(pack, {"size": "小型", "staff": 200}).routes
    assert texts(route) == [["从业人数降到不超过99人（现为200人）"]]
    (route,) = mapped(pack, {"size": "大型", "staff": 200}).routes
    assert texts(route) == [["规模改为小型（现为大型）", "从业人数降到不超过99人（现为200人）"]]


def test_a_fixed_class_changes_along_with_its_source(tmp_path: Path) -> None:
    """It cannot be given another value alone; where nothing can bring it about, it cannot change at all."""
    fields = """
fields:
  hands: {type: count, unit: 人, label: 人手}
  grade: {type: choice, label: 等级, fixed: 按人手划定, options: {big: 大, small: 小}}
"""
    derived = """
derived:
  - field: grade
    title: 按人手划定
    source: {title: 测试, certainty: seen}
    cases: [{when: [{field: hands, at_least: 10}], value: big}]
    otherwise: small
"""
    pack = pack_of(tmp_path, measure("{field: grade, equals: big}"), vocabulary=fields, derived=derived)
    (route,) = mapped(pack, {"hands": 4, "grade": "小"}).routes
    assert texts(route) == [["人手至少达到10人（现为4人）", "等级改为大（现为小）"]]
    (route,) = mapped(pack, {"grade": "小"}).routes
    assert route.proven and route.impossible == "无论如何不符合：等级为小（按人手划定）"


# What cannot be


@pytest.mark.parametrize(
    "conditions, profile, reason",
    [
        ("{field: founded_on, at_least: 2021-01-01}", {"founded_on": "2015-03-18"}, "成立日期为2015年3月18日（这一天已经过去）"),
        ("{field: origin, equals: true}", {"origin": False}, "本地创办为否（在哪里创办是既成事实）"),
        ("{field: round, in: [seed]}", {"round": "以后"}, "轮次为以后（轮次只会往后走）"),
        (
            "{annual: revenue, at_least: 2000万元}",
            {"annuals": [{"fiscal_year": 2020, "revenue": "100万元"}]},
            "第1条年度数据的营业收入为100万元（2020年度已经过去）",
        ),
        (
            "{exists: recognition, where: [{field: recognition.issued, at_most: 2020-12-31}]}",
            {"recognitions": []},
            "新增的认定，认定日期受限（从现在起才能新增，不会早于评估日）",
        ),
    ],
)
def test_impossible_with_the_reason(tmp_path: Path, conditions: str, profile: dict[str, Any], reason: str) -> None:
    route = route_of(tmp_path, conditions, profile)
    assert (route.ways, route.proven, route.impossible) == ((), True, f"无论如何不符合：{reason}")


def test_onward_goes_on(tmp_path: Path) -> None:
    assert texts(route_of(tmp_path, "{field: round, in: [angel, later]}", {"round": "种子轮"})) == [
        ["轮次改为天使轮或以后（现为种子轮）"]
    ]


def test_not_in_force_is_not_even_asked(tmp_path: Path) -> None:
    """Neither an expired document nor one that has not begun, though nothing else stands in the way."""
    pack = pack_with(tmp_path, measure("{field: listed, equals: true}"))
    reasons = {
        date(2023, 1, 1): "政策已到期（有效期至2022年12月31日）",
        date(2019, 12, 31): "政策自2020年1月1日起才生效",
    }
    for day, reason in reasons.items():
        (route,) = mapped(pack, {"listed": False}, day).routes
        assert (route.ways, route.proven, route.impossible) == ((), True, f"无论如何不符合：{reason}")


def test_going_on_extends_nothing(tmp_path: Path) -> None:
    text = document(source="{text: null}\n  notes: [有的任务写“2022年12月31日并持续推进”]")
    pack = pack_with(tmp_path, measure("{field: listed, equals: true}"), document=text)
    (route,) = mapped(pack, {}, date(2023, 1, 1)).routes
    assert route.impossible == "无论如何不符合：政策已到期（有效期至2022年12月31日）"


def test_what_is_in_reach_has_no_route(tmp_path: Path) -> None:
    pack = pack_with(tmp_path, measure("{field: listed, equals: true}"))
    assert mapped(pack, {"listed": True}).routes == mapped(pack, {}).routes == ()


def test_undetermined_but_out_of_reach(tmp_path: Path) -> None:
    """Kleene leaves open what no completion meets: either way of the open fact one condition fails."""
    conditions = "{any: [{field: listed, equals: true}, {field: staff, at_least: 5}]}, {not: {field: listed, equals: true}}"
    pack = pack_with(tmp_path, measure(conditions))
    assert screened(pack, {"staff": 4}).results[0].verdict == "undetermined"
    (route,) = mapped(pack, {"staff": 4}).routes
    assert texts(route) == [["从业人数至少达到5人（现为4人）"]]


def test_no_time_is_said(tmp_path: Path) -> None:
    """Without time for the solver nothing is claimed: neither that it cannot be nor that it is the least."""
    counts = (f"{{count: project, where: [{{field: project.investment, above: {n}}}], at_least: {n}}}" for n in (6, 7))
    conditions = ", ".join(counts)
    pack = pack_with(tmp_path, measure(conditions))
    profile = profile_of({"projects": []}, pack.vocabulary, pack.tables)
    route = Roads(compile_pack(pack), profile, DAY, limit=0.0).route("m")
    assert route is not None and route.impossible is None and (not route.proven or route.ways)


# What opens most


def test_one_change_for_several_measures(tmp_path: Path) -> None:
    """A district for one and its city for another are the district; what opens more comes first."""
    pack = pack_with(
        tmp_path,
        measure("{field: home, within: 廊坊市}", id="city"),
        measure("{field: home, within: 固安县}", id="county", benefit="{kind: award, amount: 10万元}"),
        measure("{field: listed, equals: true}", id="other", benefit="{kind: award, amount: 90万元}"),
        measure("{field: home, within: 廊坊市}, {field: listed, equals: true}", id="both"),
    )
    found = mapped(pack, {"home": "天津市", "listed": False}).openers
    assert [([change.text for change in opener.changes], opener.measures) for opener in found] == [
        (["注册地改为廊坊市固安县（现为天津市）"], ("city", "county")),
        (["已上市改为是（现为否）"], ("other",)),
        (["注册地改为廊坊市固安县（现为天津市）", "已上市改为是（现为否）"], ("city", "county", "other", "both")),
    ]
    assert [opener.totals["applicant"].possible for opener in found] == ["100000", "900000", "1000000"]


def test_a_place_opens_no_two_places_at_once(tmp_path: Path) -> None:
    """Beijing may be Daxing or Tongzhou, but not both: what opens together must go together."""
    places = {"a": "北京市", "b": "北京市大兴区", "c": "北京市通州区"}
    pack = pack_with(tmp_path, *(measure(f"{{field: home, within: {place}}}", id=id) for id, place in places.items()))
    found = mapped(pack, {"home": "天津市"}).openers
    assert [opener.measures for opener in found] == [("a", "b"), ("a", "c")]


def test_alternatives_that_open_less_are_not_told(tmp_path: Path) -> None:
    """Small or micro for one, small for the other: what opens both is small."""
    pack = pack_with(
        tmp_path,
        measure("{field: size, in: [small, micro]}", id="a"),
        measure("{field: size, in: [small]}", id="b"),
    )
    (first,) = mapped(pack, {"size": "大型"}).openers
    assert ([change.text for change in first.changes], first.measures) == (["规模改为小型（现为大型）"], ("a", "b"))


# Real packs

SAMPLES = [
    ("beijing-mixed", date(2026, 11, 22)),
    ("mixed", date(2026, 11, 22)),
    ("mixed", date(2017, 6, 30)),
    ("mixed", date(2022, 6, 30)),
    ("daxing-2021", date(2022, 6, 30)),
    ("listed-company", date(2026, 11, 22)),
]


@pytest.mark.parametrize("name, day", SAMPLES)
def test_every_way_opens_its_measure(name: str, day: date) -> None:
    """Under the reference executor, with nothing but judgements open; and not without any one of its changes."""
    pack = load_pack()
    program = compile_pack(pack)
    profile, _ = read_sample(name)
    assert profile is not None
    roads = Roads(program, profile, day)
    ways = 0
    for id, assessed in roads.assessed.items():
        route = roads.route(id)
        assert (route is None) or (route.proven and bool(route.ways) != bool(route.impossible))
        if assessed.verdict == "ineligible":
            assert route is not None
        for way in route.ways if route else ():
            ways += 1
            _, now = roads.decided(way.profile, assessed.measure)
            assert now.verdict in ("eligible", "undetermined")
            assert {item.kind for item in now.waiting_for} <= {"judgement", "other_policy"}
            for n, change in enumerate(way.changes):
                _, less = roads.decided(taken_back(way.profile, profile.data, change, n), assessed.measure)
                assert less.verdict == "ineligible", (id, change.text)
            unchanged(way.profile, profile.data, {(change.what, change.record) for change in way.changes})
    assert ways or name in ("daxing-2021",)


def taken_back(profile: dict[str, Any], given: dict[str, Any], change: Any, n: int) -> dict[str, Any]:
    """The profile without one of its changes."""
    less = deepcopy(profile)
    if change.kind == "field":
        less[change.what] = given[change.what]
    elif change.kind == "record":
        kind, name = change.what.split(".")
        key = load_pack().vocabulary.records[kind].list
        items(less[key])[change.record][name] = items(given[key])[change.record][name]
    else:
        added = [item for item in items(less[change.what]) if str(item.get("id", "")).startswith("新增")]
        items(less[change.what]).remove(added[-1])
    return less


def items(raw: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = raw["items"] if isinstance(raw, dict) else raw
    return found


def unchanged(profile: dict[str, Any], given: dict[str, Any], changed: set[tuple[str, int | None]]) -> None:
    """Whatever was stated is there as it was, but for the changes; and these are none that the vocabulary rules out."""
    vocabulary = load_pack().vocabulary
    for what, _ in changed:
        if what in vocabulary.fields:
            field = vocabulary.fields[what]
            assert not field.spec.fixed or field.path == "size_class"
            assert field.record is None or not vocabulary.records[field.record].spec.fixed
    kinds = {kind.list: kind.name for kind in vocabulary.records.values()}
    for key, raw in given.items():
        if key not in kinds:
            assert (key, None) in changed or narrower(key, profile[key], raw)
            continue
        for n, item in enumerate(items(raw) or ()):
            for name, value in item.items():
                now = items(profile[key])[n][name]
                path = f"{kinds[key]}.{name}"
                assert (path, n) in changed or narrower(path, now, value)


def narrower(path: str, now: Any, given: Any) -> bool:
    """Whether a value is what was given, or one of those that this left open."""
    pack = load_pack()
    field = pack.vocabulary.fields[path]
    one, other = read_value(field, now, pack.tables), read_value(field, given, pack.tables)
    if one is None or other is None:
        return one is other
    return narrowed(other, one, codes=field.type in ("division", "industry")) == one
