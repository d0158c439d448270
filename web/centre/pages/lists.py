"""Lists: handed in, their columns understood with a person, worked on elsewhere, and what came of them."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as Answer

from engine.diagnostics import Finding, InputError
from engine.quantities import format_date
from web.centre.lists import arriving, jobs, rejected
from web.centre.lists.answered import Answered, answered
from web.centre.lists.jobs import Busy
from web.centre.lists.progress import STATES, progress, summary
from web.centre.lists.shelf import Laid, Shelf, told
from web.centre.lists.tasks import wake
from web.centre.lists.understood import EDITIONS, UNITS, Understood, choices, rows, understood
from web.centre.pages.guard import acting, allowed, large, office, person, unattended
from web.centre.store.database import now, reading, writing
from web.centre.store.tables import ListJob, User
from web.texts import gettext as _

pages = Blueprint("lists", __name__)
REQUEST = 200 * 1024 * 1024
PAGE = 50
_CSV, _XLSX = "text/csv; charset=utf-8", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/lists")
@allowed("see")
def index() -> str:
    """All lists, the newest first, and handing in another."""
    return _index([])


@pages.post("/lists")
@allowed("intake")
@large(REQUEST)
def hand_in() -> Answer:
    """Take a list in: its files are put away, and read once to see whether they can be."""
    given = [file for file in request.files.getlist("files") if file.filename]
    try:
        job = arriving.hand_in(office(), given, person().id)
    except InputError as error:
        return make_response(_index(told(error.findings)), 422)
    return redirect(url_for(".show", number=job.id), 303)


@pages.get("/lists/<int:number>")
@allowed("see")
def show(number: int) -> Answer:
    """One list: its mapping, how far it is, or what came of it."""
    return _show(_job(number), 200)


@pages.post("/lists/<int:number>")
@allowed("intake")
def answer(number: int) -> Answer:
    """Keep what the columns are read as, and begin the work where that is wanted and nothing is open."""
    job, form = _job(number), request.form.to_dict(flat=False)
    said = answered(form, job.mapping or "")
    as_of = _day(request.form.get("as_of", ""), said)
    try:
        seen = _understood(job, said.mapping)
    except InputError as error:
        return _show(job, 422, told(error.findings))
    start = request.form.get("do") == "start"
    if said.wrong or seen.wrong or (start and seen.open):
        return _show(job, 422, wrong=said.wrong, seen=seen, as_of=as_of)
    return _kept(job, seen, as_of or job.as_of, start)


@pages.post("/lists/<int:number>/mapping")
@allowed("intake")
def bring(number: int) -> Answer:
    """A mapping as ``huiqi batch`` takes it, from a file or as text."""
    job, given = _job(number), request.files.get("file")
    try:
        text = given.read().decode("utf-8-sig") if given and given.filename else request.form.get("text", "")
        if not text.strip():
            raise InputError([Finding(_("映射"), 0, 0, "centre-list", _("没有内容"), _("请选一个文件，或粘贴文本"))])
        seen = _understood(job, text)
    except UnicodeDecodeError:
        return _show(job, 422, [_("映射文件不是 UTF-8 文本。")])
    except InputError as error:
        return _show(job, 422, told(error.findings))
    if seen.wrong:
        return _show(job, 422, list(seen.wrong))
    return _kept(job, seen, job.as_of, start=False)


@pages.get("/lists/<int:number>/mapping.yaml")
@allowed("see")
def mapping(number: int) -> Answer:
    """The mapping, to be saved."""
    job = _job(number)
    try:
        text = job.mapping or ("" if job.removed_on is not None else _understood(job, "").yaml)
    except InputError as error:
        return _show(job, 422, told(error.findings))
    return _saved(make_response(text), "application/yaml; charset=utf-8", "mapping.yaml", _("映射-%d.yaml") % job.id)


@pages.get("/lists/<int:number>/progress")
@allowed("see")
@unattended
def state(number: int) -> Answer:
    """How far it is, for the script that keeps the page up to date."""
    return jsonify(progress(_job(number), now()).plain())


@pages.post("/lists/<int:number>/cancel")
@allowed("intake")
def cancel(number: int) -> Answer:
    """Stop the work; what is stored stays."""
    job = _job(number)
    with writing(office().engine) as session:
        try:
            jobs.cancel(session, acting(session), session.get_one(ListJob, job.id), office().settings.now())
        except Busy:
            abort(409, _("这份名单现在没有在处理。"))
    return redirect(url_for(".show", number=number, done="list-cancelled"), 303)


@pages.post("/lists/<int:number>/remove")
@allowed("intake")
def remove(number: int) -> Answer:
    """Delete the files of a list; what was stored of it stays."""
    job, shelf = _job(number), Shelf(office().settings.lists)
    with writing(office().engine) as session:
        try:
            jobs.remove(session, acting(session), session.get_one(ListJob, job.id), office().service.today())
        except Busy:
            abort(409, _("这份名单正在处理，或者文件已经删除。"))
    # The row goes first, so what a crash leaves of the files is found by who erases.
    shelf.clear_rejects(job.id)
    arriving.drop(office().engine, shelf, job.digest)
    return redirect(url_for(".show", number=number, done="list-removed"), 303)


@pages.get("/lists/<int:number>/rejects.<any(csv, xlsx):kind>")
@allowed("notify")
def rejects(number: int, kind: str) -> Answer:
    """What was not used, as a table: cells as they were written, people in them too, so not for who sees nobody."""
    job = _job(number)
    if job.removed_on is not None:
        abort(410)
    if kind == "xlsx" and rejected.count(job) > rejected.MOST_ROWS:
        abort(409, _("未采用的超过 %s 条，请下载 CSV。") % f"{rejected.MOST_ROWS:,}")
    shelf = Shelf(office().settings.lists)
    try:
        pieces = rejected.pieces(kind, shelf.rejects_by_slice(job.id, job.slices), shelf.folder)
    except FileNotFoundError:
        abort(410)
    media_type = _CSV if kind == "csv" else _XLSX
    named = _("未采用-%(number)d.%(kind)s") % {"number": job.id, "kind": kind}
    return _saved(Response(pieces), media_type, f"rejects.{kind}", named)


def _job(number: int) -> ListJob:
    with reading(office().engine) as session:
        job = session.get(ListJob, number)
    if job is None:
        abort(404)
    return job


def _laid(job: ListJob) -> Laid:
    if job.removed_on is not None:
        abort(410)
    return Laid(job.digest, tuple(job.files))


def _understood(job: ListJob, mapping: str) -> Understood:
    """What would be read of a list. Raises InputError; what was deleted is gone, meanwhile too."""
    try:
        return understood(office(), _laid(job), mapping)
    except (InputError, OSError):
        _laid(_job(job.id))
        raise


def _day(text: str, said: Answered) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        said.wrong["as_of"] = _("请填写评估日，例如 2026-11-22")
        return None
    today = office().service.today()
    if day > today:
        said.wrong["as_of"] = _("评估日不能晚于今天（%s）") % format_date(today)
    return day


def _kept(job: ListJob, seen: Understood, as_of: date, start: bool) -> Answer:
    with writing(office().engine) as session:
        row = session.get_one(ListJob, job.id)
        try:
            jobs.map_to(session, acting(session), row, seen.yaml, as_of)
            if start:
                jobs.start(session, acting(session), row)
        except Busy:
            abort(409, _("这份名单正在处理，或者已经完成。"))
    if start:
        wake(office().settings, job.id)
    done = "list-started" if start else "list-mapped"
    return redirect(url_for(".show", number=job.id, done=done), 303)


def _index(problems: list[str]) -> str:
    before = request.args.get("before", "")
    query = select(ListJob, User.full_name).join(User, ListJob.by_id == User.id).order_by(ListJob.id.desc())
    if before.isdecimal() and len(before) < 10:
        query = query.where(ListJob.id < int(before))
    with reading(office().engine) as session:
        found = [(job, by) for job, by in session.execute(query.limit(PAGE + 1))]
    return render_template(
        "centre/lists.html", lists=found[:PAGE], more=len(found) > PAGE, states=STATES, problems=problems, summary=summary
    )


def _show(
    job: ListJob,
    status: int,
    problems: list[str] | None = None,
    wrong: dict[str, str] | None = None,
    seen: Understood | None = None,
    as_of: date | None = None,
) -> Answer:
    problems = list(problems or ())
    editable = job.state in jobs.STARTABLE and job.removed_on is None
    if editable and seen is None:
        try:
            seen = _understood(job, job.mapping or "")
        except InputError as error:
            problems += told(error.findings)
    with reading(office().engine) as session:
        by = session.get_one(User, job.by_id).full_name
    page = render_template(
        "centre/list.html", job=job, by=by, progress=progress(job, now()), summary=summary(job), seen=seen,
        problems=[*problems, *(seen.wrong if seen else ())], wrong=wrong or {}, as_of=as_of or job.as_of, today=office().service.today(),
        sheet=rejected.count(job) <= rejected.MOST_ROWS, may_answer=editable and person().may("intake"),
        rows=rows(office().service.pack), units=UNITS, editions=EDITIONS,
        choices={row: choices(office().service.pack, row) for row in {sheet.row for sheet in seen.sheets}} if seen else {},
    )  # fmt: skip
    return make_response(page, status)


def _saved(answer: Answer, media_type: str, plain: str, name: str) -> Answer:
    answer.headers["Content-Type"] = media_type
    answer.headers["Content-Disposition"] = f"attachment; filename={plain}; filename*=UTF-8''{quote(name)}"
    return answer
