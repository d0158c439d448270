"""The samples give what is expected of them, under every executor, and show what they promise to show."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine import forward
from engine.circuit import Solver
from engine.forward import ForwardSolver
from engine.loader import load_pack
from engine.reference import ReferenceSolver
from tests.accept import (
    DATES,
    EXPECTED,
    SAMPLES,
    TODAY,
    broken,
    determination,
    expected_path,
    problems,
    read_sample,
    write,
)

SCREENED = [(name, as_of) for name, dates in DATES.items() for as_of in dates]
TWO_DOCUMENTS = {"langfang-2016", "daxing-2021"}
IN_FORCE = {"zgc-2024", "daxing-2025", "tongzhou-2024"}
FEW = 2
ACCEPT = "read the difference, then run: make accept"


@pytest.fixture(scope="module", params=["reference", "forward"])
def solver(request: pytest.FixtureRequest) -> Iterator[Solver]:
    if request.param == "reference":
        yield ReferenceSolver()
        return
    if not forward.available():
        pytest.skip("durable-rules is not installed")
    found = ForwardSolver()
    yield found
    found.close()


def results(name: str, as_of: date) -> dict[str, Any]:
    """The expected results of a sample by measure."""
    answer = json.loads(expected_path(name, as_of).read_text(encoding="utf-8"))
    return {result["measure"]: result for result in answer["results"]}


@pytest.mark.parametrize(("name", "as_of"), SCREENED)
def test_a_sample_gives_the_expected_determination(name: str, as_of: date, solver: Solver, accept: bool) -> None:
    found = determination(name, as_of, solver)
    if accept and isinstance(solver, ReferenceSolver):
        write(expected_path(name, as_of), found)
    assert found == expected_path(name, as_of).read_text(encoding="utf-8"), ACCEPT


@pytest.mark.parametrize("name", broken())
def test_a_broken_sample_gives_the_expected_findings(name: str, accept: bool) -> None:
    _, findings = read_sample(name)
    assert findings.errors
    if accept:
        write(expected_path(name), problems(name))
    assert problems(name) == expected_path(name).read_text(encoding="utf-8"), ACCEPT


def test_every_line_that_says_what_is_wrong_with_it_has_a_finding_and_no_other_line_has() -> None:
    _, findings = read_sample("broken-values")
    lines = (SAMPLES / "broken-values.yaml").read_text(encoding="utf-8").splitlines()
    marked = {number for number, line in enumerate(lines, start=1) if re.search(r"\S.*  # |\S # ", line)}
    assert {finding.line for finding in findings} == marked


def test_every_sample_has_an_expected_result_and_a_line_in_the_readme() -> None:
    samples = {path.stem for path in SAMPLES.glob("*.yaml")}
    assert samples == set(DATES) | set(broken())
    wanted = {expected_path(*key) for key in SCREENED} | {expected_path(name) for name in broken()}
    assert set(EXPECTED.iterdir()) == wanted
    readme = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert samples == set(re.findall(r"^\| `([\w-]+)\.yaml`", readme, re.MULTILINE))


@pytest.mark.parametrize(("name", "as_of"), [("langfang-2016", date(2017, 6, 30)), ("daxing-2021", date(2022, 6, 30))])
def test_the_sample_of_a_document_reaches_every_quantified_measure(name: str, as_of: date) -> None:
    found = results(name, as_of)
    quantified = [m.id for m in load_pack(document=name).measures if m.spec.determinacy == "quantified"]
    assert quantified
    for measure in quantified:
        assert found[measure]["verdict"] == "eligible", measure
        low, high = found[measure]["amount_range_yuan"]
        assert 0 < float(low) <= float(high), measure


def test_the_mixed_sample_shows_the_whole_range_in_langfang() -> None:
    found = [r for r in results("mixed", date(2017, 6, 30)).values() if r["document"] == "langfang-2016"]
    assert [r["amount_yuan"] for r in found if r["amount_yuan"]] == ["100000"]
    assert {r["verdict"] for r in found} == {"eligible", "ineligible", "undetermined"}
    open_ = [r for r in found if r["verdict"] == "undetermined"]
    assert {w["kind"] for r in open_ for w in r["waiting_for"]} == {"fact", "judgement", "other_policy"}
    assert any(r["stated"] == "met" for r in open_)
    assert any(r["stated"] == "unknown" and r["missing"] for r in open_)


def test_the_mixed_sample_matches_a_talent_in_daxing() -> None:
    match = results("mixed", date(2022, 6, 30))["dx21-talent-programme-1to1-match"]
    assert (match["verdict"], match["amount_yuan"], match["payee"]) == ("eligible", "500000", "person")
    assert [item["verdict"] for item in match["items"]] == ["eligible", "undetermined"]


def test_today_both_documents_have_expired() -> None:
    expired = [r for r in results("mixed", date(2026, 11, 1)).values() if r["document"] in TWO_DOCUMENTS]
    assert {r["verdict"] for r in expired} == {"not_in_force"}
    assert {r["document"] for r in expired} == TWO_DOCUMENTS


def test_the_beijing_sample_separates_what_waits_for_a_judgement_from_what_lacks_facts() -> None:
    answer = json.loads(expected_path("beijing-mixed", TODAY).read_text(encoding="utf-8"))
    for document in sorted(IN_FORCE):
        found = [r for r in answer["results"] if r["document"] == document]
        open_ = [r for r in found if r["verdict"] == "undetermined"]
        kinds = {r["measure"]: {w["kind"] for w in r["waiting_for"]} for r in open_}
        judged = [r for r in open_ if r["stated"] == "met" and kinds[r["measure"]] == {"judgement"}]
        lacking = [r for r in open_ if r["stated"] == "unknown" and r["missing"]]
        assert len(judged) >= FEW and len(lacking) >= FEW, document
        assert {r["verdict"] for r in found} == {"eligible", "ineligible", "undetermined"}
        assert not any(r["amount_yuan"] or r["amount_range_yuan"] for r in found)
    assert answer["totals"] == {}


def test_the_beijing_sample_shows_a_check_to_consider_and_one_that_lacks_a_figure() -> None:
    answer = json.loads(expected_path("beijing-mixed", TODAY).read_text(encoding="utf-8"))
    checks = {item["check"]: (item["status"], item["missing"]) for item in answer["readiness"]}
    assert checks == {
        "check-hnte": ("unknown", ["annual.domestic_rd_expense"]),
        "check-tech-sme": ("consider", []),
    }


def test_the_listed_company_says_what_to_supply_next() -> None:
    found = results("listed-company", date(2023, 6, 30)).values()
    open_ = [r for r in found if r["document"] == "daxing-2021" and r["verdict"] == "undetermined"]
    lists, places = (
        {"projects", "platforms", "talents", "recognitions"},
        {"registered_division", "operating_division"},
    )
    assert {name for r in open_ for name in r["missing"]} == lists | places
    assert all(r["missing"] for r in open_)
