"""Derived facts over the real rules: size classes, small tech firms, above-scale, and the readiness checks."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine import load_pack, screen
from engine.compiler import compile_pack
from engine.determination import Readiness
from engine.evaluation import evaluate
from engine.profile import profile_of
from engine.reference import ReferenceSolver

AS_OF = date(2026, 11, 1)
CLASSES = ("micro", "small", "medium", "large")

# industry, what counts, lower bounds of small, medium, large: people, revenue and assets in 万元
# (工信部联企业〔2011〕300号, the sixteen rows)
ROWS: list[tuple[str, dict[str, tuple[int, int, int]]]] = [
    ("A01", {"revenue": (50, 500, 20000)}),
    ("C39", {"staff": (20, 300, 1000), "revenue": (300, 2000, 40000)}),
    ("E47", {"revenue": (300, 6000, 80000), "assets": (300, 5000, 80000)}),
    ("F51", {"staff": (5, 20, 200), "revenue": (1000, 5000, 40000)}),
    ("F52", {"staff": (10, 50, 300), "revenue": (100, 500, 20000)}),
    ("G54", {"staff": (20, 300, 1000), "revenue": (200, 3000, 30000)}),
    ("G59", {"staff": (20, 100, 200), "revenue": (100, 1000, 30000)}),
    ("G60", {"staff": (20, 300, 1000), "revenue": (100, 2000, 30000)}),
    ("H61", {"staff": (10, 100, 300), "revenue": (100, 2000, 10000)}),
    ("H62", {"staff": (10, 100, 300), "revenue": (100, 2000, 10000)}),
    ("I64", {"staff": (10, 100, 2000), "revenue": (100, 1000, 100000)}),
    ("I65", {"staff": (10, 100, 300), "revenue": (50, 1000, 10000)}),
    ("K701", {"revenue": (100, 1000, 200000), "assets": (2000, 5000, 10000)}),
    ("K702", {"staff": (100, 300, 1000), "revenue": (500, 1000, 5000)}),
    ("L72", {"staff": (10, 100, 300), "assets": (100, 8000, 120000)}),
    ("M73", {"staff": (10, 100, 300)}),
]


def derived(field: str, profile: dict[str, Any], as_of: date = AS_OF) -> Any:
    pack = load_pack()
    given = profile_of(profile, pack.vocabulary, pack.tables)
    return evaluate(compile_pack(pack), given, as_of, ReferenceSolver()).facts.enterprise.values.get(field)


def firm(industry: str, **figures: Any) -> dict[str, Any]:
    return {"industry": industry, "annuals": [{"fiscal_year": 2025, **figures}]}


def written(indicator: str, value: int) -> Any:
    return value if indicator == "staff" else f"{value}万元"


@pytest.mark.parametrize(("industry", "bounds"), ROWS, ids=[row[0] for row in ROWS])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_boundary_value_belongs_to_the_upper_class(
    industry: str, bounds: dict[str, tuple[int, int, int]], step: int
) -> None:
    at = {name: written(name, limits[step - 1]) for name, limits in bounds.items()}
    assert derived("size_class", firm(industry, **at)) == frozenset({CLASSES[step]})
    for name, limits in bounds.items():
        below = {**at, name: written(name, limits[step - 1] - 1)}
        assert derived("size_class", firm(industry, **below)) == frozenset({CLASSES[step - 1]}), name


@pytest.mark.parametrize(("industry", "bounds"), ROWS, ids=[row[0] for row in ROWS])
def test_all_lower_bounds_must_be_met_or_the_class_drops(
    industry: str, bounds: dict[str, tuple[int, int, int]]
) -> None:
    names = list(bounds)
    if len(names) == 1:
        assert derived("size_class", firm(industry, **{names[0]: written(names[0], bounds[names[0]][2])})) == {"large"}
        return
    huge = {name: written(name, limits[2] * 10) for name, limits in bounds.items()}
    for name in names:
        assert derived("size_class", firm(industry, **{**huge, name: written(name, bounds[name][0])})) == {"small"}
        assert derived("size_class", firm(industry, **{**huge, name: written(name, bounds[name][0] - 1)})) == {"micro"}


@pytest.mark.parametrize("industry", ["G53", "J66", "P83", "Q84", "S91", "T"])
def test_industries_without_a_row_have_no_class(industry: str) -> None:
    assert derived("size_class", firm(industry, staff=50, revenue="1亿", assets="1亿")) is None


def test_a_missing_figure_gives_a_set_of_classes() -> None:
    assert derived("size_class", firm("I65", staff="小于50人")) == {"small", "micro"}
    assert derived("size_class", firm("I65", revenue="2000万元")) == {"medium", "small", "micro"}
    assert derived("size_class", {"industry": "I65"}) == {"large", "medium", "small", "micro"}


def test_an_internet_company_is_not_a_software_company() -> None:
    figures = {"staff": 400, "revenue": "2亿元"}
    assert derived("size_class", firm("I64", **figures)) == {"medium"}
    assert derived("size_class", firm("I65", **figures)) == {"large"}


def test_only_last_year_counts() -> None:
    profile = {"industry": "M73", "annuals": [{"fiscal_year": 2024, "staff": 500}]}
    assert derived("size_class", profile) == set(CLASSES)


TITLED = {"recognitions": [{"kind": "国家高新技术企业", "issued": "2024-12-01"}]}


def test_a_small_firm_with_a_tech_title_is_a_small_tech_firm_and_never_derived_not_to_be() -> None:
    small = firm("I65", staff=20, revenue="500万元")
    assert derived("tech_small_micro", small | TITLED) == {"yes"}
    assert derived("tech_small_micro", small | {"recognitions": []}) is None
    expired = {"recognitions": [{"kind": "国家高新技术企业", "issued": "2022-12-01"}]}
    assert derived("tech_small_micro", small | expired, date(2025, 12, 2)) is None


@pytest.mark.parametrize(
    ("industry", "limit"),
    [("C39", 2000), ("F51", 2000), ("F52", 500), ("H61", 200), ("I65", 2000), ("L72", 1000), ("R88", 500)],
)
def test_above_scale_begins_at_its_limit(industry: str, limit: int) -> None:
    assert derived("above_scale", firm(industry, revenue=f"{limit}万元")) == {"yes"}
    assert derived("above_scale", firm(industry, revenue=f"{limit - 1}万元")) != {"yes"}


def test_a_county_implies_its_city() -> None:
    result = screen({"registered_division": "固安县", "investments": []}, as_of=date(2017, 6, 30))
    reasons = {r.measure: r for r in result.results}["lf16-outside-institution-investment-subsidy"]
    assert reasons.verdict == "ineligible"


# Readiness


def ready(check: str, profile: dict[str, Any], as_of: date = AS_OF) -> Readiness | None:
    found = screen(profile, as_of=as_of).readiness
    return next((item for item in found if item.check == check), None)


def applicant(revenue: str, rd: int, total: int, **changes: Any) -> dict[str, Any]:
    """A firm whose three-year research spending is ``rd`` of ``total`` (万元), with last year's revenue given."""
    years = [
        {"fiscal_year": 2025, "revenue": revenue, "rd_expense": f"{rd}万元", "domestic_rd_expense": f"{rd}万元"},
        {"fiscal_year": 2024, "revenue": f"{total}万元", "rd_expense": 0, "domestic_rd_expense": 0},
        {"fiscal_year": 2023, "revenue": 0, "rd_expense": 0, "domestic_rd_expense": 0},
    ]
    years[0] |= {"staff": 100, "rd_staff": 10, "hightech_revenue": revenue, "assets": "1亿", "cost": "1亿"}
    profile: dict[str, Any] = {
        "applicant_kinds": ["企业"],
        "founded_on": "2015-01-01",
        "ip_core_support": True,
        "ip_class_one": 1,
        "major_accident_last_year": False,
        "restricted_products": False,
        "dishonest_listing": False,
        "direct_confirmation": False,
        "recognitions": [],
        "annuals": years,
    }
    return profile | changes


