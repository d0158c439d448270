"""The questionnaire in Chinese: features/questionnaire.feature over the real packs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, step, then

from engine import Pack, load_pack
from engine.compiler import compile_pack
from engine.profile import profile_of
from engine.questions import Question, Questionnaire
from engine.selection import select
from tests.bdd.story import Table

TODAY = date(2026, 11, 22)
scenarios(str(Path(__file__).resolve().parents[2] / "features" / "questionnaire.feature"))


@cache
def pack(title: str | None) -> Pack:
    """All measures, or the one with this title; one pack each, so that it is compiled once."""
    whole = load_pack()
    if title is None:
        return whole
    (measure,) = [item for item in whole.measures if item.spec.title == title]
    return select(whole, (), (measure.spec.id,), lambda chosen, _: chosen, "")


@dataclass(slots=True)
class Interview:
    """What has been asked about and answered."""

    pack: Pack
    data: dict[str, Any] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)

    @property
    def planner(self) -> Questionnaire:
        profile = profile_of(self.data, self.pack.vocabulary, self.pack.tables)
        return Questionnaire(compile_pack(self.pack), profile, TODAY, skipped=self.skipped)

    def next(self) -> Question:
        question = self.planner.next()
        assert question is not None
        return question

    def key(self, label: str) -> str:
        """What a question is called: by the label of the field or of the records."""
        vocabulary = self.pack.vocabulary
        names = {field.label: field.path for field in vocabulary.enterprise}
        names |= {kind.label: kind.list for kind in vocabulary.records.values()}
        return names[label]


@pytest.fixture
def talk() -> list[Interview]:
    """The interview of the scenario, once it has begun."""
    return []


@given("问卷问全部有效的措施")
def _everything(talk: list[Interview]) -> None:
    talk.append(Interview(pack(None)))


@given(parsers.parse("问卷只问“{title}”"))
def _one(talk: list[Interview], title: str) -> None:
    talk.append(Interview(pack(title)))


@step(parsers.re("用户回答“(?P<label>[^”]+)”：“(?P<text>[^”]+)”"))
def _answers(talk: list[Interview], label: str, text: str) -> None:
    talk[0].data[talk[0].key(label)] = text


@step(parsers.parse("用户说“{label}”不清楚"))
def _unclear(talk: list[Interview], label: str) -> None:
    talk[0].skipped.add(talk[0].key(label))


@step(parsers.parse("用户说没有“{label}”"))
def _none(talk: list[Interview], label: str) -> None:
    talk[0].data[talk[0].key(label)] = []


@step(parsers.parse("用户填写“{label}”："))
def _fills(talk: list[Interview], label: str, datatable: Table) -> None:
    name = talk[0].key(label)
    (kind,) = [kind for kind in talk[0].pack.vocabulary.records.values() if kind.list == name]
    names = {field.label: field.name for field in kind.fields.values()}
    head, *rows = datatable
    talk[0].data[name] = [{names[title]: cell for title, cell in zip(head, row, strict=True)} for row in rows]


@then(parsers.re("下一题问“(?P<label>[^”]+)”$"))
def _asks(talk: list[Interview], label: str) -> None:
    assert talk[0].next().key == talk[0].key(label)


@then(parsers.re("下一题问“(?P<one>[^”]+)”或“(?P<other>[^”]+)”$"))
def _asks_either(talk: list[Interview], one: str, other: str) -> None:
    assert talk[0].next().key in {talk[0].key(one), talk[0].key(other)}


@then(parsers.re("下一题问“(?P<label>[^”]+)”，这是前提$"))
def _asks_assumption(talk: list[Interview], label: str) -> None:
    assert (talk[0].next().key, talk[0].next().assumed) == (talk[0].key(label), True)
    assert talk[0].planner.settled() is not None


@then(parsers.re("下一题问“(?P<label>[^”]+)”里的“(?P<fields>[^”]+)”$"))
def _asks_records(talk: list[Interview], label: str, fields: str) -> None:
    question = talk[0].next()
    labels = [talk[0].pack.vocabulary.fields[path].label for path in question.fields]
    assert (question.key, "、".join(labels)) == (talk[0].key(label), fields)


@then(parsers.parse("说明写着“{text}”"))
def _why(talk: list[Interview], text: str) -> None:
    assert talk[0].next().why == text


@then("还没有一项措施被判为不符合")
def _nothing_ruled_out(talk: list[Interview]) -> None:
    assert talk[0].planner.progress.settled == 0
    assert talk[0].planner.settled() is None


@then(parsers.parse("问完了，已有结论{decided:d}项，只等认定或其他政策{waiting:d}项"))
def _settled(talk: list[Interview], decided: int, waiting: int) -> None:
    assert talk[0].planner.next() is None
    settled = talk[0].planner.settled()
    assert settled is not None
    assert (len(settled.decided), len(settled.remaining)) == (decided, waiting)
    assert not any(item.unclear for item in settled.remaining)
