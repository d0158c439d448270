"""Which findings count, from rows that are never changed: second persons, withdrawals, newer findings."""

from __future__ import annotations

import pytest

from web.centre.rulings import Matter, Ruling, rulings
from web.centre.store.tables import FindingRow, Stage

J = "a"


class Told:
    """Rows in order: ``(stage, finding)`` or ``(stage, number of the answered row)``."""

    def __init__(self) -> None:
        self.rows: list[FindingRow] = []

    def finding(self, stage: Stage, finding: bool, about: str | None = None, judgement: str = J) -> FindingRow:
        return self._add(FindingRow(judgement=judgement, about=about, finding=finding, stage=stage, answers_id=None))

    def word(self, stage: Stage, on: FindingRow) -> FindingRow:
        return self._add(
            FindingRow(judgement=on.judgement, about=on.about, finding=on.finding, stage=stage, answers_id=on.id)
        )

    def _add(self, row: FindingRow) -> FindingRow:
        row.id = len(self.rows) + 1
        self.rows.append(row)
        return row

    @property
    def ruling(self) -> Ruling:
        (found,) = rulings(self.rows).values()
        return found


@pytest.fixture
def told() -> Told:
    return Told()


def test_a_confirmed_finding_counts_and_a_newer_one_takes_its_place(told: Told) -> None:
    told.finding("confirmed", True)
    newer = told.finding("confirmed", False)
    assert told.ruling.counts is told.ruling.by is newer
    assert (told.ruling.newest, told.ruling.waiting) == (2, None)


def test_a_proposal_waits_and_counts_by_a_second_person_s_word(told: Told) -> None:
    earlier = told.finding("confirmed", True)
    proposal = told.finding("proposed", False)
    assert (told.ruling.counts, told.ruling.waiting) == (earlier, proposal)
    word = told.word("confirmed", proposal)
    assert (told.ruling.counts, told.ruling.by, told.ruling.waiting) == (proposal, word, None)


def test_a_rejected_proposal_leaves_what_counted(told: Told) -> None:
    earlier = told.finding("confirmed", True)
    told.word("rejected", told.finding("proposed", False))
    assert (told.ruling.counts, told.ruling.waiting) == (earlier, None)


def test_a_newer_proposal_takes_the_place_of_one_that_waits(told: Told) -> None:
    first = told.finding("proposed", True)
    second = told.finding("proposed", False)
    told.word("confirmed", first)
    assert (told.ruling.counts, told.ruling.waiting) == (None, second)


def test_a_withdrawn_finding_counts_no_more_and_can_be_made_anew(told: Told) -> None:
    told.word("rejected", told.finding("confirmed", True))
    assert (told.ruling.counts, told.ruling.by, told.ruling.waiting) == (None, None, None)
    again = told.finding("confirmed", True)
    assert told.ruling.counts is again


def test_withdrawing_what_was_replaced_changes_nothing(told: Told) -> None:
    old = told.finding("confirmed", True)
    new = told.finding("confirmed", False)
    told.word("rejected", old)
    assert told.ruling.counts is new


def test_a_withdrawal_may_wait_for_a_second_person(told: Told) -> None:
    found = told.finding("confirmed", True)
    wish = told.word("proposed", found)
    assert (told.ruling.counts, told.ruling.waiting, told.ruling.wants_withdrawal) == (found, wish, True)
    told.word("rejected", wish)
    assert (told.ruling.counts, told.ruling.waiting) == (found, None)
    told.word("confirmed", told.word("proposed", found))
    assert (told.ruling.counts, told.ruling.waiting) == (None, None)


def test_what_was_proposed_and_confirmed_is_withdrawn_by_its_own_number(told: Told) -> None:
    proposal = told.finding("proposed", True)
    told.word("confirmed", proposal)
    told.word("rejected", proposal)
    assert told.ruling.counts is None


def test_rows_do_not_tell_whether_a_second_person_is_wanted_now(told: Told) -> None:
    """One found alone, one with two people, one withdrawn alone: each stands as it was written."""
    alone = told.finding("confirmed", True, judgement="alone")
    both = told.finding("proposed", True, judgement="both")
    told.word("confirmed", both)
    gone = told.finding("proposed", True, judgement="gone")
    told.word("confirmed", gone)
    told.word("rejected", gone)
    found = rulings(told.rows)
    assert [found[Matter(name)].counts for name in ("alone", "both", "gone")] == [alone, both, None]


def test_matters_are_apart(told: Told) -> None:
    one, other = told.finding("confirmed", True, about="甲"), told.finding("confirmed", False, about="乙")
    whole = told.finding("proposed", True)
    found = rulings(told.rows)
    assert {matter: item.counts for matter, item in found.items()} == {
        Matter(J, "甲"): one, Matter(J, "乙"): other, Matter(J): None,
    }  # fmt: skip
    assert found[Matter(J)].waiting is whole
