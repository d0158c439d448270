"""What a visitor takes along: the report to print or as PDF, the determination, and the check of one."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, url_for
from flask_limiter import Limiter
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from engine.determination import Determination
from engine.diagnostics import InputError
from engine.verification import verify
from web import pdf_process, verifying
from web.paper import paper
from web.pdf import PdfUnavailable
from web.security import restrict
from web.service import MOST_RECORDS, service
from web.site.state import State
from web.texts import gettext as _

pages = Blueprint("reports", __name__)
PDF_RATE = "12 per minute"
MOST_PROBLEMS = 20
UPLOAD = _("认定记录")
LABELS = {"report": _("惠企对照报告"), "determination": _("认定记录")}


def guard(app: Flask) -> None:
    """A PDF takes seconds of a core, so one address gets few of them."""
    limiter: Limiter = next(iter(app.extensions["limiter"]))
    restrict(app, limiter, f"{pages.name}.{report_pdf.__name__}", PDF_RATE)


@pages.get("/report")
@pages.get("/report.pdf")
@pages.get("/determination.json")
def begin() -> Answer:
    """What was told travels in forms only: a bare address leads to the beginning."""
    return redirect(url_for("home.home"), 303)


@pages.post("/report")
def report() -> Response:
    """The report as a page to print."""
    state = _state()
    try:
        determination = _determined(state)
    except InputError as error:
        return _unreadable(error)
    bar = Markup(render_template("site/report_bar.html", state=state))
    sheets = [url_for("static", filename="report.css")]
    return make_response(paper(determination, service().pack, sheets=sheets, bar=bar))


@pages.post("/report.pdf")
def report_pdf() -> Response:
    """The report as a file."""
    try:
        determination = _determined(_state())
    except InputError as error:
        return _unreadable(error)
    try:
        made = pdf_process.made(paper(determination, service().pack))
    except PdfUnavailable as error:
        page = render_template("site/report_unavailable.html", problem=error.findings[0], state=_state())
        return make_response(page, 503, {"Retry-After": "30"})
    return _download(made, "application/pdf", "report", determination, "pdf")


@pages.post("/determination.json")
def determination_json() -> Response:
    """The determination: the very bytes of ``huiqi check --format json``."""
    try:
        determination = _determined(_state())
    except InputError as error:
        return _unreadable(error)
    return _download(determination.to_json().encode(), "application/json", "determination", determination, "json")


@pages.get("/verify")
def verify_form() -> str:
    """Where a determination can be put in."""
    return render_template("site/verify.html", found=None, problems=[])


@pages.post("/verify")
def verify_page() -> Response:
    """A determination made again and compared; nothing is kept."""
    upload = request.files.get("determination")
    data = upload.read() if upload else b""
    if upload:
        upload.close()
    try:
        found = verify(data, service().pack, UPLOAD, most_records=MOST_RECORDS)
    except InputError as error:
        return make_response(render_template("site/verify.html", found=None, problems=_said(error)), 400)
    return make_response(render_template("site/verify.html", found=found, problems=[], words=verifying))


def _state() -> State:
    return State.read(request.form.get("state"))


def _determined(state: State) -> Determination:
    """Raises InputError where the profile cannot be read."""
    return service().screen(service().profile(state.data), state.as_of or service().today())


def _unreadable(error: InputError) -> Response:
    page = render_template("site/result_unreadable.html", problems=_said(error), state=_state())
    return make_response(page, 400)


def _said(error: InputError) -> list[str]:
    """The first problems, without the code that only the command line shows."""
    return [f"{item.message}。{item.hint}" if item.hint else item.message for item in error.findings[:MOST_PROBLEMS]]


def _download(data: bytes, kind: str, what: str, determination: Determination, ending: str) -> Response:
    """A file named by what it is, of whom and of when; in plain letters for those who cannot read the other name."""
    name = "".join(char for char in determination.name or "" if char.isalnum() or char in "（）()·-")[:40]
    full = "-".join(part for part in (LABELS[what], name, determination.as_of) if part)
    plain = f"huiqi-{what}-{determination.as_of}.{ending}"
    disposition = f"attachment; filename={plain}; filename*=UTF-8''{quote(f'{full}.{ending}', safe='')}"
    return Response(data, content_type=kind, headers={"Content-Disposition": disposition})
