"""The choices of a centre: kept as told, wrong ones refused with a sentence."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from web.centre import choices
from web.centre.choices import Choices
from web.centre.store.database import reading, writing

ALL = Choices("某区企业服务中心", "010-0000 0000", "某街 1 号", four_eyes=True, retention_years=5)


def test_what_is_chosen_is_kept(engine: Engine) -> None:
    with writing(engine) as session:
        assert choices.read(session) == Choices()
        assert choices.write(session, ALL) == ["name", "contact", "address", "four_eyes", "retention_years"]
    with writing(engine) as session:
        assert choices.read(session) == ALL
        assert choices.write(session, Choices(ALL.name, ALL.contact, ALL.address)) == ["four_eyes", "retention_years"]
    with reading(engine) as session:
        assert choices.read(session) == Choices(ALL.name, ALL.contact, ALL.address)


def test_a_form_is_read() -> None:
    form = {"name": "  某区\n企业\0服务中心 ", "four_eyes": "yes", "retention_years": " 5 "}
    assert choices.told(form) == (Choices("某区 企业服务中心", four_eyes=True, retention_years=5), {})


@pytest.mark.parametrize("years", ["0", "101", "-1", "1.5", "五", "²", "9" * 5000])
def test_years_that_are_none_are_refused(years: str) -> None:
    chosen, problems = choices.told({"retention_years": years})
    assert chosen.retention_years is None and list(problems) == ["retention_years"]


def test_a_text_that_the_table_cannot_hold_is_refused(engine: Engine) -> None:
    with writing(engine) as session:
        choices.write(session, Choices(name="惠" * choices.LONGEST))
    assert "最多 200 个字，现在有 201 个" in choices.told({"name": "惠" * 201})[1]["name"]


def test_the_stamp_changes_with_every_choice() -> None:
    one = {Choices(), Choices(name="a"), Choices(contact="a"), Choices(address="a"), Choices(four_eyes=True), ALL}
    assert len({choices.stamp(chosen) for chosen in one}) == len(one)
