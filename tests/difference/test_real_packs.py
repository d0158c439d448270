"""Edits of the Langfang pack: what each of them changes, shown by profiles that the whole packs screen the same way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from engine import screen
from engine.difference.folders import load_version
from engine.difference.model import MeasureChange, PackDifference
from engine.difference.packs import differences
from engine.difference.plain import PROVEN, plain
from engine.loader import BUILT_IN, load_pack
from engine.pack import Pack
from tests.difference.conftest import LANGFANG, Edited
from tests.helpers import TEMPLATE, measure, pack_of

DAY, TODAY = date(2017, 6, 30), date(2026, 6, 30)
INVESTMENT = "lf16-outside-institution-investment-subsidy"
COMMISSION = "lf16-intermediary-jingjin-to-langfang-commission-award"
ALLIANCE = "lf16-industry-tech-innovation-alliance-city"
PRODUCT = "lf16-local-product-market-opening"
TRANSFORMED = (
    "      - {field: product.transformed, equals: true}\n"
    "      - {field: product.transformed_division, within: 廊坊市}\n    benefit: {kind: market"
)


@dataclass(frozen=True)
class Edit:
    """Texts replaced, the measure that changes, and between which verdicts profiles move ("amount": it alone)."""

    changes: tuple[tuple[str, str], ...]
    measure: str
    moves: frozenset[str]
    texts: int = 1


def moves(text: str) -> frozenset[str]:
    return frozenset(text.split())


EDITS = {
    "a threshold": Edit(
        (("{days_since: investment.date, at_least: 0,", "{days_since: investment.date, at_least: 30,"),),
        INVESTMENT,
        moves("eligible>ineligible eligible>undetermined undetermined>ineligible"),
    ),
    "an option": Edit(
        ((f"[technology, product]}}\n{TRANSFORMED}", f"[product]}}\n{TRANSFORMED}"),),
        PRODUCT,
        moves("eligible>ineligible eligible>undetermined undetermined>ineligible"),
    ),
    "a yearly cap": Edit(
        (("cap: {amount: 10万元, scope: per_year}", "cap: {amount: 8万元, scope: per_year}"),),
        COMMISSION,
        moves("amount"),
    ),
    "a rate": Edit((("rate: 1%", "rate: 2%"),), INVESTMENT, moves("amount")),
    "a hard condition made soft": Edit(
        (("{field: investment.result_transformation, equals: true}",
          "{field: investment.result_transformation, equals: true, soft: true, why: 存疑}"),),
        INVESTMENT,
        moves("ineligible>undetermined ineligible>eligible undetermined>eligible"),
        texts=2,
    ),
    "a judgement taken away": Edit(
        (("      - {judgement: lf16-significant-benefit}\n", ""),),
        INVESTMENT,
        moves("ineligible>eligible ineligible>undetermined undetermined>eligible"),
    ),
    "a benefit without amount": Edit(
        (("benefit: {kind: market_access, text: 开放市场资源、宣传推广和应用}", "benefit: {kind: award, amount: 1万元}"),),
        PRODUCT,
        moves("amount"),
    ),
}  # fmt: skip


def compared(old: Pack, new: Pack, **settings: object) -> PackDifference:
    return differences(old, new, today=TODAY, **settings)  # type: ignore[arg-type]


def only(found: PackDifference) -> MeasureChange:
    (changed,) = [measure for measure in found.measures if measure.changed]
    return changed


def screened_alike(change: MeasureChange, old: Pack, new: Pack) -> None:
    """What is shown of each region is what the whole packs say of its witness."""
    for region in change.regions:
        for pack, shown in ((old, region.old), (new, region.new)):
            results = screen(region.witness, pack, as_of=region.days[0]).results
            (result,) = [item for item in results if item.measure == change.id]
            found = result.items[0] if region.which == "listed" and region.whole and result.items else result
            assert (found.verdict, found.amount_range_yuan) == (shown.verdict, shown.range)


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_shows_where_it_changes(name: str, edited: Edited) -> None:
    edit = EDITS[name]
    old, new = load_version(LANGFANG), load_version(edited(*edit.changes))
    change = only(compared(old, new, as_of=DAY))
    assert change.id == edit.measure and change.complete
    assert len(change.texts) == edit.texts
    found = {"amount" if r.amount else f"{r.old.verdict}>{r.new.verdict}" for r in change.regions}
    assert found == edit.moves
    screened_alike(change, old, new)


def test_other_order_is_no_difference(edited: Edited) -> None:
    """Conditions in another order mean the same, and nothing in words has changed either."""
    kind = "      - {field: recognition.kind, equals: alliance}\n"
    level = "      - {level: recognition, tier: prefecture, of: 廊坊市, label: 廊坊市级认定}\n"
    new = edited((kind + level, level + kind))
    found = compared(load_version(LANGFANG), load_version(new))
    assert not found.changed
    assert {item["proven"] for item in plain(found)["measures"]} == {PROVEN}


def test_a_label_is_a_difference_in_words_alone(edited: Edited) -> None:
    new = edited(("label: 投资已经发生", "label: 已经投资"))
    change = only(compared(load_version(LANGFANG), load_version(new)))
    assert change.regions == () and change.complete and not change.examined
    (text,) = change.texts
    assert text.what == "条件" and "投资已经发生" in str(text.old) and "已经投资" in str(text.new)


def test_a_condition_in_other_words_is_proven_the_same(edited: Edited) -> None:
    """Not by its form but by the solver: no profile tells ``not A or not B`` from ``not (A and B)``."""
    both = (
        "      - not: {any: [{not: {field: product.transformed, equals: true}},"
        " {not: {field: product.transformed_division, within: 廊坊市}}]}\n    benefit: {kind: market"
    )
    found = compared(load_version(LANGFANG), load_version(edited((TRANSFORMED, both))), as_of=DAY, measures=[PRODUCT])
    (change,) = found.measures
    assert change.examined and change.complete and change.regions == ()
    assert plain(found)["measures"][0]["proven"] == PROVEN


def test_validity_is_examined_at_its_edges(edited: Edited) -> None:
    """A year less: on its last day nothing is in force any more; the year before nothing changes but amounts by year."""
    new = edited(("    to: 2018-12-31\n    basis", "    to: 2017-12-31\n    basis"))
    found = compared(load_version(LANGFANG), load_version(new), measures=[PRODUCT])
    (change,) = found.measures
    assert date(2018, 12, 31) in change.days and date(2017, 12, 31) in change.days
    assert change.complete
    assert {(r.old.verdict, r.new.verdict) for r in change.regions} == {
        (verdict, "not_in_force") for verdict in ("eligible", "undetermined", "ineligible")
    }
    assert all(day.year == 2018 for region in change.regions for day in region.days)


def test_added_and_removed_measures() -> None:
    whole, one = load_pack(BUILT_IN), load_version(LANGFANG)
    found = compared(one, whole, as_of=DAY, measures=["zgc-hnte-qualified-cultivation", PRODUCT])
    assert {(m.id, m.kind) for m in found.measures} == {("zgc-hnte-qualified-cultivation", "added"), (PRODUCT, "both")}
    back = compared(whole, one, as_of=DAY, measures=["zgc-hnte-qualified-cultivation"])
    assert [m.kind for m in back.measures] == ["removed"] and back.changed


def test_too_many_regions_are_said_to_be_incomplete(edited: Edited) -> None:
    new = edited(*EDITS["a threshold"].changes)
    (change,) = [m for m in compared(load_version(LANGFANG), load_version(new), as_of=DAY, most=2).measures if m.changed]
    assert not change.complete and "2" in change.why and len(change.regions) == 2


def test_a_field_that_one_version_lacks_is_left_out_there(tmp_path: Path) -> None:
    """A new option: a profile that names it says nothing to the old version."""
    words = next((TEMPLATE / "vocabulary").glob("*.yaml"))
    old = pack_of(tmp_path, measure("{field: size, in: [small, micro]}"))
    more = words.read_text("utf-8").replace("micro: 微型}", "micro: 微型, tiny: 个体户}")
    new = pack_of(tmp_path, measure("{field: size, in: [small, micro, tiny]}"), **{f"vocabulary/{words.stem}": more})
    found = compared(old, new, as_of=date(2021, 6, 30))
    (change,) = found.measures
    assert change.complete
    assert any("个体户" in str(text.new) for text in found.texts)
    assert ("undetermined", "eligible") in {(r.old.verdict, r.new.verdict) for r in change.regions}
