"""Completions (DESIGN 2.4) against brute force: every profile that a partial one can still become, enumerated.

The solver and the enumeration share nothing but the reference executor, which says what a complete profile gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from engine import Pack, screen
from engine.compiler import compile_pack
from engine.evaluation import evaluate
from engine.profile import profile_of
from engine.reference import ReferenceSolver
from tests.helpers import DAY, measure, pack_of, review

pytest.importorskip("z3")

from engine.completions.session import Completions, OpenItem, Possibility

Raw = dict[str, Any]
MANY = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

DERIVED = """
derived:
  - field: size
    title: 按人数划型
    source: {title: 划型规定}
    cases:
      - {when: [{field: staff, at_least: 6}], value: large}
      - {when: [{field: staff, at_least: 4}, {field: listed, equals: true}], value: medium}
      - {when: [{field: staff, at_least: 2}], value: small}
"""

VALUES: Mapping[str, list[Any]] = {
    "staff": [0, 1, 2, 3, 4, 5, 6, 7],
    "size": ["large", "medium", "small", "micro"],
    "listed": [True, False],
    "in_zone": [True, False],
    "home": ["固安县", "香河县", "130602", "110115"],
    "tags": [list(some) for n in range(4) for some in combinations(("ai", "space", "chips"), n)],
}
"""Of every cell that the conditions below can cut, at least one value."""

ATOMS: Mapping[str, list[str]] = {
    "staff": [f"{{field: staff, {how}: {n}}}" for how in ("at_least", "above", "below", "at_most") for n in (1, 3, 5)],
    "size": ["{field: size, in: [small, micro]}", "{field: size, not_equals: large}"],
    "listed": ["{field: listed, equals: true}", "{field: listed, equals: false}"],
    "in_zone": ["{field: in_zone, equals: true}", "{field: in_zone, equals: true, soft: true, why: 存疑}"],
    "home": [
        "{field: home, within: 廊坊市}", "{field: home, within: [固安县, 北京市]}", "{not: {field: home, within: 河北省}}",
    ],
    "tags": ["{field: tags, in: [ai, space]}", "{field: tags, in: [chips]}", "{field: tags, in: [ai], open: true}"],
}
PARTIAL: Mapping[str, list[Any]] = {
    "staff": ["2-5人", "3人以上", 4, 0],
    "size": [["small", "medium"], "micro", "large"],
    "listed": [True, False],
    "in_zone": [True, False],
    "home": ["廊坊市", "河北省", ["固安县", "110115"], "香河县"],
    "tags": [{"partial": True, "items": ["ai"]}, ["chips"], []],
}


@st.composite
def trees(draw: st.DrawFn, fields: tuple[str, ...], depth: int = 2) -> str:
    """A condition over some fields, as a flow mapping."""
    kind = draw(st.sampled_from(("atom", "atom", "all", "any", "not"))) if depth else "atom"
    if kind == "atom":
        return draw(st.sampled_from([atom for name in fields for atom in ATOMS[name]]))
    if kind == "not":
        plain = [atom for name in fields for atom in ATOMS[name] if "soft" not in atom and "open" not in atom]
        return f"{{not: {draw(st.sampled_from(plain))}}}"
    parts = draw(st.lists(trees(fields, depth - 1), min_size=2, max_size=3))
    return f"{{{kind}: [{', '.join(parts)}]}}"


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, Raw, tuple[str, ...]]:
    """Conditions over at most three fields, and what is known of them."""
    fields = tuple(draw(st.permutations(sorted(VALUES)))[: draw(st.integers(1, 3))])
    tree = draw(trees(fields))
    known = {name: draw(st.sampled_from(PARTIAL[name])) for name in fields if draw(st.booleans())}
    return tree, known, fields


class Judge:
    """The reference executor on one pack."""

    def __init__(self, pack: Pack, as_of: date = DAY) -> None:
        self.pack, self.as_of, self.program = pack, as_of, compile_pack(pack)

    def conflicts(self, data: Raw) -> bool:
        """Whether a stated value contradicts a derived one."""
        profile = profile_of(data, self.pack.vocabulary, self.pack.tables)
        facts = evaluate(self.program, profile, self.as_of, ReferenceSolver()).facts
        return any(item.conflict for item in facts.enterprise.derivations.values())

    def verdict(self, data: Raw) -> str:
        return screen(data, self.pack, as_of=self.as_of).results[0].verdict

    def completions(self, data: Raw, extra: int = 2) -> Completions:
        profile = profile_of(data, self.pack.vocabulary, self.pack.tables)
        return Completions(self.program, profile, self.as_of, extra=extra)


def agrees(given: Any, value: Any, name: str, pack: Pack) -> bool:
    """Whether a complete value is one that a partial one allows; the profile's own reader says what that is."""
    vocabulary, tables = pack.vocabulary, pack.tables
    old = profile_of({name: given}, vocabulary, tables).values[name]
    new = profile_of({name: value}, vocabulary, tables).values.get(name)
    if name == "tags":
        return old.certain <= new.certain <= old.possible  # type: ignore[union-attr]
    if name == "home":
        return all(any(code.startswith(area) for area in old) for code in new)  # type: ignore[union-attr]
    return bool(new <= old) if isinstance(old, frozenset) else new.inside(old)  # type: ignore[operator, union-attr, arg-type]


