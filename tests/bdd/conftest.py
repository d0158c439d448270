"""Steps in the words of the policy texts: they build a profile, screen it and read the determination.

Labels, options, titles and values are those that users see, so a scenario needs no field names. Each scenario
runs under both executors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from pytest_bdd import given, parsers, then, when

from engine import forward
from engine.circuit import Solver
from engine.determination import Reason
from engine.forward import ForwardSolver
from engine.reference import ReferenceSolver
from tests.bdd.story import Story, Table, cell, documents, yuan

VERDICTS = {"符合": "eligible", "不符合": "ineligible", "待定": "undetermined", "不在有效期": "not_in_force"}
STATED = {"已满足": "met", "未满足": "not_met", "未查明": "unknown"}
AMOUNTS = {"已载明": "stated", "文件未载明": "not_stated", "缺事实": "unknown", "不涉及": "not_applicable"}
PAYEES = {"申报单位": "applicant", "个人": "person", "团队": "team"}
GROUPS = ("all", "any", "not")
FREQUENCIES = {"一次性": "once", "每年": "yearly", "未载明": None}


@pytest.fixture(scope="session", params=["reference", "forward"], autouse=True)
def solver(request: pytest.FixtureRequest) -> Iterator[Solver]:
    """The executor of a scenario; autouse, so that pytest knows of it when it parametrises."""
    if request.param == "reference":
        yield ReferenceSolver()
        return
    if not forward.available():
        pytest.skip("durable-rules is not installed")
    found = ForwardSolver()
    yield found
    found.close()


@pytest.fixture
def story(solver: Solver) -> Story:
    """What the scenario says and finds."""
    return Story(solver)


def _names(items: list[str]) -> str:
    """A list as people write it."""
    return "、".join(items) or "无"


def _failed(reasons: list[Reason]) -> list[Reason]:
    """The conditions that decide against the applicant; under a failed "not", what it denies."""
    negations = {reason.node: reason.status for reason in reasons if reason.kind == "not"}
    failed = []
    for reason in reasons:
        negation = next((node for node in negations if reason.node.startswith(f"{node}.")), None)
        status = negations[negation] if negation else reason.status
        if reason.kind not in GROUPS and reason.decisive and status == "not_satisfied":
            failed.append(reason)
    return failed


def _about(story: Story, reasons: list[Reason]) -> list[str]:
    """What conditions are about: the labels of their fields or of their judgement, each once."""
    label, judged = story.pack.vocabulary.label, story.pack.judgement_label
    found: dict[str, None] = {}
    for item in reasons:
        names = [judged(item.judgement)] if item.judgement else [label(path) for path in item.fields]
        found.update(dict.fromkeys(names))
    return list(found)


# 假如


@given(parsers.re("政策文件“(?P<title>.+)”"))
def _(story: Story, title: str) -> None:
    assert title in documents(), f"没有政策文件“{title}”"
    story.document = documents()[title]


@given("一家什么都没有填写的单位")
def _() -> None:
    """The profile stays empty."""


@given(parsers.re("一家注册在“(?P<place>[^”]+)”的“(?P<kinds>[^”]+)”"))
def _(story: Story, place: str, kinds: str) -> None:
    story.profile |= {"registered_division": place, "applicant_kinds": kinds.split("、")}


@given(parsers.re("一家注册在“(?P<place>[^”]+)”的单位"))
def _(story: Story, place: str) -> None:
    story.profile["registered_division"] = place


@given(parsers.re("一家“(?P<kinds>[^”]+)”"))
def _(story: Story, kinds: str) -> None:
    story.profile["applicant_kinds"] = kinds.split("、")


@given(parsers.re("它的“(?P<label>[^”]+)”是“(?P<text>[^”]+)”"))
def _(story: Story, label: str, text: str) -> None:
    typed = story.field_named(label)
    story.profile[typed.name] = cell(typed, text)


@given(parsers.re("它没有填写“(?P<label>[^”]+)”"))
def _(story: Story, label: str) -> None:
    vocabulary = story.pack.vocabulary
    names = {kind.label: kind.list for kind in vocabulary.records.values()}
    names |= {typed.label: typed.name for typed in vocabulary.enterprise}
    assert names[label] not in story.profile


@given(parsers.re("它没有“(?P<label>[^”]+)”"))
def _(story: Story, label: str) -> None:
    story.profile[story.list_named(label)] = []


@given(parsers.re("它有“(?P<label>[^”]+)”："))
def _(story: Story, label: str, datatable: Table) -> None:
    story.profile[story.list_named(label)] = story.records(label, datatable)


@given(parsers.re("它的“(?P<label>[^”]+)”清单不全，已知："))
def _(story: Story, label: str, datatable: Table) -> None:
    story.profile[story.list_named(label)] = {"partial": True, "items": story.records(label, datatable)}


@given(
    parsers.re(
        "审核人于“(?P<day>[^”]+)”(就“(?P<about>[^”]+)”)?(?P<answer>确认|否定)“(?P<name>.+)”，理由是“(?P<why>[^”]+)”"
    )
)
def _(story: Story, day: str, about: str | None, answer: str, name: str, why: str) -> None:
    finding = {"judgement": story.judgement_named(name), "finding": answer == "确认"}
    finding |= {"by": "审核人甲", "on": day, "why": why}
    story.profile.setdefault("findings", []).append(finding | ({"about": about} if about else {}))


# 当


@when(parsers.re("在“(?P<day>[^”]+)”评估“(?P<name>.+)”"))
def _(story: Story, day: str, name: str) -> None:
    story.measure = story.measure_named(name)
    story.screen(day)


@when(parsers.re("在“(?P<day>[^”]+)”评估全部措施"))
def _(story: Story, day: str) -> None:
    story.screen(day)


# 那么：结论


@then(parsers.re("结论是“(?P<verdict>[^”]+)”"))
def _(story: Story, verdict: str) -> None:
    assert story.result.verdict == VERDICTS[verdict]


@then(parsers.re("“(?P<name>.+)”的结论是“(?P<verdict>[^”]+)”"))
def _(story: Story, name: str, verdict: str) -> None:
    story.measure = story.measure_named(name)
    assert story.result.verdict == VERDICTS[verdict]


@then("各条措施的结论是：")
def _(story: Story, datatable: Table) -> None:
    expected = {story.measure_named(name): VERDICTS[verdict] for name, verdict in datatable[1:]}
    assert {result.measure: result.verdict for result in story.found.results} == expected


@then(parsers.re("各条措施的结论都是“(?P<verdict>[^”]+)”"))
def _(story: Story, verdict: str) -> None:
    assert {result.verdict for result in story.found.results} == {VERDICTS[verdict]}


@then(parsers.re("文件写明的条件“(?P<stated>[^”]+)”"))
def _(story: Story, stated: str) -> None:
    assert story.result.stated == STATED[stated]


@then("各条记录的结论是：")
def _(story: Story, datatable: Table) -> None:
    assert story.result.items is not None
    expected = [
        [name, VERDICTS[verdict], None if text == "无" else yuan(text)] for name, verdict, text in datatable[1:]
    ]
    assert [[item.record, item.verdict, item.amount_yuan] for item in story.result.items] == expected


# 那么：金额


@then(parsers.re("金额是“(?P<text>[^”]+)”"))
def _(story: Story, text: str) -> None:
    assert story.result.amount_yuan == yuan(text)
    assert story.result.amount_range_yuan == (yuan(text), yuan(text))


@then(parsers.re("金额在“(?P<low>[^”]+)”到“(?P<high>[^”]+)”之间"))
def _(story: Story, low: str, high: str) -> None:
    assert story.result.amount_yuan is None
    assert story.result.amount_range_yuan == (yuan(low), yuan(high))


@then(parsers.re("金额不低于“(?P<low>[^”]+)”，没有上限"))
def _(story: Story, low: str) -> None:
    assert story.result.amount_yuan is None
    assert story.result.amount_range_yuan == (yuan(low), None)


@then("没有金额")
def _(story: Story) -> None:
    assert story.result.amount_yuan is None
    assert story.result.amount_range_yuan is None


@then("各条措施都没有金额")
def _(story: Story) -> None:
    assert not story.found.totals
    assert {result.amount_status for result in story.found.results} <= {"not_stated", "not_applicable"}
    assert all(result.amount_yuan is None and result.amount_range_yuan is None for result in story.found.results)


@then(parsers.re("金额说明是“(?P<status>[^”]+)”"))
def _(story: Story, status: str) -> None:
    assert story.result.amount_status == AMOUNTS[status]


@then("各年的金额是：")
def _(story: Story, datatable: Table) -> None:
    expected = {}
    for year, low, high in datatable[1:]:
        expected[year] = yuan(low) if low == high else (yuan(low), yuan(high))
    assert story.result.amount_by_year == expected


@then(parsers.re("算式是“(?P<text>[^”]+)”"))
def _(story: Story, text: str) -> None:
    assert "；".join(story.result.calculation) == text


@then(parsers.re("付给“(?P<payee>[^”]+)”"))
def _(story: Story, payee: str) -> None:
    assert story.result.payee == PAYEES[payee]


@then(parsers.re("领取次数是“(?P<frequency>[^”]+)”"))
def _(story: Story, frequency: str) -> None:
    assert story.result.frequency == FREQUENCIES[frequency]


@then(parsers.re("“(?P<payee>[^”]+)”合计确定“(?P<low>[^”]+)”到“(?P<high>[^”]+)”，最多(?P<most>“[^”]+”|不限)"))
def _(story: Story, payee: str, low: str, high: str, most: str) -> None:
    total = story.found.totals[PAYEES[payee]]
    assert total.confirmed == (yuan(low), yuan(high))
    assert total.possible == (None if most == "不限" else yuan(most.strip("“”")))


@then(parsers.re("没有付给“(?P<payee>[^”]+)”的金额"))
def _(story: Story, payee: str) -> None:
    assert PAYEES[payee] not in story.found.totals


# 那么：理由


@then(parsers.re("不满足的是“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assert _names(_about(story, _failed(story.result.reasons))) == text


@then(parsers.re("待认定事项是“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assert _names([item.label for item in story.result.waiting_for if item.kind == "judgement"]) == text


@then(parsers.re("等待的其他政策是“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assert _names([item.label for item in story.result.waiting_for if item.kind == "other_policy"]) == text


@then(parsers.re("还缺“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assert _names([story.pack.vocabulary.label(path) for path in story.result.missing]) == text


@then(parsers.re("前提涉及“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assumed = [reason for reason in story.result.reasons if reason.assumed]
    assert len(assumed) == len(story.result.assumptions)
    assert _names(_about(story, assumed)) == text


def _reason(attribute: str) -> Callable[[Story, str], None]:
    def check(story: Story, text: str) -> None:
        said = [getattr(reason, attribute) for reason in story.result.reasons]
        assert text in [item for item in said if item]

    return check


then(parsers.re("差距是“(?P<text>.+)”"))(_reason("gap"))
then(parsers.re("条件的说明有“(?P<text>.+)”"))(_reason("note"))
then(parsers.re("推断的理由有“(?P<text>.+)”"))(_reason("why"))


@then(parsers.re("措施的说明有“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assert text in story.result.notes


@then(parsers.re("依据是“(?P<clause>[^”]+)”的“(?P<phrase>.+)”"))
def _(story: Story, clause: str, phrase: str) -> None:
    assert story.result.citation.clause == clause
    assert phrase in story.result.citation.phrases


@then(parsers.re("认定理由有“(?P<text>.+)”"))
def _(story: Story, text: str) -> None:
    assert text in [reason.review.why for reason in story.result.reasons if reason.review]


@then(parsers.re("背景任务“(?P<title>.+)”(?P<state>仍在有效期|已不在有效期)"))
def _(story: Story, title: str, state: str) -> None:
    [entry] = [item for item in story.found.programmes if item.title == title]
    assert entry.in_force is (state == "仍在有效期")
    assert entry.title not in [result.title for result in story.found.results]
