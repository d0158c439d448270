"""Taking in one applicant: by the form of the whole profile, or by a file; a further version of one that is known.

Nothing is kept before its author has seen what it is compared with. A profile between two pages travels in the form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from engine.diagnostics import Finding, InputError
from engine.exact_json import read_json
from engine.profile import profile_of
from web import verifying
from web.centre import bringing, cases, intake, keeping
from web.centre.bringing import Brought
from web.centre.intake import Applicant, Namesakes, Newer, Seen, Taken
from web.centre.meeting import Met, met
from web.centre.pages.guard import acting, allowed, office
from web.centre.store.database import reading, writing
from web.centre.store.tables import Enterprise, Source
from web.site.forms.groups import asked, groups, untouched, whole
from web.site.forms.sheet import Problem, Sheet, blank_card, check, control_name, filled, sent
from web.texts import gettext as _
from web.told import told

pages = Blueprint("intake", __name__)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a form about one profile carries beside its questions: what its author has seen, where the profile came
    from, and what of it the page does not ask."""

    seen: Seen = field(default_factory=Seen)
    source: Source = "form"
    left: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, number: int | None = None) -> Draft:
        """From the form that was sent, about the enterprise ``number`` where that is known."""
        whose = request.form.get("whose", "")
        enterprise = number if number is not None else _digits(whose)
        version = _digits(request.form.get("version", "")) or 0
        seen = Seen(enterprise, version, whose == "another", firm=number is not None)
        source: Source = "correction" if number is not None else "file" if request.form.get("source") == "file" else "form"
        return cls(seen, source, _carried("left"))


@pages.get("/intake")
@allowed("intake")
def index() -> str:
    """The three ways."""
    return render_template("centre/intake.html", findings=[], text="")


@pages.get("/intake/form")
@allowed("intake")
def form() -> Answer:
    """The questions of a new applicant."""
    return _form(_filled({}, {}), Draft())


@pages.post("/intake/form")
@allowed("intake")
def fill() -> Answer:
    """The questions as they were answered: one card more, what is wrong, or kept."""
    if request.form.get("do") == "fill":
        data = _carried("told")
        left = untouched(data, office().service.pack)
        return _form(_filled(_readable(data), left), replace(Draft.read(), left=left))
    return _save(Draft.read())


@pages.post("/intake/file")
@allowed("intake")
def bring() -> Answer:
    """A file or a text: what it says, and what it is compared with."""
    file, text = request.files.get("file"), request.form.get("text", "")
    name = (file.filename if file else "") or ""
    try:
        with reading(office().engine) as session:
            content = file.read() if file is not None else b""
            here = office().service
            brought = bringing.from_file(session, name, content, here) if name else bringing.from_text(session, text, here)
        profile = here.profile(brought.data)
    except InputError as error:
        return _refused(error.findings, text)
    finally:
        if file is not None:
            file.close()
    lacking = intake.problems_of(profile)
    if lacking:
        left = untouched(brought.data, here.pack)
        sheet = _with(_filled(brought.data, left), lacking)
        return _form(sheet, Draft(source="file", left=intake.plain(left)), brought=brought)
    return _confirm(_applicant(brought.data), Seen(), brought=brought)


@pages.post("/intake/keep")
@allowed("intake")
def keep() -> Answer:
    """Keep what was brought."""
    try:
        applicant = _applicant(_carried("told"))
    except InputError as error:
        return _refused(error.findings, "")
    draft = Draft.read()
    try:
        return _kept(applicant, draft.seen, "file")
    except (Namesakes, Newer):
        return _confirm(applicant, draft.seen, 409)
    except Taken:
        # Somebody took it in meanwhile.
        return _confirm(applicant, Seen(), 409)


@pages.get("/enterprise/<int:number>/profile")
@allowed("intake")
def edit(number: int) -> Answer:
    """The newest profile version in a form."""
    with reading(office().engine) as session:
        newest = keeping.newest_profile(session, number)
        if session.get(Enterprise, number) is None:
            abort(404)
    pack = office().service.pack
    data = (newest.data if newest is not None else None) or {}
    # Rules that came later may not be able to read all of it.
    wrong = {path[0]: finding for path, finding in check(data, pack)[1]}
    data = {key: told for key, told in data.items() if key not in wrong}
    left = untouched(data, pack)
    seen = Seen(number, newest.number if newest is not None else 0, firm=True)
    return _form(_filled(data, left), Draft(seen, "correction", left), findings=list(wrong.values()))


@pages.post("/enterprise/<int:number>/profile")
@allowed("intake")
def change(number: int) -> Answer:
    """A further version of the profile."""
    return _save(Draft.read(number))


