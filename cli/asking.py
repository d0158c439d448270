"""The questionnaire as a conversation, line by line: it asks, reads, goes back, and ends with a proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cli.answers import Command, Unreadable, Value, read_answer, read_whether
from cli.columns import width
from cli.template import EXAMPLES
from engine.diagnostics import InputError
from engine.profile import Profile, profile_of
from engine.program import Program
from engine.questions import Question, Questionnaire, Settled
from engine.vocabulary import OPTIONS, RecordKind, VocabularyField

Data = dict[str, Any]
HELP = """\
直接写回答；选择题写序号或名称，可多选的用顿号隔开；金额、人数、日期可以写范围，如 2000-5000万。
不清楚  跳过这一题，以后不再问          没有    没有这一项
返回    回到上一题                      为什么  看这一题影响哪些措施
帮助    再看一遍这几行                  结束    不再问，按已有回答看结果"""
WIDTH = 100
SHOWN = 6
"""So many measures are named when somebody asks why."""


class Stopped(Exception):
    """The user wants to see the result, or there is no more input."""


class Back(Exception):
    """The user wants to go back to the question before."""


@dataclass(slots=True)
class Step:
    """What had been said before a question."""

    data: Data
    skipped: frozenset[str]


@dataclass(slots=True)
class Conversation:
    """Asks about ``data``, a profile as it is written, until nothing matters any more.

    ``say`` shows a line; ``hear`` waits for one and raises EOFError at the end of the input.
    """

    program: Program
    as_of: date
    data: Data
    say: Callable[[str], None]
    hear: Callable[[], str]
    skipped: frozenset[str] = frozenset()
    _past: list[Step] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        """What has been said so far."""
        return profile_of(self.data, self.program.pack.vocabulary, self.program.pack.tables)

    def run(self) -> Settled | None:
        """Ask until all is settled, which is returned; None where the user stopped before."""
        self.say(HELP)
        try:
            while True:
                planner = Questionnaire(self.program, self.profile, self.as_of, skipped=self.skipped)
                question = planner.next()
                if question is None:
                    return planner.settled()
                self._one(question, planner)
        except (Stopped, EOFError):
            return Questionnaire(self.program, self.profile, self.as_of, skipped=self.skipped).settled()

    def _one(self, question: Question, planner: Questionnaire) -> None:
        """One question: its answer goes into ``data``, or its key to what the user does not know."""
        step = Step(deepcopy(self.data), self.skipped)
        number = len(self._past) + 1
        rest = "" if question.assumed else f"，大约还有 {planner.progress.remain} 题"
        self.say("")
        self.say(f"第 {number} 题{rest}（{question.why}）")
        cards = _Cards(self, question) if question.kind == "list" else None
        try:
            if cards is None:
                self._field(question)
            else:
                cards.ask()
        except Back:
            self.data, self.skipped = step.data, step.skipped
            if cards is None or not cards.started:
                self._back()
            return
        self._past.append(step)

    def _back(self) -> None:
        if not self._past:
            self.say("这是第一题，前面没有了。")
            return
        before = self._past.pop()
        self.data, self.skipped = before.data, before.skipped

    def _field(self, question: Question) -> None:
        typed = self.program.pack.vocabulary.fields[question.key]
        value = self.value(typed, question)
        if value is None:
            self.skipped |= {question.key}
        else:
            self.data[question.key] = value.raw

    # What both kinds of question need

    def value(self, typed: VocabularyField, question: Question) -> Value | None:
        """The answer to a field; None where the user does not know it."""
        for line in _asked(typed):
            self.say(line)
        while True:
            try:
                answer = read_answer(self.hear(), typed, self.program.pack.tables)
            except Unreadable as problem:
                self.say(f"没有看懂：{problem.message}。")
                continue
            if isinstance(answer, Value):
                return answer
            if self.obey(answer, question):
                return None

    def whether(self, text: str, question: Question) -> bool | None:
        """Whether there is something; None where the user does not know."""
        self.say(text)
        while True:
            answer = read_whether(self.hear())
            if isinstance(answer, bool):
                return answer
            if answer is None:
                self.say("没有看懂，请写“有”“没有”或“不清楚”。")
            elif self.obey(answer, question):
                return None

    def obey(self, command: Command, question: Question) -> bool:
        """Do what was asked; True where the question is thereby answered with "I do not know"."""
        if command == "stop":
            raise Stopped
        if command == "back":
            raise Back
        if command == "help":
            self.say(HELP)
        if command == "why":
            for line in self._reasons(question):
                self.say(line)
        return command == "unclear"

    def _reasons(self, question: Question) -> Iterator[str]:
        """The measures that the answer may decide."""
        yield f"{question.why}："
        for id in question.measures[:SHOWN]:
            yield f"  · {self.program.pack.measure(id).spec.title}（{id}）"
        if len(question.measures) > SHOWN:
            yield f"  …… 共 {len(question.measures)} 项"


@dataclass(slots=True)
class _Cards:
    """The question about a record list: one card for each record."""

    talk: Conversation
    question: Question
    started: bool = False
    """Whether a card has an answer; going back then means this question anew."""
    card: Data = field(default_factory=dict)
    """The card that is being filled in."""
    unclear: bool = False
    """Whether something on a card is not known; the list is not asked about again then."""

    def ask(self) -> None:
        """Fill in what listed records lack, or take the list from the start."""
        given = self.talk.data.get(self.question.key)
        if given is None:
            self._new()
        else:
            self._complete(given["items"] if isinstance(given, dict) else given)
        if self.unclear:
            self.talk.skipped |= {self.question.key}

    @property
    def _kind(self) -> RecordKind:
        kinds = self.talk.program.pack.vocabulary.records.values()
        return next(kind for kind in kinds if kind.list == self.question.key)

    def _new(self) -> None:
        kind = self._kind
        answer = self.talk.whether(f"{kind.spec.question or kind.label}（有／没有／不清楚）", self.question)
        if answer is None:
            self.talk.skipped |= {self.question.key}
            return
        items: list[Data] = []
        if answer:
            try:
                partial = self._more(items)
            except (Stopped, EOFError):
                self._keep([*items, *([self.card] if self.card else [])])
                raise
            self.talk.data[self.question.key] = {"partial": True, "items": items} if partial else items
            return
        self.talk.data[self.question.key] = []

    def _keep(self, items: list[Data]) -> None:
        """What was filled in when the user stopped: there may be more."""
        if items:
            with suppress(InputError):
                self._profile(items)
                self.talk.data[self.question.key] = {"partial": True, "items": items}

    def _more(self, items: list[Data]) -> bool:
        """Take cards until there are no more; whether there may be some that the user does not know of."""
        while True:
            self.talk.say(f"—— {self._kind.label} 第 {len(items) + 1} 条 ——")
            card = self._card(items)
            items.append(card)
            answer = self.talk.whether("还有下一条吗？（有／没有／不清楚）", self.question)
            if not answer:
                return answer is None

    def _card(self, items: list[Data]) -> Data:
        """One record; a card that does not fit the others is taken anew."""
        while True:
            card = self.card = {}
            asked: list[str] = []
            while (path := next((path for path in self._fields(items, card) if path not in asked), None)) is not None:
                asked.append(path)
                self._fill(card, path)
            try:
                self._profile([*items, card])
            except InputError as error:
                self.talk.say(f"这一条有问题：{error.findings[0].message}。请重新填写这一条。")
                continue
            self.card = {}
            return card

    def _fill(self, card: Data, path: str) -> None:
        typed = self.talk.program.pack.vocabulary.fields[path]
        value = self.talk.value(typed, self.question)
        self.started = True
        if value is None:
            self.unclear = True
        else:
            card[typed.name] = value.raw

    def _fields(self, items: list[Data], card: Data) -> list[str]:
        """What still matters of a card that is being filled in; the year first, for the figures are those of a year."""
        first = "annual.fiscal_year"
        if self._kind.name == "annual":
            return [first, *(path for path in self.question.fields if path != first)]
        if not card:
            return list(self.question.fields)
        profile = self._profile([*items, card])
        return list(Questionnaire(self.talk.program, profile, self.talk.as_of).lacking(self.question.key))

    def _complete(self, items: list[Data]) -> None:
        """Ask for what is blank in listed records; what stays blank is not asked again."""
        before = deepcopy(items)
        for number, item in enumerate(items, start=1):
            lacking = [path for path in self.question.fields if path.rpartition(".")[2] not in item]
            if lacking:
                self.talk.say(f"—— {self._kind.label} 第 {number} 条{_named(item)} ——")
            for path in lacking:
                self._fill(item, path)
        if self._kind.name == "annual" and self.talk.whether("还有别的年度可以填吗？（有／没有／不清楚）", self.question):
            self._more(items)
        if items == before:  # nothing more to learn
            self.talk.skipped |= {self.question.key}

    def _profile(self, items: list[Data]) -> Profile:
        """The profile with these records. Raises InputError where they contradict one another."""
        pack = self.talk.program.pack
        return profile_of({**self.talk.data, self.question.key: items}, pack.vocabulary, pack.tables)


def _named(item: Data) -> str:
    return f"（{item['id']}）" if "id" in item else ""


def _asked(typed: VocabularyField) -> Iterator[str]:
    """A field's question, its help, and how to answer."""
    yield typed.spec.question or f"{typed.label}？"
    if typed.spec.help:
        yield f"  {typed.spec.help}"
    if typed.type in OPTIONS and typed.type != "yes_no":
        labels = [f"{number} {option.label}" for number, option in enumerate(typed.options.values(), start=1)]
        yield from _wrapped(labels)
        yield "  可多选，用顿号隔开；都没有写“没有”" if typed.type == "choices" else "  拿不准可写几个，表示其中之一"
    elif (example := EXAMPLES.get(typed.type)) is not None:
        yield f"  {example}"


def _wrapped(labels: list[str]) -> Iterator[str]:
    line = ""
    for label in labels:
        if line and width(line) + width(label) + 4 > WIDTH:
            yield f"  {line}"
            line = ""
        line = f"{line}  {label}" if line else label
    yield f"  {line}"