def complete(known: Raw, fields: tuple[str, ...], judge: Judge) -> Iterator[tuple[Raw, str]]:
    """Every completion over the values above, with every answer to every judgement, and its verdict."""
    fallbacks = sorted({item.what for item in waits(judge) if item.kind == "judgement"})
    needed = tuple(dict.fromkeys((*fields, *(("staff", "listed") if "size" in fields else ()))))
    choices = [[v for v in VALUES[n] if n not in known or agrees(known[n], v, n, judge.pack)] for n in needed]
    for values in product(*choices):
        for answers in product((True, False), repeat=len(fallbacks)):
            findings = [review(id, answer) for id, answer in zip(fallbacks, answers, strict=True)]
            data = {**dict(zip(needed, values, strict=True)), "findings": findings}
            if not judge.conflicts(data):
                yield data, judge.verdict(data)


def waits(judge: Judge) -> list[OpenItem]:
    """Everything that could ever be asked: what matters to an empty profile is too little, so all of the program's."""
    leaves = {leaf for scope in judge.program.scopes.values() for leaf in scope.leaves}
    return [OpenItem("judgement", leaf.id) for leaf in leaves if hasattr(leaf, "id")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("completions")


@MANY
@given(question=questions())
def test_what_can_still_become_of_a_profile(folder: Path, question: tuple[str, Raw, tuple[str, ...]]) -> None:
    tree, known, fields = question
    judge = Judge(pack_of(folder, measure(tree), derived=DERIVED))
    assume(not judge.conflicts(known))
    brute = {verdict for _, verdict in complete(known, fields, judge)}
    assume(brute)
    completions = judge.completions(known)
    for verdict in ("eligible", "ineligible"):
        found = completions.can_become("m", verdict)
        assert found.answer == ("yes" if verdict in brute else "no")
        if found.witness is not None:
            assert judge.verdict(found.witness) == verdict
    kleene = judge.verdict(known)
    assert kleene == "undetermined" or brute == {kleene}


@MANY
@given(question=questions())
def test_which_open_fields_decide(folder: Path, question: tuple[str, Raw, tuple[str, ...]]) -> None:
    tree, known, fields = question
    assume("size" not in fields)
    judge = Judge(pack_of(folder, measure(tree), derived=DERIVED))
    verdicts = {_key(data): verdict for data, verdict in complete(known, fields, judge)}
    decides = {name for name in fields for one in verdicts for other in verdicts if _only(one, other, name, verdicts)}
    found = judge.completions(known).open_fields_that_matter("m")
    assert {item.what for item in found if item.kind == "field"} == decides


def _key(data: Raw) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, repr(value)) for name, value in data.items()))


def _only(one: Any, other: Any, name: str, verdicts: Mapping[Any, str]) -> bool:
    """Whether two completions differ in one field alone, and in their verdicts."""
    differing = [a[0] for a, b in zip(one, other, strict=True) if a != b]
    return differing == [name] and verdicts[one] != verdicts[other]


