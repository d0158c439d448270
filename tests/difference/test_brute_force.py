"""Regions against brute force: on small pairs of versions the regions hold exactly the profiles that differ.

Every combination of answers to the fields in question is screened by the reference executor under both versions:
missing ones, ranges, alternatives, lists that are missing or partial.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations_with_replacement, product
from pathlib import Path
from typing import Any

import pytest

from engine.difference.measures import MeasureDifference, lies_inside
from engine.difference.model import ChangedRegion, Which
from engine.difference.screens import Screen
from tests.helpers import DAY, document, measure, pack_of, review

Answers = Mapping[str, Sequence[Any]]
STAFF = [None, 9, 10, 49, 50, 51, 200, "5-20人", "20-60人", "5-200人", "不少于20人", "不少于60人", "小于50人"]
HOME = [None, "固安县", "香河县", "石家庄市", "廊坊市", "河北省", ["固安县", "石家庄市"], ["固安县", "香河县"], "北京市"]
SIZE = [None, "大型", "小型", "微型", ["小型", "微型"], ["中型", "微型"], ["大型", "中型", "小型", "微型"]]
YES = [None, "是", "否"]
TAGS = [
    None, [], ["人工智能"], ["商业航天"], ["人工智能", "集成电路"], {"partial": True, "items": []},
    {"partial": True, "items": ["人工智能"]},
]  # fmt: skip
DATES = [
    None, "2019-12-31", "2020-01-01", "2020-06-01", "2021-06-30", "2021-07-01", "2019-06至2020-06", "早于2020年1月1日",
    "不早于2020年6月1日",
]  # fmt: skip
MONEY = [None, 0, 999999, 1000000, 1000001, 2000000, 5000000, "50-300万元", "不低于200万元", "小于100万元"]
FINDINGS = [[], [review("major")], [review("major", False)]]


@dataclass(frozen=True)
class Pair:
    """Two versions of one measure, and the answers to try."""

    old: str
    new: str
    answers: Answers
    keys: Mapping[str, Any] = field(default_factory=dict)
    benefits: tuple[str, str] = ("{kind: service}", "{kind: service}")
    files: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    regions: int | None = None


SMALL = """derived:
  - field: size
    title: 按人数推导
    source: {title: 测试, certainty: seen}
    cases:
      - {when: [{field: staff, below: 10}], value: micro}
      - {when: [{field: staff, below: %s}], value: small}
    otherwise: [large, medium]
