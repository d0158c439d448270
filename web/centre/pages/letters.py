"""Letters to one enterprise: what to put into them, how they read, and the files.

Nothing of what a clerk types stands in an address. Every file that is handed out is written into the log, with the
determination it rests on and its digest, so that a letter can be recognised later.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.determination import group_of
from engine.diagnostics import InputError
from web.centre import choices, keeping
from web.centre.cases import head_in_words
from web.centre.choices import Choices
from web.centre.letters import issued
from web.centre.letters.basis import Basis, basis_of
from web.centre.letters.letter import Letter
from web.centre.letters.opinion import opinion as opinion_letter
from web.centre.letters.pdf import body, pdf
from web.centre.letters.supply import Asked, choosable
from web.centre.letters.supply import supply as supply_letter
from web.centre.letters.word import docx
from web.centre.pages.guard import acting, allowed, office, person
from web.centre.store.database import reading, writing
from web.pdf import PdfUnavailable
from web.summary import GROUPS
from web.texts import gettext as _

pages = Blueprint("letters", __name__)
LONGEST = {"deadline": 60, "note": 500}
"""Characters of what a clerk adds."""
WRITERS: dict[str, tuple[Callable[[Letter], bytes], str]] = {
    "pdf": (pdf, "application/pdf"),
    "docx": (docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
}


@pages.get("/enterprise/<int:number>/letters")
@allowed("notify")
def index(number: int) -> Answer:
    """Which letters there can be, and which were issued."""
    try:
        basis = _basis(number)
    except InputError as error:
        return _none(error)
    with reading(office().engine) as session:
        made = issued.of(session, number)
    lines = {key: [item for item in basis.found.results if group_of(item) == key] for key in GROUPS}
    return make_response(
        render_template(
            "centre/letters.html", basis=basis, head=_head(basis), lines=lines, groups=GROUPS, issued=made,
            lacking=choosable(basis),
        )
    )  # fmt: skip


@pages.route("/enterprise/<int:number>/letters/supply", methods=["GET", "POST"])
@allowed("notify")
def supply(number: int) -> Answer:
    """补正通知: choose the measures, add a deadline and a remark, look at it."""
    try:
        basis = _basis(number)
    except InputError as error:
        return _none(error)
    asked, problems = _asked(basis)
    return _supply(basis, asked, problems if request.method == "POST" else {})


@pages.post("/enterprise/<int:number>/letters/supply.<any(pdf, docx):ending>")
@allowed("notify")
def supply_file(number: int, ending: str) -> Answer:
    """补正通知 as a file."""
    try:
        basis = _basis(number)
    except InputError as error:
        return _none(error)
    asked, problems = _asked(basis)
    if problems:
        return _supply(basis, asked, problems)
    letter = _supply_letter(basis, asked)
    try:
        return _handed_out(basis, letter, "supply", ending, list(asked.measures))
    except PdfUnavailable as error:
        return _supply(basis, asked, {"": _unavailable(error)}, 503)


@pages.route("/enterprise/<int:number>/letters/opinion", methods=["GET", "POST"])
@allowed("notify")
def opinion(number: int) -> Answer:
    """认定意见 on one measure: look at it, add a remark."""
    measure = request.values.get("measure", "")
    if not measure:
        return redirect(url_for("centre.letters.index", number=number), 303)
    try:
        basis = _basis(number)
    except InputError as error:
        return _none(error)
    note, problems = _note()
    return _opinion(basis, measure, note, problems)


@pages.post("/enterprise/<int:number>/letters/opinion.<any(pdf, docx):ending>")
@allowed("notify")
def opinion_file(number: int, ending: str) -> Answer:
    """认定意见 as a file."""
    measure = request.form.get("measure", "")
    try:
        basis = _basis(number)
    except InputError as error:
        return _none(error)
    note, problems = _note()
    result = basis.result(measure)
    if problems or result is None:
        return _opinion(basis, measure, note, problems)
    letter = _opinion_letter(basis, measure, note)
    try:
        return _handed_out(basis, letter, "opinion", ending, [measure])
    except PdfUnavailable as error:
        return _opinion(basis, measure, note, {"": _unavailable(error)}, 503)


def _basis(number: int) -> Basis:
    """Raises InputError where there can be no letter."""
    here = office().service
    with reading(office().engine) as session:
        return basis_of(session, number, here.program, here.today())


def _head(basis: Basis) -> list[str]:
    return head_in_words(basis.enterprise, office().service.pack)


def _supply_letter(basis: Basis, asked: Asked) -> Letter:
    seen = basis.seen_by(person().role, asked.measures)
    return supply_letter(seen, asked, _choices(), person().full_name, office().service.today())


def _opinion_letter(basis: Basis, measure: str, note: str) -> Letter:
    seen = basis.seen_by(person().role, [measure])
    return opinion_letter(seen, measure, note, _choices(), person().full_name, office().service.today())


def _choices() -> Choices:
    with reading(office().engine) as session:
        return choices.read(session)


def _asked(basis: Basis) -> tuple[Asked, dict[str, str]]:
    """What the form says; at first everything undetermined that lacks something."""
    possible = {result.measure: result for result in choosable(basis)}
    if request.method == "GET":
        chosen = [name for name, result in possible.items() if result.verdict == "undetermined"]
        wanted = request.args.getlist("measure")
        return Asked([name for name in wanted if name in possible] or chosen), {}
    sent = request.form.getlist("measure")
    asked = Asked([name for name in possible if name in sent], _line("deadline"), _line("note"))
    problems = _too_long()
    if not asked.measures:
        problems["measure"] = _("请至少选一项措施。")
    return asked, problems


def _note() -> tuple[str, dict[str, str]]:
    return (_line("note"), _too_long()) if request.method == "POST" else ("", {})


def _line(name: str) -> str:
    """One line, without what cannot be printed."""
    return "".join(sign for sign in " ".join(request.form.get(name, "").split()) if sign.isprintable())


def _too_long() -> dict[str, str]:
    return {
        name: _("最多 %(most)d 个字，现在有 %(now)d 个。") % {"most": most, "now": len(_line(name))}
        for name, most in LONGEST.items()
        if len(_line(name)) > most
    }


def _supply(basis: Basis, asked: Asked, problems: dict[str, str], status: int = 400) -> Answer:
    shown = _supply_letter(basis, asked) if asked.measures and not problems else None
    page = render_template(
        "centre/letters_supply.html", basis=basis, head=_head(basis), possible=choosable(basis), asked=asked, problems=problems,
        preview=body(shown, 4) if shown else "", groups=GROUPS, group_of=group_of, longest=LONGEST,
    )  # fmt: skip
    return make_response(page, status if problems else 200)


def _opinion(basis: Basis, measure: str, note: str, problems: dict[str, str], status: int = 400) -> Answer:
    result = basis.result(measure)
    if result is None:
        page = render_template("centre/letters_none.html", why=_("这次对照所用的规则里没有这项措施"), hint=_("请从文书页面里选"))
        return make_response(page, 404)
    letter = _opinion_letter(basis, measure, note)
    page = render_template(
        "centre/letters_opinion.html", basis=basis, head=_head(basis), result=result, note=note, problems=problems,
        preview=body(letter, 4), group=group_of(result), groups=GROUPS, longest=LONGEST,
    )  # fmt: skip
    return make_response(page, status if problems else 200)


def _handed_out(basis: Basis, letter: Letter, kind: issued.Kind, ending: str, measures: list[str]) -> Answer:
    """The file, once it is written down that it was issued. Raises PdfUnavailable."""
    write, media_type = WRITERS[ending]
    data = write(letter)
    said: dict[str, Any] = {"kind": kind, "ending": ending, "measures": measures, "determination": basis.row.id}
    with writing(office().engine) as session:
        keeping.audit(session, acting(session), issued.ACTION, basis.enterprise.id, **said, digest=sha256(data).hexdigest())
    plain = f"huiqi-{kind}-{basis.row.id}.{ending}"
    named = quote(f"{letter.title}-{_('认定记录')}{basis.row.id}.{ending}", safe="")
    disposition = f"attachment; filename={plain}; filename*=UTF-8''{named}"
    return Response(data, content_type=media_type, headers={"Content-Disposition": disposition})


def _unavailable(error: PdfUnavailable) -> str:
    (finding,) = error.findings
    return _("%(why)s。可以先下载 Word 文件。") % {"why": finding.message}


def _none(error: InputError) -> Answer:
    """There can be no letter: why, and what to do."""
    (finding,) = error.findings
    page = render_template("centre/letters_none.html", why=finding.message, hint=finding.hint)
    return make_response(page, 404 if finding.code == "letter-nobody" else 409)
