"""Judging: what waits, one matter with all that bears on it, the finding and the second person's word.

A record's name may be a person's, so addresses carry a mark of it instead: ``url_for(..., about=name)`` makes one.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from web.centre import choices, docket, evidence, judging, matters
from web.centre.evidence import Handed
from web.centre.filetypes import MOST, SUFFIXES, Unfit
from web.centre.judging import LONGEST, SHORTEST, Bench, Case, Moved, Refused, Seen, Word
from web.centre.looking import look
from web.centre.matters import Question
from web.centre.pages.guard import acting, allowed, large, office, person
from web.centre.privacy import Veil, together
from web.centre.roster import Query
from web.centre.rulings import Matter
from web.centre.store.database import reading, writing
from web.centre.store.tables import ProfileVersion, Stage
from web.summary import GROUPS
from web.texts import gettext as _

pages = Blueprint("judging", __name__)
REQUEST = MOST + 1024 * 1024
"""A file with what is written beside it."""
ANSWERS = {"yes": True, "no": False}
STAGES: dict[Stage, str] = {"proposed": _("提出"), "confirmed": _("认定或同意"), "rejected": _("不同意或撤回")}


@dataclass(frozen=True, slots=True)
class Told:
    """What a form said. ``word``: which of its buttons was pressed."""

    matter: Matter
    seen: Seen
    finding: str = ""
    reason: str = ""
    evidence: str = ""
    word: str = ""
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Told:
        """From the form of this request."""
        form = request.form
        return cls(
            Matter(form.get("judgement", ""), form.get("about") or None),
            Seen(_number(form.get("newest", "")), _number(form.get("profile", ""))),
            form.get("finding", ""), form.get("reason", ""), form.get("evidence", ""), form.get("word", ""),
        )  # fmt: skip


@pages.url_defaults
def _unnamed(endpoint: str, values: dict[str, Any]) -> None:
    """No name in an address."""
    if endpoint.endswith(".judge") and values.get("about"):
        values["about"] = _mark(values["about"])


@pages.get("/judging")
@allowed("see")
def index() -> str:
    """What waits for judgement, what waits for a second person, what is to be looked at again, what I wrote last."""
    pack, today, here = office().service.pack, office().service.today(), person()
    asked, after = matters.questions(pack), _number(request.args.get("after", ""))
    with reading(office().engine) as session:
        proposals = docket.proposals(session)
        overtaken = docket.overtaken(session, pack, today, max(after, 0))
        mine = docket.mine(session, here.id) if here.may("judge") else []
    own = [entry for entry in proposals.items if entry.ruling.waiting and entry.ruling.waiting.by_id == here.id]
    return render_template(
        "centre/judging.html", waiting=_waiting(asked.values()), proposals=proposals, own_proposals=own, overtaken=overtaken,
        mine=mine, stages=STAGES, label=lambda id: matters.label_of(id, pack), veiled=veiled,
    )  # fmt: skip


@pages.get("/judging/next")
@allowed("see")
def following() -> Answer:
    """The next enterprise that waits for a judgement, after the one numbered ``after``; else the list."""
    judgement = request.args.get("judgement", "")
    number, _left = _following(judgement, _number(request.args.get("after", "")))
    if number is None:
        return redirect(url_for(".index", done=request.args.get("done")), 303)
    return redirect(url_for(".judge", number=number, judgement=judgement, done=request.args.get("done")), 303)


@pages.get("/enterprise/<int:number>/judge")
@allowed("see")
def judge(number: int) -> Answer:
    """One matter of an enterprise."""
    return _page(number, request.args.get("judgement", ""), request.args.get("about"))


@pages.post("/enterprise/<int:number>/judge")
@allowed("judge")
@large(REQUEST)
def find(number: int) -> Answer:
    """Write down a finding, with the evidence that came with it."""
    told = Told.read()
    try:
        file = _file()
    except Unfit as unfit:
        return _again(number, told, {"file": unfit.why}, 422)
    folder = office().settings.evidence
    try:
        with (
            evidence.arriving(office().engine, folder, file) if file else nullcontext() as arrival,
            writing(office().engine) as session,
        ):
            bench, case = _bench(session), _case(session, number, told)
            if told.finding not in ANSWERS:
                raise Refused(_("请选择“成立”或“不成立”。"))
            rests_on = _number(told.evidence) if told.evidence else None
            if arrival is not None:
                rests_on = arrival.keep(session, number, bench.by, bench.at).id
            said = bench.find(case, told.seen, ANSWERS[told.finding], told.reason, rests_on)
    except (Moved, Refused) as error:
        return _refused(number, told, error)
    return _done(number, told, said)


@pages.post("/enterprise/<int:number>/judge/word")
@allowed("judge")
def word(number: int) -> Answer:
    """A second person's word on what waits, or the wish to withdraw what counts."""
    told = Told.read()
    try:
        with writing(office().engine) as session:
            bench, case = _bench(session), _case(session, number, told)
            if told.word == "confirm":
                said = bench.confirm(case, told.seen, told.reason)
            elif told.word == "reject":
                said = bench.reject(case, told.seen, told.reason)
            elif told.word == "withdraw":
                said = bench.withdraw(case, told.seen, told.reason)
            else:
                abort(400)
    except (Moved, Refused) as error:
        return _refused(number, told, error)
    return _done(number, told, said)