"""
AWARD = "{kind: award, amount: 10万元}"

PAIRS = {
    "threshold": Pair("{field: staff, at_least: 10}", "{field: staff, at_least: 50}", {"staff": STAFF}),
    "threshold beside others": Pair(
        "{field: staff, at_least: 10}, {field: in_zone, equals: true}, {field: home, within: 廊坊市}",
        "{field: home, within: 廊坊市}, {field: staff, at_least: 50}, {field: in_zone, equals: true}",
        {"staff": STAFF, "in_zone": YES, "home": HOME},
        regions=4,
    ),
    "same in other words": Pair(
        "any: [{field: staff, below: 10}, {field: staff, at_least: 10}]",
        "any: [{field: staff, below: 50}, {field: staff, at_least: 50}]",
        {"staff": STAFF},
    ),
    "both halves of a line": Pair(
        "{field: staff, known: true}",
        "not: {all: [{field: staff, below: 10}, {field: staff, at_least: 50}]}",
        {"staff": STAFF},
    ),
    "option": Pair(
        "{field: size, in: [small, micro]}", "{field: size, in: [small, medium]}", {"size": SIZE}
    ),
    "place": Pair("{field: home, within: 廊坊市}", "{field: home, within: [固安县, 香河县]}", {"home": HOME}),
    "place by code": Pair("{field: home, within: 廊坊市}", "{field: home, rank: [prefecture]}", {"home": HOME}),
    "soft": Pair(
        "{field: size, equals: small}",
        "{field: size, equals: small, soft: true, why: 存疑}",
        {"size": SIZE, "findings": [[], [review("m~size")], [review("m~size", False)]]},
    ),
    "open list": Pair(
        "{field: size, in: [small]}, {field: in_zone, equals: true}",
        "{field: size, in: [small], open: true}, {field: in_zone, equals: true}",
        {"size": SIZE, "in_zone": YES},
    ),
    "judgement": Pair(
        "{judgement: major}", "any: [{judgement: major}, {field: in_zone, equals: true}]",
        {"in_zone": YES, "findings": FINDINGS},
    ),
    "assumed": Pair(
        "{field: in_zone, equals: false}",
        "{field: in_zone, equals: false, assumed: true, why: 未说视为没有}",
        {"in_zone": YES},
    ),
    "several options": Pair("{field: tags, in: [ai]}", "{field: tags, in: [ai, space]}", {"tags": TAGS}),
    "removed": Pair(
        "{field: staff, at_least: 10}, {field: in_zone, equals: true}", "{field: staff, at_least: 10}",
        {"staff": STAFF, "in_zone": YES},
    ),
    "ratio": Pair(
        "{ratio: {of: {field: profit}, to: {field: revenue}}, at_least: 50%}",
        "{ratio: {of: {field: profit}, to: {field: revenue}}, above: 10%}",
        {"profit": [*MONEY, -5, "-5至300万元"], "revenue": MONEY},
    ),
    "derived": Pair(
        "{field: size, in: [small, micro]}", "{field: size, in: [small, micro]}",
        {"staff": STAFF, "size": SIZE},
        files=({"derived": SMALL % 50}, {"derived": SMALL % 60}),
    ),
    "annual": Pair(
        "{annual: revenue, at_least: 100万元}", "{annual: revenue, at_least: 200万元}",
        {"annuals": [None, [], *([{"fiscal_year": 2020, "revenue": m}] for m in MONEY if m is not None)]},
    ),
    "days": Pair("{days_since: founded_on, at_least: 30}", "{days_since: founded_on, at_least: 395}", {"founded_on": DATES}),
    "award": Pair(
        "{field: staff, at_least: 10}", "{field: staff, at_least: 10}", {"staff": STAFF},
        benefits=(AWARD, "{kind: award, amount: 12万元}"),
    ),
    "award and threshold": Pair(
        "{field: staff, at_least: 10}", "{field: staff, at_least: 50}", {"staff": STAFF},
        benefits=(AWARD, "{kind: support}"),
    ),
    "validity": Pair(
        "{field: staff, at_least: 10}", "{field: staff, at_least: 10}", {"staff": STAFF},
        files=({}, {"document": "validity"}),
    ),
    "exists and count": Pair(
        "{exists: contract, where: [{field: contract.kind, equals: transfer}]}",
        "{count: contract, where: [{field: contract.kind, equals: transfer}], at_least: 2}",
        {"contracts": "lists of kinds"},
    ),
    "count of four": Pair("{count: contract, at_least: 3}", "{count: contract, at_least: 4}", {"contracts": "lists of kinds"}),
    "every": Pair(
        "{every: contract, that: [{field: contract.kind, equals: transfer}], at_least: 1}",
        "{every: contract, where: [{field: contract.place, within: 廊坊市}],"
        " that: [{field: contract.kind, equals: transfer}], at_least: 1}",
        {"contracts": "lists of kinds"},
    ),
    "sum": Pair(
        "{sum: contract.amount, at_least: 100万元}",
        "{sum: contract.amount, where: [{field: contract.kind, equals: transfer}], at_least: 100万元}",
        {"contracts": "lists of amounts"},
    ),
    "by year": Pair(
        "{exists: contract, where: [{within_validity: contract.date}]}",
        "{exists: contract, where: [{within_validity: contract.date}]}",
        {"contracts": "lists of amounts"},
        benefits=(
            "{kind: rate, rate: 1%, base: {sum: contract.amount, where: [{within_validity: contract.date}]},"
            " cap: {amount: 2万元, scope: per_year}, per_year: contract.date}",
            "{kind: rate, rate: 1%, base: {sum: contract.amount, where: [{within_validity: contract.date}]},"
            " cap: {amount: 3万元, scope: per_year}, per_year: contract.date}",
        ),
    ),
    "cap of a sum": Pair(
        "{exists: contract}", "{exists: contract}", {"contracts": "lists of amounts"},
        benefits=(
            "{kind: rate, rate: 1%, base: {sum: contract.amount}, cap: {amount: 2万元, scope: total}}",
            "{kind: rate, rate: 1%, base: {sum: contract.amount}, cap: {amount: 2万元, scope: per_record}}",
        ),
    ),
}  # fmt: skip


def _lists(items: Sequence[Mapping[str, Any]], most: int) -> list[Any]:
    """No list, and lists of up to so many of the items, complete and partial."""
    given = [list(chosen) for n in range(most + 1) for chosen in combinations_with_replacement(items, n)]
    return [None, *given, *({"partial": True, "items": list(chosen)} for chosen in given)]


KINDS = [{}, {"kind": "转让"}, {"kind": "服务", "place": "固安县"}, {"kind": "转让", "place": "北京市"}]
AMOUNTS = [
    {},
    {"amount": "150万元", "date": "2020-05-01", "kind": "转让"},
    {"amount": "150万元", "date": "2021-05-01", "kind": "服务"},
    {"amount": "50-250万元", "kind": "转让"},
    {"amount": "不低于20万元", "date": "2021-05-01"},
    {"amount": "250万元", "date": "2021-01至2021-03"},
]  # fmt: skip
LISTS = {"lists of kinds": _lists(KINDS, 4), "lists of amounts": _lists(AMOUNTS, 2)}

RECORD = {
    "kind": [None, "高企", "基地", ["基地", "联盟"]],
    "issued": DATES,
    "expires": [None, "2021-06-30", "2021-06-29"],
}
RECORDS = {
    "held": Pair(
        "{field: recognition.kind, in: [hnte, base]}, {held: recognition}",
        "{field: recognition.kind, in: [hnte, alliance]}, {held: recognition}",
        RECORD,
        {"subject": "recognition"},
    ),
    "term": Pair(
        "{field: recognition.kind, equals: hnte}, {field: recognition.expires, at_least: 2021-06-30}",
        "{field: recognition.kind, equals: hnte}, {field: recognition.expires, at_least: 2023-01-01}",
        RECORD,
        {"subject": "recognition"},
    ),
    "tiers": Pair(
        "{field: recognition.kind, equals: base}", "{field: recognition.kind, equals: base}",
        {"kind": [None, "基地", "高企"], "tier": [None, "国家级", "省级", "区县级", ["国家级", "省级"], ["省级", "区县级"]]},
        {"subject": "recognition"},
        ("{kind: tiered, by: recognition.tier, amounts: {national: 30万元, provincial: 20万元}}",
         "{kind: tiered, by: recognition.tier, amounts: {national: 30万元, provincial: 25万元, county: 1万元}}"),
    ),
    "an amount no more": Pair(
        "{field: contract.kind, equals: transfer}, {field: in_zone, equals: true}",
        "{field: contract.kind, equals: transfer}, {field: in_zone, equals: true}",
        {"kind": [None, "转让", "服务"]},
        {"subject": "contract"},
        (AWARD, "{kind: support}"),
    ),
    "a cap on all": Pair(
        "{field: contract.kind, equals: transfer}", "{field: contract.kind, equals: transfer}",
        {"kind": [None, "转让", "服务"], "amount": MONEY},
        {"subject": "contract"},
        ("{kind: rate, rate: 1%, base: {field: contract.amount}, cap: {amount: 3万元, scope: total}}",
         "{kind: rate, rate: 1%, base: {field: contract.amount}, cap: {amount: 2万元, scope: total}}"),
    ),
    "rate": Pair(
        "{field: contract.kind, equals: transfer}", "{field: contract.kind, equals: transfer}",
        {"kind": [None, "转让", "服务"], "amount": [*MONEY, "10-20万元", 40000000, 50000000, 60000000]},
        {"subject": "contract"},
        ("{kind: rate, rate: 1%, base: {field: contract.amount}, cap: {amount: 50万元, scope: per_record}}",
         "{kind: rate, rate: 2%, base: {field: contract.amount}, cap: {amount: 2万元, scope: per_record}}"),
    ),
}  # fmt: skip


def profiles(answers: Answers) -> Iterator[dict[str, Any]]:
    """Every combination; None leaves the field out."""
    given = [LISTS[values] if isinstance(values, str) else values for values in answers.values()]
    for values in product(*given):
        yield {name: value for name, value in zip(answers, values, strict=True) if value is not None}


def compared(folder: Path, pair: Pair) -> tuple[MeasureDifference, tuple[ChangedRegion, ...], dict[Any, Screen]]:
    packs = []
    for conditions, benefit, files in zip((pair.old, pair.new), pair.benefits, pair.files, strict=True):
        named = dict(files)
        if "document" in named:
            named["document"] = document(validity="{from: 2020-01-01, to: 2021-01-31, basis: stated}")
        packs.append(pack_of(folder, measure(conditions, benefit=benefit, **pair.keys), **named))
    found = MeasureDifference(*packs, "m")
    change = found.run([DAY])
    assert change.complete, change.why
    screens = {"old": Screen(packs[0], packs[0].measure("m")), "new": Screen(packs[1], packs[1].measure("m"))}
    return found, change.regions, screens


def check(profile: dict[str, Any], which: Which, regions: Sequence[ChangedRegion], screens: Any) -> bool:
    """A profile differs just where a region holds it, and then as the region says; whether it differs."""
    before, after = (screens[name].outcome(profile, DAY, which) for name in ("old", "new"))
    # What several records bring together is told by an example, without conditions on one of them.
    own = [region for region in regions if region.which == which and (region.parts or region.whole)]
    inside = [region for region in own if lies_inside(screens, which, region.parts, profile, DAY)]
    # A region that is not wholly of profiles that change says so; else the two are the same.
    surely = any(region.whole for region in inside)
    told = (profile, before, after, [region.conditions for region in inside])
    assert surely <= (before != after) <= bool(inside), told
    for region in inside:
        assert region.whole or region.amount
        assert (region.old.verdict, region.new.verdict) == (before.verdict, after.verdict), profile
    return before != after


@pytest.mark.parametrize("name", PAIRS)
def test_regions_are_the_profiles_that_differ(name: str, tmp_path: Path) -> None:
    """The union of the regions, and no profile more."""
    pair = PAIRS[name]
    _, regions, screens = compared(tmp_path, pair)
    differing = [check(profile, "enterprise", regions, screens) for profile in profiles(pair.answers)]
    assert any(differing) == bool(regions)
    if pair.regions is not None:
        assert len(regions) == pair.regions
    for region in regions:
        assert check(region.witness, "enterprise", regions, screens)


@pytest.mark.parametrize("name", RECORDS)
def test_regions_of_records(name: str, tmp_path: Path) -> None:
    """The same for a measure that is evaluated for every record, each listed alone."""
    pair = RECORDS[name]
    _, regions, screens = compared(tmp_path, pair)
    kind = pair.keys["subject"]
    differing = []
    for item in profiles(pair.answers):
        differing.append(check({f"{kind}s": [item]}, "listed", regions, screens))
    for profile in ({}, {f"{kind}s": []}, {f"{kind}s": {"partial": True, "items": []}}):
        for more in ({}, {"in_zone": "是"}, {"in_zone": "否"}):
            check(profile | more, "unlisted", regions, screens)
    assert any(differing)
    for region in regions:
        if region.whole:
            assert check(region.witness, region.which, regions, screens)
