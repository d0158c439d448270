"""Which question comes next, and when nothing is left to ask: on packs small enough to work out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from engine.questions import Questionnaire, proof
from tests.helpers import DAY, measure, review
from tests.questions.conftest import Plan

A, B, C = "{field: alpha, equals: true}", "{field: beta, equals: true}", "{field: gamma, equals: true}"
EITHER_WAY = "{any: [{all: [{field: alpha, equals: true}, {field: beta, equals: true}]}, {field: alpha, equals: false}, \
{field: beta, equals: false}]}"
"""Unknown to Kleene's logic, true of every completion."""


def key(planner: Questionnaire) -> str | None:
    question = planner.next()
    return question.key if question else None


def keys(planner: Questionnaire) -> list[str]:
    return [question.key for question in planner.ranked(20)]


def test_the_question_that_more_measures_need_comes_first(plan: Plan) -> None:
    measures = [measure(A, id="one"), measure(f"{B}, {A}", id="two"), measure(A, id="three")]
    found = plan(*measures).next()
    assert found is not None
    assert (found.key, found.kind, found.fields) == ("alpha", "field", ("alpha",))
    assert set(found.measures) == {"one", "two", "three"}
    assert found.why == "影响 3 项措施"


def test_the_largest_stated_amount_is_named(plan: Plan) -> None:
    small = measure(A, id="small", benefit="{kind: award, amount: 10万元}")
    large = measure(A, id="large", benefit="{kind: award, amount: 300万元}")
    found = plan(small, large, measure(A, id="service")).next()
    assert found is not None and found.why == "影响 3 项措施，其中一项最高300万元"


def test_of_equally_needed_questions_the_amount_decides(plan: Plan) -> None:
    """Both are needed whatever the other says; beta stands first in nothing but its amount."""
    rich = measure(B, id="rich", benefit="{kind: award, amount: 300万元}")
    assert keys(plan(measure(A, id="poor"), rich)) == ["beta", "alpha"]


def test_the_question_that_is_always_needed_waits_for_none(plan: Plan) -> None:
    """alpha is needed by its own measure; beta only if alpha is yes."""
    assert keys(plan(measure(A, id="one"), measure(f"{A}, {B}", id="two"))) == ["alpha", "beta"]
    closed = plan(measure(A, id="one"), measure(f"{A}, {B}", id="two"), profile={"alpha": False})
    assert closed.next() is None


def test_what_every_completion_agrees_on_is_not_asked_and_the_verdict_is_reported(plan: Plan) -> None:
    planner = plan(measure(EITHER_WAY))
    assert planner.next() is None
    settled = planner.settled()
    assert settled is not None and settled.sharpened == {"m": "eligible"}
    assert [item.measure for item in settled.remaining] == ["m"]


def test_a_field_that_matters_elsewhere_is_asked_for_that_measure_alone(plan: Plan) -> None:
    found = plan(measure(EITHER_WAY, id="sure"), measure(A, id="open")).next()
    assert found is not None and (found.key, found.measures[0]) == ("alpha", "open")


def test_without_the_solver_more_is_asked_and_the_end_is_still_a_proof(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "available", lambda: False)
    assert sorted(keys(plan(measure(EITHER_WAY)))) == ["alpha", "beta"]
    done = plan(measure(EITHER_WAY), profile={"alpha": True, "beta": True})
    assert done.next() is None and done.settled() is not None


def test_judgements_and_other_policies_are_never_asked(plan: Plan) -> None:
    planner = plan(measure(f"{A}, {{judgement: major}}, {{reference: funds}}"), profile={"alpha": True})
    assert planner.next() is None
    settled = planner.settled()
    assert settled is not None and settled.decided == ()
    (remaining,) = settled.remaining
    assert (remaining.judgements, remaining.other_policies, remaining.unclear) == (("major",), ("funds",), ())