@MANY
@given(question=questions(), order=st.randoms(use_true_random=False))
def test_answers_one_by_one_are_as_good_as_all_at_once(
    folder: Path, question: tuple[str, Raw, tuple[str, ...]], order: Any
) -> None:
    tree, known, _ = question
    judge = Judge(pack_of(folder, measure(tree), derived=DERIVED))
    names = sorted(known)
    order.shuffle(names)
    running, said = judge.completions({}), {}
    before = _both(running)
    for name in names:
        said = {**said, name: known[name]}
        running.push(profile_of(said, judge.pack.vocabulary, judge.pack.tables))
        assert _both(running) == _both(judge.completions(said))
    for _ in names:
        running.pop()
    assert _both(running) == before


def _both(completions: Completions) -> tuple[str, str]:
    return completions.can_become("m", "eligible").answer, completions.can_become("m", "ineligible").answer


RECORDS = [
    "{count: contract, where: [{field: contract.kind, equals: transfer}], at_least: 2}",
    "{count: contract, at_most: 1}",
    "{sum: contract.amount, where: [{field: contract.kind, equals: transfer}], above: 3}",
    "{sum: contract.amount, at_most: 2}",
    "{exists: contract, where: [{field: contract.amount, at_least: 2}, {field: contract.kind, equals: service}]}",
    "{every: contract, where: [{field: contract.kind, equals: transfer}], "
    "that: [{field: contract.amount, below: 3}], at_least: 1}",
]
CONTRACTS = [{"amount": amount, "kind": kind} for amount in range(5) for kind in ("transfer", "service")]
GIVEN: list[Raw] = [
    {},
    {"contracts": []},
    {"contracts": [{"amount": 2}]},
    {"contracts": [{"kind": "transfer"}, {"amount": "1-4元", "kind": "service"}]},
    {"contracts": {"partial": True, "items": [{"amount": 2, "kind": "transfer"}]}},
    {"contracts": {"partial": True, "items": [{"kind": "service"}]}},
]


@MANY
@given(
    parts=st.lists(st.sampled_from(RECORDS), min_size=1, max_size=3, unique=True),
    group=st.sampled_from(("all", "any")),
    negate=st.booleans(),
    known=st.sampled_from(GIVEN),
)
def test_further_records_come_only_to_open_lists(
    folder: Path, parts: list[str], group: str, negate: bool, known: Raw
) -> None:
    tree = f"{{{group}: [{', '.join(parts)}]}}"
    judge = Judge(pack_of(folder, measure(f"{{not: {tree}}}" if negate else tree)))
    brute = {judge.verdict({"contracts": records}) for records in _contracts(known)}
    completions = judge.completions(known)
    for verdict in ("eligible", "ineligible"):
        found = completions.can_become("m", verdict)
        if found.answer == "unknown":
            assert verdict not in brute and not isinstance(known.get("contracts"), list)
        else:
            assert (found.answer == "yes") == (verdict in brute)
        if found.witness is not None:
            assert judge.verdict(found.witness) == verdict


def _contracts(known: Raw) -> Iterator[list[Raw]]:
    """Every complete list with at most two more records than are listed, where the list is open."""
    raw = known.get("contracts", {"items": []})
    listed = raw["items"] if isinstance(raw, dict) else raw
    filled = product(*([new for new in CONTRACTS if _fills(old, new)] for old in listed))
    more = range(3) if isinstance(raw, dict) else (0,)
    for items in filled:
        for number in more:
            for added in product(CONTRACTS, repeat=number):
                yield [*items, *added]


def _fills(old: Raw, new: Raw) -> bool:
    amount = old.get("amount", new["amount"])
    inside = 1 <= new["amount"] <= 4 if amount == "1-4元" else amount == new["amount"]
    return inside and old.get("kind", new["kind"]) == new["kind"]


def possible(folder: Path, tree: str, known: Raw, **keys: Any) -> tuple[str, str]:
    """Whether a profile can still become eligible, and ineligible."""
    as_of = keys.pop("as_of", DAY)
    extra = keys.pop("extra", 2)
    derived = keys.pop("derived", None)
    files = {"derived": derived} if derived else {}
    return _both(Judge(pack_of(folder, measure(tree, **keys), **files), as_of).completions(known, extra))


