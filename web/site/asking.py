"""Asking: one question a page, the one worth most; it stops with a proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.assessment import assess
from engine.pack import Pack
from engine.quantities import format_date
from engine.questions import Question, Questionnaire, Settled
from web.service import service
from web.site.forms.relevance import paths_read
from web.site.forms.sheet import Sheet, crowded, kinds_by_list
from web.site.forms.view import blank_list_view, control_view, list_view
from web.site.state import State
from web.site.turns import Turn, nothing, opened, question_key, take
from web.summary import question_of
from web.texts import gettext as _

pages = Blueprint("asking", __name__)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A measure that stays open: what it waits for, in words, and the unclear answers by key and label."""

    title: str
    clause: str
    judgements: tuple[str, ...]
    policies: tuple[str, ...]
    unclear: tuple[tuple[str, str], ...]
    sharpened: str


@pages.get("/ask")
def begin() -> Response:
    """A question is about what was told before, which only a form brings."""
    return redirect(url_for("home.home"))


@pages.post("/ask")
def ask() -> str:
    """The answer that was sent is taken; the next question, or the one that was chosen, is shown."""
    here = service()
    state = State.read(request.form.get("state"))
    here.profile(state.data)
    turn = take(state, request.form.to_dict(flat=False), here.pack)
    day = turn.state.as_of or here.today()
    skipped = {*turn.state.skipped, *crowded(turn.state.data, here.pack)}
    asking = Questionnaire(here.program, here.profile(turn.state.data), day, skipped=skipped)
    question = asking.next()
    if turn.key is not None:
        return _question(turn, turn.key, question if question and question.key == turn.key else None, asking)
    return _question(turn, question.key, question, asking) if question else _end(turn.state, asking, day)


def _question(turn: Turn, key: str, question: Question | None, asking: Questionnaire) -> str:
    """The page of one question; ``question`` is what the planner says of it, where it is the one it would ask."""
    pack = service().pack
    sheet = turn.sheet or opened(key, turn.state.data, pack)
    matter = question.fields if question and question.kind == "list" else paths_read(service().program)
    drawn = _drawn(key, sheet, pack, frozenset(matter))
    field = pack.vocabulary.fields.get(key)
    return render_template(
        "site/question.html",
        state=turn.state,
        key=key,
        title=question_of(key, pack),
        help=(field.spec.help if field else None) or "",
        question=question,
        measures=[pack.measure(id).spec.title for id in (question.measures if question else ())],
        problems=list(sheet.problems.values()),
        other_day=format_date(asking.as_of) if asking.as_of != service().today() else "",
        progress=asking.progress,
        can_be_none=nothing(key, pack) is not None,
        **drawn,
    )


def _drawn(key: str, sheet: Sheet, pack: Pack, matter: frozenset[str]) -> dict[str, object]:
    kind = kinds_by_list(pack).get(key)
    if kind is None:
        return {"control": control_view(key, sheet, pack), "records": None, "blank": None}
    return {
        "control": None,
        "records": list_view(key, sheet, pack, matter),
        "blank": blank_list_view(kind, pack, matter),
    }


def _end(state: State, asking: Questionnaire, day: date) -> str:
    settled = asking.settled()
    return render_template(
        "site/settled.html",
        state=state,
        other_day=format_date(day) if day != service().today() else "",
        progress=asking.progress,
        decided=len(settled.decided) if settled else 0,
        waiting=_waiting(settled, asking, service().pack) if settled else [],
    )


def _waiting(settled: Settled, asking: Questionnaire, pack: Pack) -> list[Waiting]:
    sharp = {"eligible": _("无论怎样都符合"), "ineligible": _("无论怎样都不符合")}
    found = []
    for item in settled.remaining:
        measure = pack.measure(item.measure)
        open_ = assess(asking.evaluated, [measure])[0].waiting_for
        unclear = {question_key(part.what, pack): None for part in open_ if part.kind == "fact"}
        found.append(
            Waiting(
                measure.spec.title,
                measure.spec.clause,
                tuple(dict.fromkeys(part.label for part in open_ if part.kind == "judgement")),
                tuple(dict.fromkeys(part.label for part in open_ if part.kind == "other_policy")),
                tuple((key, pack.vocabulary.label(key)) for key in unclear),
                sharp.get(settled.sharpened.get(item.measure, ""), ""),
            )
        )
    return found
