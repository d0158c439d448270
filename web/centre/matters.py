"""What a judgement asks, of whom, and by which measures: read off the rules. Pure: no database, no requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from engine.assessment import Assessed, in_force
from engine.conditions import All, Count, Every, Judgement, Node, Not, Operand, Ratio, Reference, Sum, Test
from engine.conditions import Any as AnyOf
from engine.dependencies import leaves_of, reads_record
from engine.determination import Waiting
from engine.pack import Measure, Pack
from engine.profile import Profile
from engine.wording import describe
from web.texts import gettext as _

Kind = Literal["judgement", "doubt", "policy"]


@dataclass(frozen=True, slots=True)
class Use:
    """A place in a measure's conditions where a judgement is asked. ``over`` is the record kind whose records it is
    about, None for the enterprise. ``doubted`` is the soft or open condition that it stands beside."""

    measure: Measure
    leaf: Judgement | Reference
    over: str | None
    doubted: Node | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. ``kind``: a judgement of the text, a doubt about a soft or open condition, or whether another
    policy's conditions are met. ``decided_by``: whom the text names, else the measures' departments."""

    id: str
    kind: Kind
    label: str
    question: str
    note: str
    decided_by: tuple[str, ...]
    named: bool
    """Whether the text itself says who decides this, rather than who is in charge of the measure."""
    uses: tuple[Use, ...]

    @property
    def open(self) -> bool:
        """Whether the doubt is what lies beyond a list that ends in 等."""
        doubted = self.uses[0].doubted
        return doubted is not None and doubted.note.open

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that ask it, each once, in the pack's order."""
        return tuple({use.measure.id: use.measure for use in self.uses}.values())


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a finding can be about. ``record``: the kind; ``label``: what people call it; ``waits``: a measure waits for
    it now. ``unnamed``: records without a name, which can only be judged together."""

    about: str | None
    label: str
    record: str | None = None
    waits: bool = False
    unnamed: bool = False


VERSIONS = 4
_KNOWN: dict[str, dict[str, Question]] = {}
"""By the version of the rules, which is a hash of them; for the last few."""


def questions(pack: Pack) -> Mapping[str, Question]:
    """Everything that a person has to judge by these rules, by its id, in the order of the measures."""
    if pack.version not in _KNOWN:
        if len(_KNOWN) >= VERSIONS:
            _KNOWN.clear()
        uses: dict[str, list[Use]] = {}
        for measure in pack.measures:
            for use in _uses(measure, measure.condition, measure.subject):
                uses.setdefault(use.leaf.id, []).append(use)
        _KNOWN[pack.version] = {id: _question(id, tuple(found), pack) for id, found in uses.items()}
    return _KNOWN[pack.version]


def question_of(id: str, pack: Pack) -> Question | None:
    """What a judgement (or an instrument's conditions) asks; None where the rules have none of this name."""
    return questions(pack).get(id)


def label_of(id: str, pack: Pack) -> str:
    """What a judgement is called, for lists; its id where the rules have none of this name."""
    question = question_of(id, pack)
    return question.label if question else pack.judgement_label(id)


def live(question: Question, pack: Pack, as_of: date) -> tuple[Use, ...]:
    """The places where it is asked by what is in force."""
    return tuple(use for use in question.uses if in_force(pack.documents[use.measure.document].document, as_of))


def targets(question: Question, pack: Pack, profile: Profile, as_of: date, assessed: Iterable[Assessed] = ()) -> list[Target]:
    """Whom the judgement is asked of at ``as_of``, the enterprise first, then records in the order of their lists."""
    found: dict[str | None, Target] = {}
    by_measure = {item.measure.id: item for item in assessed}
    for use in live(question, pack, as_of):
        for target in _targets_of(use, pack, profile, by_measure.get(use.measure.id)):
            known = found.get(target.about)
            if known is None or (target.waits and not known.waits):
                found[target.about] = target
    return sorted(found.values(), key=lambda target: target.about is not None)


def _question(id: str, uses: tuple[Use, ...], pack: Pack) -> Question:
    leaf, doubted = uses[0].leaf, uses[0].doubted
    departments = tuple(dict.fromkeys(name for use in uses for name in use.measure.spec.departments))
    if isinstance(leaf, Reference):
        title = pack.instrument_title(id)
        asked = _("该单位是否符合%s规定的条件？") % f"《{title.strip('《》')}》"
        return Question(id, "policy", title, asked, leaf.note.why, departments, False, uses)
    if doubted is not None:
        open_ = _("清单以“等”结尾：清单以外的这一情形是否包括在内？")
        asked = open_ if doubted.note.open else _("这一条件存疑：不满足时是否仍可适用？")
        return Question(id, "doubt", describe(doubted, pack), asked, doubted.note.why, departments, False, uses)
    spec = pack.judgements[id]
    decided_by = tuple(spec.decided_by)
    return Question(
        id, "judgement", spec.label, spec.question, spec.note, decided_by or departments, bool(decided_by), uses
    )


def _uses(measure: Measure, node: Node, over: str | None) -> Iterator[Use]:
    match node:
        case Judgement() | Reference():
            yield Use(measure, node, over)
        case AnyOf(parts, True):
            doubted, beside = parts
            yield from _uses(measure, doubted, over)
            own = over is not None and any(reads_record(leaf, over) for leaf in leaves_of(doubted))
            assert isinstance(beside, Judgement)
            yield Use(measure, beside, over if own else None, doubted)
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _uses(measure, part, over)
        case Not(part):
            yield from _uses(measure, part, over)
        case Every(kind, where, that):
            if where is not None:
                yield from _uses(measure, where, kind)
            yield from _uses(measure, that, kind)
        case Test(operand):
            for kind, filter_ in _filters(operand):
                yield from _uses(measure, filter_, kind)


def _filters(operand: Operand) -> Iterator[tuple[str, Node]]:
    match operand:
        case Count(kind, where) if where is not None:
            yield kind, where
        case Sum(path, where) if where is not None:
            yield path.partition(".")[0], where
        case Ratio(of, to):
            yield from _filters(of)
            yield from _filters(to)


def _targets_of(use: Use, pack: Pack, profile: Profile, assessed: Assessed | None) -> Iterator[Target]:
    wanted = _wanted(use, assessed)
    if use.over is None:
        yield Target(None, _("本单位"), waits=bool(wanted))
        return
    kind = pack.vocabulary.records[use.over]
    listed = profile.lists.get(use.over)
    for record in listed.records if listed else ():
        waits = record.index in wanted if use.over == use.measure.subject else bool(wanted)
        if record.id is None:
            yield Target(None, _("没有名称的%s") % kind.label, use.over, waits, unnamed=True)
        else:
            yield Target(record.id, f"{kind.label}：{record.id}", use.over, waits)


def _wanted(use: Use, assessed: Assessed | None) -> set[int]:
    """Which records of the subject wait for it; of an enterprise measure 0 where it waits."""
    if assessed is None:
        return set()
    if assessed.subjects is None:
        return {0} if _waits(use.leaf.id, assessed.waiting_for) else set()
    return {
        subject.solved.known.record.index
        for subject in assessed.subjects
        if subject.solved.known.record is not None and _waits(use.leaf.id, subject.waiting_for)
    }


def _waits(id: str, waiting: Iterable[Waiting]) -> bool:
    return any(item.what == id for item in waiting)