def test_kleene_leaves_open_what_completions_settle(folder: Path) -> None:
    tree = "{any: [{field: listed, equals: true}, {field: listed, equals: false, label: 未上市}]}"
    judge = Judge(pack_of(folder, measure(tree)))
    assert judge.verdict({}) == "undetermined"
    assert _both(judge.completions({})) == ("yes", "no")
    assert judge.completions({}).open_fields_that_matter("m") == []


def test_no_number_of_records_helps_or_the_bound_is_named(folder: Path) -> None:
    many = "{count: contract, at_least: 5}"
    assert possible(folder, many, {}) == ("unknown", "yes")
    assert possible(folder, many, {}, extra=5) == ("yes", "yes")
    both = "{all: [{count: contract, at_least: 5}, {field: listed, equals: true}]}"
    assert possible(folder, both, {"listed": False}) == ("no", "yes")


def test_a_stated_value_narrows_what_it_is_derived_from(folder: Path) -> None:
    tree = "{field: staff, between: [2, 5]}"
    assert possible(folder, tree, {}, derived=DERIVED) == ("yes", "yes")
    tree = f"{{all: [{tree}, {{field: size, known: true}}]}}"
    assert possible(folder, tree, {"size": "large"}, derived=DERIVED) == ("no", "yes")


def test_a_stated_value_that_no_condition_reads_counts_too(folder: Path) -> None:
    staff = measure("{field: staff, between: [2, 5]}")
    judge = Judge(pack_of(folder, staff, measure("{field: size, equals: micro}", id="other"), derived=DERIVED))
    assert _both(judge.completions({"size": "large"})) == ("no", "yes")
    running = judge.completions({})
    assert _both(running) == ("yes", "yes")
    running.push(profile_of({"size": "large"}, judge.pack.vocabulary, judge.pack.tables))
    assert _both(running) == ("no", "yes")


def test_open_annual_figures_are_named_with_their_year(folder: Path) -> None:
    tree = "{annual_sum: revenue, years: 2, above: 5}"
    completions = Judge(pack_of(folder, measure(tree))).completions({"annuals": [{"fiscal_year": 2020, "revenue": 1}]})
    assert completions.open_fields_that_matter("m") == [OpenItem("field", "annual.revenue", None, 2019)]


def test_a_conflict_keeps_both_sides_possible(folder: Path) -> None:
    known = {"size": "micro", "staff": 7}
    assert possible(folder, "{field: size, equals: micro}", known, derived=DERIVED) == ("yes", "yes")
    assert possible(folder, "{field: size, equals: medium}", known, derived=DERIVED) == ("no", "yes")


def test_an_answer_that_contradicts_is_taken_in(folder: Path) -> None:
    judge = Judge(pack_of(folder, measure("{field: size, equals: micro}"), derived=DERIVED))
    running = judge.completions({"size": "micro"})
    assert _both(running) == ("yes", "no")
    running.push(profile_of({"size": "micro", "staff": 7}, judge.pack.vocabulary, judge.pack.tables))
    assert _both(running) == ("yes", "yes")
    running.pop()
    assert _both(running) == ("yes", "no")


def test_a_ratio_over_zero_stays_unknown_in_every_completion(folder: Path) -> None:
    tree = "{ratio: {of: {annual: rd}, to: {annual: profit}}, at_least: 5%}"
    year = DAY.year - 1
    assert possible(folder, tree, {"annuals": [{"fiscal_year": year, "profit": 0}]}) == ("no", "no")
    assert possible(folder, tree, {"annuals": [{"fiscal_year": year, "profit": 100}]}) == ("yes", "yes")
    assert possible(folder, tree, {"annuals": [{"fiscal_year": year, "profit": 100, "rd": 5}]}) == ("yes", "no")
    assert possible(folder, tree, {"annuals": []}) == ("yes", "yes")


def test_years_before_the_enterprise_do_not_count(folder: Path) -> None:
    tree = "{annual_sum: revenue, years: 3, since: founded_on, at_least: 10}"
    figures = [{"fiscal_year": year, "revenue": 4} for year in (2018, 2019, 2020)]
    assert possible(folder, tree, {"annuals": figures}) == ("yes", "yes")
    assert possible(folder, tree, {"annuals": figures, "founded_on": "2018年"}) == ("yes", "no")
    assert possible(folder, tree, {"annuals": figures, "founded_on": "2019年"}) == ("no", "yes")


