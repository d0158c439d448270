"""Evidence about an enterprise: what there is, handing in more, and the files, which are only ever saved, never shown."""

from __future__ import annotations

import io

from flask import Blueprint, abort, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as Answer

from web.centre import cases, evidence
from web.centre.filetypes import MOST, SUFFIXES, Unfit
from web.centre.pages.guard import acting, allowed, large, office
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, Evidence, User
from web.texts import gettext as _

pages = Blueprint("evidence", __name__)
REQUEST = MOST + 1024 * 1024


@pages.get("/enterprise/<int:number>/evidence")
@allowed("see")
def index(number: int) -> Answer:
    """What there is."""
    return _page(number, "", 200)


@pages.post("/enterprise/<int:number>/evidence")
@allowed("judge")
@large(REQUEST)
def add(number: int) -> Answer:
    """Hand in a file."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return _page(number, _("请选择一个文件。"), 422)
    try:
        with given.stream as stream:
            file = evidence.handed(given.filename, stream.read())
    except Unfit as unfit:
        return _page(number, unfit.why, 422)
    settings = office().settings
    with evidence.arriving(office().engine, settings.evidence, file) as arrival, writing(office().engine) as session:
        enterprise = session.get(Enterprise, number)
        if enterprise is None:
            abort(404)
        if enterprise.erased_on is not None:
            abort(410)
        arrival.keep(session, number, acting(session), settings.now())
    return redirect(url_for(".index", number=number, done="evidence"), 303)


@pages.get("/evidence/<int:number>")
@allowed("see")
def show(number: int) -> Answer:
    """A file, to be saved."""
    with reading(office().engine) as session:
        row = session.get(Evidence, number)
    if row is None:
        abort(404)
    if row.erased_on is not None:
        abort(410)
    content = evidence.content_of(row, office().settings.evidence)
    if content is None:
        abort(500, _("这份证据的文件不见了，或内容与登记时不同，没有提供。请告诉负责人，从备份里找回。"))
    kind = row.media_type if row.media_type in evidence.MEDIA_TYPES else "application/octet-stream"
    answer = send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=row.name, max_age=None)
    # Whatever opens it all the same may do nothing.
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _page(number: int, problem: str, status: int) -> Answer:
    with reading(office().engine) as session:
        enterprise = session.get(Enterprise, number)
        if enterprise is None:
            abort(404)
        found = evidence.of_enterprise(session, number)
        people = {row.id: session.get_one(User, row.by_id).full_name for row in found}
        used = evidence.used(session, number)
    page = render_template(
        "centre/evidence.html", enterprise=enterprise, found=found, head=cases.head_in_words(enterprise, office().service.pack),
        people=people, used=used, problem=problem, suffixes=SUFFIXES, most=MOST // (1024 * 1024),
    )  # fmt: skip
    return make_response(page, status)
