"""What is asked of whom, and what an answer would change: held against the engine, without a database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine import screen
from engine.compiler import compile_pack
from engine.conditions import Judgement, Reference
from engine.determination import group_of
from engine.evaluation import Solved
from engine.pack import Pack
from engine.profile import profile_of
from tests.centre.bench import TALENT, WHOLE, YOUTH, program, sample
from tests.centre.office import TODAY
from tests.helpers import DAY, measure, pack_of
from web.amounts import amount_in_words
from web.centre.docket import changes
from web.centre.effects import Effect, effects_of, enterprise_facts, record_facts, screened_with
from web.centre.keeping import with_findings
from web.centre.matters import Target, question_of, questions, targets
from web.centre.rulings import Matter
from web.centre.store.tables import FindingRow

AT = datetime(2020, 1, 2)


def found(matter: Matter, answer: bool) -> FindingRow:
    return FindingRow(judgement=matter.judgement, about=matter.about, finding=answer, reason="看过材料", by_id=1, at=AT)


def asked_of(pack: Pack, judgement: str, data: dict[str, Any], as_of: Any = DAY) -> list[Target]:
    question = question_of(judgement, pack)
    assert question is not None
    findings: list[FindingRow] = []
    assessed = screened_with(compile_pack(pack), data, findings, as_of).assessed
    return targets(question, pack, profile_of(with_findings(data, []), pack.vocabulary, pack.tables), as_of, assessed)


def test_every_judgement_of_the_packs_is_known_with_its_words() -> None:
    pack = program().pack
    known = questions(pack)
    waited = {part.what for part in _waiting() if part.kind != "fact"}
    assert waited and waited <= known.keys()
    kinds = {id: known[id].kind for id in ("dx21-equity-investment-policy", WHOLE, "tz-technology-managers~talent.roles")}
    assert list(kinds.values()) == ["policy", "judgement", "doubt"]
    assert known["tz-technology-managers~talent.roles"].open and not known["zgc-overseas-carriers~in_zgc_zone"].open
    assert "清单以“等”结尾" in known["tz-technology-managers~talent.roles"].question
    assert "大兴区股权投资优惠政策" in known["dx21-equity-investment-policy"].question
    spec = pack.judgements[YOUTH]
    assert (known[YOUTH].label, known[YOUTH].question, known[YOUTH].note) == (spec.label, spec.question, spec.note)
    assert question_of("没有", pack) is None


def test_who_decides_is_whom_the_text_names_else_who_is_in_charge() -> None:
    known = questions(program().pack)
    own = known["dx21-high-end-team"]
    assert own.named and list(own.decided_by) == ["大兴投资", "大兴发展", "区科委"]
    assert not known[YOUTH].named and list(known[YOUTH].decided_by) == ["通州区科技领导小组办公室"]


def _waiting() -> Iterator[Any]:
    for result in screen(sample(), program().pack, as_of=TODAY).results:
        yield from result.waiting_for


def test_a_finding_on_every_target_settles_every_judgement_and_nothing_else_is_a_target() -> None:
    """All at once: each place in the conditions where the sample's case leaves something to a person has its answer."""
    pack, data = program().pack, sample()
    profile = profile_of(with_findings(data, []), pack.vocabulary, pack.tables)
    everyone = [
        Matter(id, target.about) for id, question in questions(pack).items() for target in targets(question, pack, profile, TODAY)
    ]
    assert len(everyone) > 150
    settled = screened_with(program(), data, [found(matter, True) for matter in everyone], TODAY)
    used: set[Matter] = set()
    for solved in _scopes(settled.evaluated):
        for leaf, reading in zip(solved.scope.leaves, solved.readings, strict=True):
            if isinstance(leaf, Judgement | Reference):
                assert reading.truth is True, leaf
                assert reading.review is not None
                used.add(Matter(leaf.id, reading.review.about))
    # A doubt about the enterprise can be settled before there is any record that the measure is about.
    early = set(everyone) - used
    assert used <= set(everyone)
    assert {matter.about for matter in early} == {None}
    uses = [use for matter in early for use in questions(pack)[matter.judgement].uses]
    assert not [use for use in uses if use.measure.subject is None or use.measure.subject in profile.lists]


def _scopes(evaluated: Any) -> Iterator[Solved]:
    if evaluated.enterprise is not None:
        yield evaluated.enterprise
    for solved in evaluated.records.values():
        yield from solved


def test_the_target_that_a_measure_waits_for_is_marked() -> None:
    pack = program().pack
    assert [(target.about, target.waits) for target in asked_of(pack, YOUTH, sample(), TODAY)] == [
        ("人才甲", False), (TALENT, True), ("人才丙", False)
    ]  # fmt: skip
    (whole,) = asked_of(pack, WHOLE, sample(), TODAY)
    assert (whole.about, whole.waits, whole.record) == (None, True, None)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rules")


def test_records_without_a_name_are_judged_together(home: Path) -> None:
    pack = pack_of(home, measure("{judgement: major}", subject="contract"))
    data = {"contracts": [{"id": "甲"}, {}, {}]}
    assert [(target.about, target.unnamed, target.waits) for target in asked_of(pack, "major", data)] == [
        (None, True, True), ("甲", False, True)
    ]  # fmt: skip
    rows = [found(Matter("major"), True), found(Matter("major", "甲"), False)]
    (item,) = screened_with(compile_pack(pack), data, rows, DAY).assessed
    assert [subject.verdict for subject in item.subjects or ()] == ["ineligible", "eligible", "eligible"]