@pytest.mark.parametrize(
    ("revenue", "rd", "earlier", "status"),
    [
        ("5000万元", 500, 5000, "consider"),  # 5% of 1亿, exactly 5000万: the 5% band
        ("5000万元", 499, 5000, "not_yet"),
        ("50000001元", 400, 4999, "consider"),  # one yuan above: the 4% band (4% of 9999万 0001元 < 400万)
        ("2亿元", 800, 0, "consider"),  # exactly 2亿: the 4% band
        ("2亿元", 799, 0, "not_yet"),
        ("200000001元", 601, 0, "consider"),  # above 2亿: 3%
        ("200000001元", 600, 0, "not_yet"),
    ],
)
def test_the_research_share_of_a_high_tech_enterprise_by_band(revenue: str, rd: int, earlier: int, status: str) -> None:
    found = ready("check-hnte", applicant(revenue, rd, earlier))
    assert found is not None
    assert found.status == status


def test_a_young_firm_counts_its_own_years_only() -> None:
    profile = applicant("1000万元", 60, 0, founded_on="2025-02-01")
    profile["annuals"] = profile["annuals"][:1]
    found = ready("check-hnte", profile)
    assert found is not None
    assert found.status == "consider"
    old = ready("check-hnte", profile | {"founded_on": "2023-02-01"})
    assert old is not None
    assert old.status == "unknown"