def test_an_assumption_holds_until_something_is_known(folder: Path) -> None:
    tree = "{field: recognition.award_received, equals: false, assumed: true, why: 只奖一次}"
    keys = {"subject": "recognition"}
    assert possible(folder, tree, {"recognitions": [{"kind": "base"}]}, **keys) == ("yes", "no")
    assert possible(folder, tree, {"recognitions": [{"award_received": True}]}, **keys) == ("no", "yes")
    judge = Judge(pack_of(folder, measure(tree, **keys)))
    running = judge.completions({"recognitions": [{"kind": "base"}]})
    assert _both(running) == ("yes", "no")
    told = {"recognitions": [{"kind": "base", "award_received": True}]}
    running.push(profile_of(told, judge.pack.vocabulary, judge.pack.tables))
    assert _both(running) == ("no", "yes")


def test_a_finding_settles_a_judgement(folder: Path) -> None:
    tree = "{field: in_zone, equals: true, soft: true, why: 存疑}"
    known: Raw = {"in_zone": False}
    assert possible(folder, tree, known) == ("yes", "yes")
    assert possible(folder, tree, {**known, "findings": [review("m~in_zone", True)]}) == ("yes", "no")
    assert possible(folder, tree, {**known, "findings": [review("m~in_zone", False)]}) == ("no", "yes")


def test_an_exact_code_is_not_a_place(folder: Path) -> None:
    tree = "{field: recognition.issuer, rank: provincial}"
    keys = {"subject": "recognition"}
    assert possible(folder, tree, {"recognitions": [{"issuer": "河北省"}]}, **keys) == ("yes", "no")
    assert possible(folder, "{field: home, within: 廊坊市}", {"home": "河北省"}) == ("yes", "yes")


def test_outside_its_validity_a_document_gives_nothing(folder: Path) -> None:
    assert possible(folder, "{field: listed, equals: true}", {}, as_of=date(2030, 1, 1)) == ("no", "no")


def test_what_a_derived_fact_rests_on_matters_and_moves_it(folder: Path) -> None:
    judge = Judge(pack_of(folder, measure("{field: size, equals: large}"), derived=DERIVED))
    found = judge.completions({}).open_fields_that_matter("m")
    assert {item.what for item in found} == {"staff", "size"}
    known = judge.completions({"staff": "小于4人"}).open_fields_that_matter("m")
    assert {item.what for item in known} == {"staff", "size"}
    assert judge.completions({"staff": "2-3人"}).open_fields_that_matter("m") == []


def test_a_record_that_there_may_be_has_a_name_of_its_own(folder: Path) -> None:
    """Also where a listed record already has the name that would come first."""
    pack = pack_of(folder, measure("{count: contract, at_least: 3}"))
    label = pack.vocabulary.records["contract"].label
    listed = [{"id": f"{label}甲", "amount": 2}]
    judge = Judge(pack)
    shown = judge.completions({"contracts": {"partial": True, "items": listed}}).can_become("m", "eligible").witness
    assert shown is not None
    assert [item["id"] for item in shown["contracts"]] == [f"{label}甲", f"{label}乙", f"{label}丙"]
    assert screen(shown, pack, as_of=DAY).results[0].verdict == "eligible"


def test_one_more_answer_goes_on_with_what_the_solver_learnt(folder: Path) -> None:
    tree = ", ".join(atom for atoms in ATOMS.values() for atom in atoms)
    judge = Judge(pack_of(folder, measure(f"{{any: [{tree}]}}"), derived=DERIVED))
    running = judge.completions({})
    running.can_become("m", "ineligible")
    first = running._states[-1].models["m"]
    for staff in range(3):
        running.push(profile_of({"staff": staff}, judge.pack.vocabulary, judge.pack.tables))
        assert running._states[-1].models["m"] is first
        running.can_become("m", "ineligible")
        running.pop()


def test_an_unknown_measure_and_an_empty_stack_are_refused(folder: Path) -> None:
    completions = Judge(pack_of(folder, measure("{field: listed, equals: true}"))).completions({})
    with pytest.raises(KeyError):
        completions.can_become("nothing", "eligible")
    with pytest.raises(IndexError):
        completions.pop()
    assert completions.can_become("m", "eligible") == Possibility("yes", 2, {"listed": True})