def test_a_judgement_in_a_filter_is_asked_of_the_records_that_are_filtered(home: Path) -> None:
    pack = pack_of(home, measure("{count: contract, where: [{judgement: major}], at_least: 1}"))
    data = {"contracts": [{"id": "甲"}, {"id": "乙"}]}
    assert [(target.about, target.waits) for target in asked_of(pack, "major", data)] == [("甲", True), ("乙", True)]
    (item,) = screened_with(compile_pack(pack), data, [found(Matter("major", "乙"), True)], DAY).assessed
    assert item.verdict == "eligible"


def test_a_doubt_about_the_enterprise_is_asked_of_it_even_for_records() -> None:
    """in_zgc_zone is the enterprise's, though the measure is about its platforms."""
    pack = program().pack
    question = question_of("zgc-proof-of-concept-platform~in_zgc_zone", pack)
    assert question is not None and {use.over for use in question.uses} == {None}
    (target,) = asked_of(pack, question.id, sample(in_zgc_zone=False), TODAY)
    assert (target.about, target.waits) == (None, True)


def test_what_is_not_in_force_asks_nothing() -> None:
    assert asked_of(program().pack, "lf16-major-project", sample(), TODAY) == []


@pytest.mark.parametrize("matter", [Matter(WHOLE), Matter(YOUTH, TALENT), Matter("zgc-key-technology-innovation")])
@pytest.mark.parametrize("own", [None, True, False])
def test_the_effects_are_what_a_determination_would_say(matter: Matter, own: bool | None) -> None:
    pack, data = program().pack, sample()
    others = [found(Matter("dx25-key-industry-patent"), True)]
    rows = others + ([found(matter, own)] if own is not None else [])
    question = question_of(matter.judgement, pack)
    assert question is not None
    now = screened_with(program(), data, rows, TODAY)
    effects = effects_of(program(), data, rows, matter, question, TODAY, now)
    assert effects and effects[0].matters
    shown = {effect.measure.id: effect for effect in effects}
    for name, answer in (("now", own), ("met", True), ("missed", False), ("open", None)):
        told = [*others, *([found(matter, answer)] if answer is not None else [])]
        for result in screen(with_findings(data, told), pack, as_of=TODAY).results:
            if result.measure in shown:
                stand = getattr(shown[result.measure], name)
                amount = amount_in_words(result) if stand.group in ("eligible", "pending") else ""
                assert (stand.group, stand.amount.partition("（见")[0]) == (group_of(result), amount.partition("（见")[0])
                assert list(stand.waits) == list(dict.fromkeys(item.label for item in result.waiting_for))


def test_a_measure_that_an_answer_moves_is_never_left_out() -> None:
    pack, data = program().pack, sample()
    question = question_of("tz-tech-enterprise", pack)
    assert question is not None
    matter = Matter("tz-tech-enterprise")
    before = screened_with(program(), data, [], TODAY)
    after = screened_with(program(), data, [found(matter, True)], TODAY)
    moved = {
        one.measure.id for one, other in zip(before.assessed, after.assessed, strict=True) if one.verdict != other.verdict
    }
    effects: list[Effect] = effects_of(program(), data, [], matter, question, TODAY, before)
    assert moved <= {effect.measure.id for effect in effects if effect.matters}
    assert {effect.measure.id for effect in effects} >= {use.measure.id for use in question.uses}


def test_the_facts_are_those_that_the_measures_read() -> None:
    pack, data = program().pack, sample()
    screened = screened_with(program(), data, [], TODAY)
    measure = pack.measure("zgc-tech-small-micro-key-tech")
    told = {fact.label: (fact.value, fact.derived) for fact in enterprise_facts(screened, [measure], None)}
    assert told["企业规模"] == ("小型", True) and told["注册地"] == ("北京市大兴区", False)
    record = {fact.label: fact.value for fact in record_facts(screened, "talent", TALENT)}
    assert record == {"名称或编号": TALENT, "人才类别": "青年科技工作者", "工作地": "北京市通州区"}
    assert record_facts(screened, "talent", "没有这个人") == []


def test_what_changed_is_what_a_finding_bears_on() -> None:
    pack = program().pack

    def changed(judgement: str, about: str | None, **told: Any) -> list[str]:
        question = question_of(judgement, pack)
        assert question is not None
        return changes(pack, question, about, TODAY, sample(), sample(**told))

    people = sample()["talents"]
    other, own = [{**people[0], "foreign": True}, *people[1:]], [people[0], {**people[1], "foreign": True}, people[2]]
    assert changed(WHOLE, None) == changed(YOUTH, TALENT) == []
    assert changed(WHOLE, None, founded_by_result_transfer=False) == ["以科技成果转化创办"]
    # Of other people, and of lists that nobody reads here, nothing follows; of a list that is partial now neither.
    assert changed(WHOLE, None, talents=other) == changed(YOUTH, TALENT, talents=other) == []
    assert changed(YOUTH, TALENT, talents={"partial": True, "items": people}) == []
    assert changed(YOUTH, TALENT, talents=own) == changed(YOUTH, TALENT, talents=[]) == ["人才"]