def test_365_days_since_the_foundation() -> None:
    young = ready("check-hnte", applicant("5000万元", 500, 5000, founded_on="2025-11-02"))
    assert young is not None
    assert young.status == "not_yet"
    assert any(reason.gap == "差1天" for reason in young.reasons)


def test_a_check_says_what_is_missing_and_what_only_people_can_judge() -> None:
    found = ready("check-hnte", {"applicant_kinds": ["企业"], "founded_on": "2015-01-01"})
    assert found is not None
    assert found.status == "unknown"
    assert "annuals" in found.missing
    assert "ip_core_support" in found.missing
    assert {"check-hnte-field", "check-hnte-score"} <= {item.what for item in found.waiting_for}


def test_a_title_is_never_derived_and_a_held_one_needs_no_check() -> None:
    met = applicant("5000万元", 500, 5000)
    assert ready("check-hnte", met) is not None
    assert derived("size_class", met) is None
    assert ready("check-hnte", met | TITLED) is None


@pytest.mark.parametrize(
    ("points", "changes", "status"),
    [
        ("20 + 50 + 30", {}, "consider"),
        ("4 + 20 + 30", {"rd_staff": 10, "rd_expense": "150万元"}, "unknown"),
        ("4 + 30 + 30", {"rd_staff": 10, "rd_expense": "200万元"}, "consider"),
        ("0 + 50 + 30", {"rd_staff": 9, "rd_expense": "500万元"}, "unknown"),
        ("4 + 50 + 6", {"rd_staff": 10, "rd_expense": "300万元", "one": 0, "two": 1}, "consider"),
        ("4 + 40 + 12", {"rd_staff": 10, "rd_expense": "250万元", "one": 0, "two": 2}, "unknown"),
    ],
)
def test_the_score_of_a_technology_firm(points: str, changes: dict[str, Any], status: str) -> None:
    profile = applicant("5000万元", 500, 0)
    year = {**profile["annuals"][0], "rd_staff": 30}
    year |= {key: value for key, value in changes.items() if key in year}
    profile |= {"annuals": [year], "ip_class_one": changes.get("one", 1), "ip_class_two": changes.get("two", 0)}
    found = ready("check-tech-sme", profile)
    assert found is not None
    assert found.status == status, points
    if status == "unknown":
        # Only the direct way is left, which is known from reports alone: a person decides.
        assert {item.kind for item in found.waiting_for} == {"judgement"}


def test_the_direct_way_is_only_reported_and_so_never_decides() -> None:
    poor = applicant("5000万元", 0, 0, ip_class_one=0, ip_class_two=0)
    direct = ready("check-tech-sme", poor | {"direct_confirmation": True})
    assert direct is not None
    assert direct.status == "consider"
    neither = ready("check-tech-sme", poor)
    assert neither is not None
    assert neither.status in ("unknown", "not_yet")


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"staff": 500}, "consider"), ({"staff": 501}, "not_yet"), ({"assets": "2亿元"}, "consider"), ({"assets": "200000001元"}, "not_yet")],
)
def test_the_limits_of_a_technology_firm_count_in(changes: dict[str, Any], status: str) -> None:
    profile = applicant("5000万元", 500, 0)
    year = {**profile["annuals"][0], "rd_staff": 300, **changes}
    found = ready("check-tech-sme", profile | {"annuals": [year]})
    assert found is not None
    assert found.status == status
