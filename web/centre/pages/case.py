"""One enterprise: where it stands by every measure, each opened on request; who has it, notes, screening again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from engine.diagnostics import InputError
from engine.yaml_text import readable
from web.centre import cases
from web.centre.bringing import Brought
from web.centre.cases import Case
from web.centre.outcomes import GROUP_OF
from web.centre.pages.guard import acting, allowed, office, person
from web.centre.privacy import Veil
from web.centre.remaking import profile_in
from web.centre.store.database import reading, writing
from web.centre.watching.news import ending_of
from web.site.board import Board, Filters, sheets
from web.site.opened import WORDS, opened, question_key
from web.site.visit import FRAGMENT, problems_of
from web.summary import Summary, summarise
from web.texts import gettext as _
from web.told import told

pages = Blueprint("case", __name__)
SHOWN_NOTES = 5


@pages.get("/enterprise/<int:number>")
@allowed("see")
def show(number: int) -> Answer:
    """The enterprise and all measures by group; none of their conditions is drawn yet."""
    return _page(number)


@pages.get("/enterprise/<int:number>/measure/<measure>")
@allowed("see")
def measure(number: int, measure: str) -> Answer:
    """One measure opened: a page of its own, or the part alone for the pages' own script."""
    with reading(office().engine) as session:
        case = _case(session, number)
    found = case.made
    if found is None or all(result.measure != measure for result in found.results):
        abort(404)
    summary = summarise(Veil.of(case.pack, person().role, [measure]).determination(found), case.pack)
    line = next(line for line in summary.lines if line.result.measure == measure)
    texts = office().service.texts if case.program is office().service.program else {}
    template = "measure_opened" if request.headers.get(FRAGMENT) else "measure_page"
    return make_response(
        render_template(
            f"centre/{template}.html",
            case=case,
            number=number,
            summary=summary,
            waits=cases.waits_of(line.result, case.pack),
            **opened(line, case.pack, texts),
            **WORDS,
        )
    )


@pages.post("/enterprise/<int:number>/assign")
@allowed("assign")
def assign(number: int) -> Answer:
    """Take the case, give it to somebody, or put it back."""
    wanted = {"take": person().id, "back": None, "give": _number("to")}
    action = request.form.get("do", "")
    if action not in wanted or (action == "give" and wanted["give"] is None):
        abort(400)
    try:
        with writing(office().engine) as session:
            cases.hand_over(session, number, _number("version") or 0, wanted[action], acting(session))
    except cases.Overtaken:
        return _page(number, 409, problem=_("刚才有人改过这家企业，承办人没有动。下面是现在的样子，请看过再决定。"))
    except LookupError:
        abort(404)
    return redirect(url_for(".show", number=number, done="assigned"), 303)


@pages.post("/enterprise/<int:number>/notes")
@allowed("assign")
def add_note(number: int) -> Answer:
    """A remark for colleagues."""
    text = readable(request.form.get("text", "")).replace("\r\n", "\n").strip()
    if problem := cases.note_problem(text):
        return _page(number, 422, note=text, note_problem=problem)
    try:
        with writing(office().engine) as session:
            cases.add_note(session, number, text, acting(session))
    except LookupError:
        abort(404)
    return redirect(url_for(".show", number=number, done="noted", _anchor="notes"), 303)


@pages.post("/enterprise/<int:number>/screen")
@allowed("watch")
def screen(number: int) -> Answer:
    """Screen again by the rules and the date of now."""
    here = office().service
    try:
        with writing(office().engine) as session:
            changed = cases.rescreen(session, number, here.program, here.today(), acting(session))
    except LookupError:
        abort(404)
    except InputError as error:
        why = _("现在的规则读不懂这份资料，没有重新对照：%s") % _("；").join(problems_of(error))
        return _page(number, 422, problem=why)
    return redirect(url_for(".show", number=number, done="screened" if changed else "screened-same"), 303)


def _page(number: int, status: int = 200, *, problem: str = "", note: str = "", note_problem: str = "") -> Answer:
    with reading(office().engine) as session:
        case = _case(session, number)
        notes, handlers = cases.notes_of(session, number), cases.handlers(session)
        ending = ending_of(session, number, office().service.today())
    page = render_template(
        "centre/case.html",
        case=case,
        number=number,
        head=cases.head_in_words(case.enterprise, office().service.pack),
        notes=notes,
        shown_notes=SHOWN_NOTES,
        longest_note=cases.LONGEST_NOTE,
        handlers=handlers,
        ending=ending,
        letters=GROUP_OF,
        problem=problem,
        note=note,
        note_problem=note_problem,
        **_result(case),
        **WORDS,
    )
    return make_response(page, status)


def _result(case: Case) -> dict[str, Any]:
    """What the page shows of the determination and the profile; nothing where their content is no more."""
    veil = Veil.of(case.pack, person().role)
    shown: dict[str, Any] = {"summary": None, "board": None, "sheets": [], "told": None, "claims": 0}
    if case.made is not None:
        summary: Summary = summarise(veil.determination(case.made), case.pack)
        everything = frozenset(line.result.measure for line in summary.lines)
        shown |= {"summary": summary, "board": Board(summary, Filters(), {}, everything), "sheets": sheets(summary)}
    shown["question_key"] = lambda path: question_key(path, case.pack)
    if case.profile is not None and case.profile.data is not None:
        shown["claims"] = Brought(case.profile.data).claims
        try:
            shown["told"] = told(profile_in(case.profile, case.program), case.pack, veil.value)
        except InputError:
            # These rules cannot read it; the form says what to mend.
            shown["told"] = None
    return shown


def _case(session: Session, number: int) -> Case:
    here = office().service
    case = cases.case_of(session, number, here.program, here.today())
    if case is None:
        abort(404)
    return case


def _number(name: str) -> int | None:
    """A number of a row in the form; None where there is none."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