def test_a_field_beside_an_open_judgement_is_asked(plan: Plan) -> None:
    """It can still rule the measure out."""
    assert key(plan(measure(f"{A}, {{judgement: major}}"))) == "alpha"
    refused = plan(measure(f"{A}, {{judgement: major}}"), profile={"findings": [review("major", False)]})
    assert refused.next() is None


def test_no_measure_is_out_of_reach_before_an_answer(plan: Plan) -> None:
    planner = plan(measure(A, id="one"), measure(B, id="two"))
    assert planner.settled() is None
    assert planner.progress.settled == 0


def test_what_the_user_does_not_know_is_not_asked_again_and_stays_open(plan: Plan) -> None:
    planner = plan(measure(f"{A}, {B}"), skipped=("alpha",))
    assert keys(planner) == ["beta"]
    done = plan(measure(f"{A}, {B}"), profile={"beta": True}, skipped=("alpha",))
    assert done.next() is None
    settled = done.settled()
    assert settled is not None and settled.remaining[0].unclear == ("alpha",)


def test_a_range_is_an_answer(plan: Plan) -> None:
    planner = plan(measure("{field: sales, at_least: 3000万}"), profile={"sales": "2000-5000万"})
    assert planner.next() is None
    settled = planner.settled()
    assert settled is not None and settled.remaining[0].unclear == ("sales",)


def test_a_derived_field_is_asked_itself_and_its_sources_once_it_is_not_known(plan: Plan) -> None:
    derived = """\
derived:
  - field: rank
    title: 按销售额分档
    source: {title: 测试, certainty: stated}
    cases:
      - {value: high, when: [{field: sales, at_least: 1000万}]}
      - {value: low, when: [{field: sales, below: 1000万}]}
"""
    one = measure("{field: rank, equals: high}")
    assert keys(plan(one, derived=derived)) == ["rank"]
    assert keys(plan(one, derived=derived, skipped=("rank",))) == ["sales"]
    assert key(plan(one, derived=derived, profile={"sales": "2000万"})) is None


def test_a_field_without_a_question_is_never_asked(plan: Plan) -> None:
    planner = plan(measure("{field: unasked, equals: true}"))
    assert planner.next() is None
    settled = planner.settled()
    assert settled is not None and settled.remaining[0].unclear == ("unasked",)


# Record lists

BASES = "{field: recognition.kind, equals: base}, {field: recognition.place, within: 廊坊市}"


def test_a_list_is_one_question_with_the_fields_that_matter(plan: Plan) -> None:
    found = plan(measure(BASES, subject="recognition")).next()
    assert found is not None
    assert (found.key, found.kind) == ("recognitions", "list")
    assert found.fields == ("recognition.kind", "recognition.place")


@pytest.mark.parametrize(
    ("records", "fields"),
    [
        ([], None),
        ([{"kind": "base", "place": "廊坊市"}], None),
        ([{"kind": "alliance"}], None),
        ([{"kind": "base"}], ("recognition.place",)),
        ([{"kind": "base"}, {"kind": "base", "place": "廊坊市"}], None),
        ({"partial": True, "items": []}, None),
        ({"partial": True, "items": [{"kind": "base"}]}, ("recognition.place",)),
    ],
)
def test_a_list_is_asked_again_for_what_its_records_lack(
    plan: Plan, records: object, fields: tuple[str, ...] | None
) -> None:
    found = plan(measure(BASES, subject="recognition"), profile={"recognitions": records}).next()
    assert (found.fields if found else None) == fields


def test_a_list_that_is_only_counted_is_asked_for_too(plan: Plan) -> None:
    counted = "{count: recognition, where: [{field: recognition.kind, equals: base}], at_least: 3}"
    found = plan(measure(counted)).next()
    assert found is not None and (found.key, found.fields) == ("recognitions", ("recognition.kind",))