def _bench(session: Session) -> Bench:
    service = office().service
    at, four_eyes = office().settings.now(), choices.read(session).four_eyes
    return Bench(session, service.program, service.today(), acting(session), at, four_eyes)


def _case(session: Session, number: int, told: Told) -> Case:
    found = judging.case_of(session, number, told.matter)
    if found is None:
        abort(404)
    return found


def _file() -> Handed | None:
    """The file that came with the form. Raises Unfit."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return None
    with given.stream as stream:
        return evidence.handed(given.filename, stream.read())


def _done(number: int, told: Told, said: Word) -> Answer:
    """On to the same page; or to the next: another record of this enterprise that waits, else the next enterprise."""
    judgement, about = told.matter
    if request.form.get("then") != "next":
        return redirect(url_for(".judge", number=number, judgement=judgement, about=about or "", done=said.action), 303)
    service = office().service
    with reading(office().engine) as session:
        found = look(session, number, judgement, None, service.program, service.today()) if about else None
    if found is not None and found.open:
        about = found.open[0].about
        return redirect(url_for(".judge", number=number, judgement=judgement, about=about or "", done=said.action), 303)
    return redirect(url_for(".following", judgement=judgement, after=number, done=said.action), 303)


def _refused(number: int, told: Told, error: Moved | Refused) -> Answer:
    if isinstance(error, Moved):
        return _again(number, told, {}, 409)
    return _again(number, told, {"word" if told.word else "reason": error.why}, 422)


def _again(number: int, told: Told, problems: dict[str, str], status: int) -> Answer:
    judgement, about = told.matter
    return _page(number, judgement, _mark(about) if about else "", replace(told, problems=problems), status)


def _page(number: int, judgement: str, about: str | None, told: Told | None = None, status: int = 200) -> Answer:
    """The page of a matter; ``about`` is the mark of a record, "" the enterprise, None the first that waits."""
    service, here = office().service, person()
    wanted = None if about is None else lambda name: _mark(name) == about if name else about == ""
    with reading(office().engine) as session:
        found = look(session, number, judgement, wanted, service.program, service.today(), told.matter.about if told else None)
        if found is None:
            abort(404)
        # What was said names people as the profile called them then.
        rulings = [found.ruling, *(choice.ruling for choice in found.choices)]
        on = {row.on_profile_id for ruling in rulings for row in ruling.rows}
        then = session.execute(select(ProfileVersion.data).where(ProfileVersion.id.in_(on))).scalars().all()
    told = told or Told(found.case.matter, found.case.seen)
    following, left = _following(judgement, number)
    veil = Veil.of(service.pack, here.role, found.measures)
    page = render_template(
        "centre/judge.html", found=found, told=told, moved=status == 409, veil=veil,
        data=together(service.pack.vocabulary, [data or {} for data in (found.case.profile.data, *then)]),
        groups=GROUPS, following=following, left=left, shortest=SHORTEST, longest=LONGEST, suffixes=SUFFIXES,
        most=MOST // (1024 * 1024), newer=[item for item in found.spoken if item.row.id > told.seen.newest],
    )  # fmt: skip
    return make_response(page, status)


def _following(judgement: str, after: int) -> tuple[int | None, int]:
    """The next enterprise that waits for a judgement though nothing is proposed yet, and how many there are beside the
    one numbered ``after``."""
    snapshot = office().roster.snapshot()
    ids = snapshot.columns.ids[snapshot.select(Query(judgement=judgement))]
    with reading(office().engine) as session:
        proposed = docket.proposed(session, judgement)
    numbers = sorted({int(number) for number in ids} - proposed - {after})
    return next((number for number in [*(n for n in numbers if n > after), *numbers]), None), len(numbers)


def _waiting(asked: Iterable[Question]) -> list[tuple[str, list[tuple[Question, int]]]]:
    """What waits, by document: each judgement with how many enterprises."""
    pack, counts = office().service.pack, office().roster.snapshot().judgements(Query())
    found: dict[str, list[tuple[Question, int]]] = {}
    for question in asked:
        if count := counts.get(question.id, 0):
            title = pack.documents[question.measures[0].document].document.title
            found.setdefault(title, []).append((question, count))
    return list(found.items())


def veiled(judgement: str, about: str) -> str:
    """What a record is called in a list; the names of persons are masked there."""
    pack = office().service.pack
    question, veil = matters.question_of(judgement, pack), Veil.of(pack, person().role)
    kinds = {use.over for use in question.uses if use.over} if question else set()
    for kind in kinds:
        about = veil.value(f"{kind}.id", about)
    return about if kinds else _("（一条记录）")


def _mark(name: str) -> str:
    """Stands for a record's name in an address."""
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.digest(key, name.encode(), "sha256").hex()[:16]


def _number(text: str) -> int:
    """A number of a form; -1 where it is none, which is of nothing."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1