def _save(draft: Draft) -> Answer:
    here = office().service
    sheet = sent(request.form.to_dict(flat=False), asked(draft.left, here.pack), here.pack, draft.left)
    adding = request.form.get("add", "")
    if adding in sheet.lists:
        return _form(blank_card(replace(sheet, problems={}), adding), draft)
    if sheet.problems:
        return _form(sheet, draft, status=422)
    data = {**sheet.data, **draft.left}
    lacking = intake.problems_of(profile_of(data, here.pack.vocabulary, here.pack.tables))
    if lacking:
        return _form(_with(sheet, lacking), draft, status=422)
    try:
        applicant = _applicant(data)
    except InputError as error:
        return _form(sheet, draft, findings=error.findings, status=422)
    try:
        return _kept(applicant, draft.seen, draft.source)
    except Taken as error:
        problem = _("这个代码是另一家企业的：%(name)s。") % {"name": error.enterprise.name}
        return _form(_with(sheet, {intake.CODE: problem}), draft, status=409)
    except (Namesakes, Newer):
        return _form(sheet, draft, applicant=applicant, status=409)


def _kept(applicant: Applicant, seen: Seen, source: Source) -> Answer:
    """Keep it and show the enterprise. Raises Namesakes, Newer or Taken."""
    here = office().service
    try:
        with writing(office().engine) as session:
            version, new = intake.take_in(session, applicant, seen, source, acting(session), here.program, here.today())
    except LookupError:
        abort(404)
    done = "profile-same" if not new else "taken-in" if version.number == 1 else "profile-kept"
    return redirect(url_for("centre.case.show", number=version.enterprise_id, done=done), 303)


def _form(
    sheet: Sheet,
    draft: Draft,
    *,
    applicant: Applicant | None = None,
    brought: Brought | None = None,
    findings: list[Finding] | None = None,
    status: int = 200,
) -> Answer:
    """The page of questions; with an ``applicant`` also what it met, which its author is to decide about."""
    here = office().service
    found = _met(applicant, draft.seen) if applicant is not None else None
    enterprise = found.enterprise if found is not None else _known(draft.seen.enterprise)
    page = render_template(
        "centre/intake_form.html",
        groups=groups(sheet, here.program),
        whole=whole(draft.left, here.pack),
        problems=list(sheet.problems.values()),
        findings=findings or [],
        draft=draft,
        left=json.dumps(draft.left, ensure_ascii=False),
        met=found,
        enterprise=enterprise,
        head=cases.head_in_words(enterprise, here.pack) if enterprise is not None else [],
        version=found.version if found is not None else draft.seen.version,
        brought=brought,
        found=brought.verification if brought is not None else None,
        words=verifying,
    )
    return make_response(page, 422 if sheet.problems and status == 200 else status)


def _confirm(applicant: Applicant, seen: Seen, status: int = 200, *, brought: Brought | None = None) -> Answer:
    """What was brought, in words, beside what is known already."""
    here = office().service
    brought = brought or Brought(applicant.data)
    profile = profile_of(applicant.data, here.pack.vocabulary, here.pack.tables)
    page = render_template(
        "centre/intake_brought.html",
        applicant=applicant,
        carried=json.dumps(applicant.data, ensure_ascii=False),
        met=_met(applicant, seen),
        brought=brought,
        found=brought.verification,
        words=verifying,
        told=told(profile, here.pack),
    )
    return make_response(page, status)


def _met(applicant: Applicant, seen: Seen) -> Met:
    with reading(office().engine) as session:
        return met(session, applicant, seen, office().service.pack)


def _known(number: int | None) -> Enterprise | None:
    if number is None:
        return None
    with reading(office().engine) as session:
        return session.get(Enterprise, number)


def _applicant(data: Mapping[str, Any]) -> Applicant:
    here = office().service
    return intake.applicant_of(data, here.program, here.today())


def _filled(data: Mapping[str, Any], left: Mapping[str, Any]) -> Sheet:
    pack = office().service.pack
    return filled(data, asked(left, pack), pack)


def _with(sheet: Sheet, problems: Mapping[str, str]) -> Sheet:
    """A sheet with problems beside its fields."""
    label = office().service.pack.vocabulary.label
    more = {control_name(key): Problem(control_name(key), label(key), text) for key, text in problems.items()}
    return replace(sheet, problems={**sheet.problems, **more})


def _refused(findings: list[Finding], text: str) -> Answer:
    return make_response(render_template("centre/intake.html", findings=findings, text=text), 422)


def _readable(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same where it is a profile. Raises InputError where it came from no page of ours."""
    office().service.profile(data)
    return data


def _carried(name: str) -> dict[str, Any]:
    """Profile data that a page carried in a field. Answers 400 where it is none."""
    try:
        data = read_json(request.form.get(name, "{}").encode(errors="surrogatepass"), name)
    except InputError:
        abort(400)
    if not isinstance(data, dict):
        abort(400)
    return data


def _digits(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