def test_a_card_shortens_while_it_is_filled_in(plan: Plan) -> None:
    one = measure(BASES, subject="recognition")
    assert plan(one, profile={"recognitions": [{"kind": "lab"}]}).lacking("recognitions") == ()
    assert plan(one, profile={"recognitions": [{"kind": "base"}]}).lacking("recognitions") == ("recognition.place",)


def test_a_list_that_the_enterprise_itself_rules_out_is_not_asked(plan: Plan) -> None:
    both = measure(f"{A}, {BASES}", subject="recognition")
    assert plan(both, profile={"alpha": False}).next() is None
    assert key(plan(both, profile={"alpha": True})) == "recognitions"


def test_the_record_in_question_counts_itself(plan: Plan) -> None:
    """Where there is a subject there is a record, so the other way never matters."""
    counted = f"{{any: [{{count: recognition, at_least: 1}}, {A}]}}, {{field: recognition.kind, equals: base}}"
    assert keys(plan(measure(counted, subject="recognition"))) == ["recognitions"]


def test_annual_figures_are_asked_until_the_year_is_there(plan: Plan) -> None:
    one = measure("{annual: revenue, at_least: 1000万}")
    assert key(plan(one)) == "annuals"
    older = plan(one, profile={"annuals": [{"fiscal_year": 2018, "revenue": "2000万"}]}).next()
    assert older is not None and "annual.revenue" in older.fields
    assert key(plan(one, profile={"annuals": [{"fiscal_year": 2020, "revenue": "2000万"}]})) is None
    assert key(plan(one, profile={"annuals": [{"fiscal_year": 2020, "revenue": "500-2000万"}]})) is None


# Assumptions

ONCE = "{field: beta, equals: false, assumed: true, why: 一次性奖励}"


def test_assumptions_are_offered_last_and_asking_is_over_before_them(plan: Plan) -> None:
    one = measure(f"{A}, {ONCE}")
    assert keys(plan(one)) == ["alpha"]
    last = plan(one, profile={"alpha": True})
    assert last.settled() is not None and last.progress.remain == 0
    found = last.next()
    assert found is not None and (found.key, found.assumed) == ("beta", True)
    assert plan(one, profile={"alpha": False}).next() is None
    assert plan(one, profile={"alpha": True, "beta": True}).next() is None
    assert plan(one, profile={"alpha": True}, skipped=("beta",)).next() is None


def test_an_assumption_that_decides_nothing_is_not_offered(plan: Plan) -> None:
    one = measure(f"{{any: [{A}, {{all: [{ONCE}, {C}]}}]}}")
    assert plan(one, profile={"alpha": True}).next() is None


# The whole


def test_nothing_in_force_nothing_to_ask(plan: Plan) -> None:
    planner = plan(measure(A), as_of=date(2030, 1, 1))
    assert planner.next() is None
    settled = planner.settled()
    assert settled is not None and (settled.decided, settled.remaining) == ((), ())


def test_the_same_question_for_the_same_answers(plan: Plan) -> None:
    measures = [measure(f"{A}, {B}", id="one"), measure(f"{B}, {C}", id="two"), measure(BASES, id="x", subject="recognition")]
    first, second = plan(*measures), plan(*measures)
    assert first.ranked(9) == second.ranked(9)
    assert first.next() == first.ranked(1)[0]
    assert first.progress.measures == 3


def test_progress_counts_answers_and_what_may_remain(plan: Plan) -> None:
    measures = [measure(f"{A}, {B}", id="one"), measure(C, id="two")]
    begun = plan(*measures).progress
    assert (begun.answered, begun.settled, begun.measures) == (0, 0, 2)
    assert 2 <= begun.remain <= 3
    later = plan(*measures, profile={"alpha": False}).progress
    assert (later.answered, later.remain, later.settled) == (1, 1, 1)


def test_a_day_counts_only_what_is_in_force_then(plan: Plan) -> None:
    """The plan of one day is not that of another."""
    assert key(plan(measure(A), as_of=DAY)) == "alpha"
    assert key(plan(measure(A), as_of=date(2019, 6, 30))) is None
