"""The cases beside the packs, and that a wrong expectation is found."""

from __future__ import annotations

import re

import pytest

from engine.cases import check_cases
from engine.circuit import Solver
from engine.diagnostics import Findings
from engine.documents import CasesFile
from engine.forward import ForwardSolver
from engine.loader import BUILT_IN, case_files, load_pack
from engine.reference import ReferenceSolver
from engine.yaml_source import Source

EXPECT = {"verdict": "eligible", "amount": "10万元"}
PROFILE = {
    "recognitions": [
        {"kind": "协同创新基地", "tier": "市级", "issuer": "廊坊市", "issued": "2017-03-01", "place": "固安县"}
    ]
}
MEASURE = "lf16-city-collaborative-innovation-base-award"


@pytest.mark.parametrize("solver", [ReferenceSolver(), ForwardSolver()], ids=lambda solver: str(solver.name))
def test_every_case_of_the_packs_passes(solver: Solver) -> None:
    findings = Findings()
    count, differences = check_cases(case_files(BUILT_IN, findings), load_pack(), solver)
    assert [str(item) for item in (*findings, *differences)] == []
    assert count > 400


def test_every_measure_has_two_cases() -> None:
    findings = Findings()
    named = [case.measure for _, file in case_files(BUILT_IN, findings) for case in file.cases]
    pack = load_pack()
    assert [m.id for m in pack.measures if named.count(m.id) < 2] == []


def run_one(expect: dict[str, object], **changes: object) -> list[str]:
    case = {"name": "例", "measure": MEASURE, "as_of": "2017-06-30", "profile": PROFILE, "expect": expect} | changes
    data = {"cases": [case]}
    source = Source("cases.yaml", data)
    file = CasesFile.model_validate(data)
    _, findings = check_cases(iter([(source, file)]), load_pack(), ReferenceSolver())
    return [finding.message for finding in findings]


def test_a_right_case_passes() -> None:
    assert run_one({**EXPECT, "reason": "协同创新基地", "missing": [], "waiting_for": [], "stated": "met"}) == []


@pytest.mark.parametrize(
    ("expect", "says"),
    [
        ({"verdict": "ineligible"}, "结论应为不符合，实为符合"),
        ({**EXPECT, "amount": "11万元"}, "金额应为11万元，实为100000"),
        ({**EXPECT, "range": [0, "10万元"]}, "金额范围应为"),
        ({**EXPECT, "reason": "注册地"}, "决定性条件应为注册地"),
        ({**EXPECT, "missing": ["industry"]}, "缺少的字段应为industry"),
        ({**EXPECT, "waiting_for": ["judgement"]}, "等待应为judgement"),
        ({**EXPECT, "stated": "unknown"}, "文件所载条件应为unknown"),
    ],
)
def test_a_wrong_expectation_is_found(expect: dict[str, object], says: str) -> None:
    messages = run_one(expect)
    assert len(messages) == 1
    assert says in messages[0]


def test_a_broken_profile_and_an_unknown_measure_are_findings() -> None:
    assert any("不认识的字段" in message for message in run_one(EXPECT, profile={"nonsense": 1}))
    assert any("没有措施" in message for message in run_one(EXPECT, measure="no-such"))


AMOUNT = re.compile(r"\d+(?:\.\d+)?(?:亿|万)?元")


def test_the_three_documents_in_force_state_no_amount() -> None:
    """They name no yuan figure, so no measure of theirs may."""
    for measure in load_pack().measures:
        if measure.document in ("zgc-2024", "daxing-2025", "tongzhou-2024"):
            said = [measure.spec.summary, measure.spec.benefit.text or "", *measure.spec.cite]
            assert not any(AMOUNT.search(text) for text in said), measure.id
            assert measure.spec.determinacy == "qualitative"
