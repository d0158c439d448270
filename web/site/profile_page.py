"""The whole profile on one page: every question by group, filled in; a profile brought along, and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from engine.diagnostics import Finding, InputError
from web.service import Service, service
from web.site.forms.groups import asked, groups, untouched, whole
from web.site.forms.sheet import Sheet, blank_card, filled, sent
from web.site.forms.writing import as_yaml
from web.site.state import State
from web.site.uploads import Row, pasted, uploaded
from web.texts import gettext as _

pages = Blueprint("profile_page", __name__)
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/profile")
def begin() -> AnyResponse:
    """A profile is about what was told before, which only a form brings."""
    return redirect(url_for("home.home"))


@pages.post("/profile")
def profile() -> str | tuple[str, int]:
    """The page as it stands, after a check of what was sent, or filled from what was brought."""
    state = State.read(request.form.get("state"))
    service().profile(state.data)
    action = request.form.get("do", "")
    if action == "upload":
        return _upload(state)
    if action == "paste":
        return _paste(state)
    if action == "save" or "add" in request.form:
        return _save(state)
    return _page(state, _filled(state))


@pages.post("/profile.yaml")
def download() -> Response:
    """The profile as a file that ``huiqi check`` reads."""
    state = State.read(request.form.get("state"))
    service().profile(state.data)
    response = Response(as_yaml(state.data, service().pack.vocabulary), mimetype="application/yaml")
    response.headers["Content-Disposition"] = (
        "attachment; filename=profile.yaml; filename*=UTF-8''%E7%94%BB%E5%83%8F.yaml"
    )
    return response


@pages.get("/template.xlsx")
def template() -> Response:
    """The empty workbook to be filled in; the same for everybody."""
    response = Response(_workbook(service()), mimetype=WORKBOOK)
    response.headers["Content-Disposition"] = (
        f"attachment; filename=template.xlsx; filename*=UTF-8''{quote(_('名单模板'))}.xlsx"
    )
    return response


@lru_cache(maxsize=2)
def _workbook(here: Service) -> bytes:
    """Raises NotFound where the site has no tables."""
    try:
        from engine.lists import write_template
    except ImportError:
        raise NotFound(_("本站没有安装读写表格的部件。")) from None
    with TemporaryDirectory(prefix="huiqi-") as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, here.pack)
        return path.read_bytes()


def _save(state: State) -> str | tuple[str, int]:
    pack = service().pack
    kept = untouched(state.data, pack)
    sheet = sent(request.form.to_dict(flat=False), asked(kept, pack), pack, kept)
    adding = request.form.get("add", "")
    if adding in sheet.lists:
        return _page(state, blank_card(replace(sheet, problems={}), adding))
    if sheet.problems:
        return _page(state, sheet)
    state = replace(
        state, data={**sheet.data, **kept}, skipped=tuple(key for key in state.skipped if key not in sheet.data)
    )
    return _page(state, _filled(state), notice=_("已核对，没有问题：共 %d 项资料。") % len(state.data))


def _upload(state: State) -> str | tuple[str, int]:
    file = request.files.get("file")
    name = file.filename if file else ""
    if file is None or not name:
        return _refused(state, [Finding(_("上传"), 0, 0, "upload-none", _("没有选择文件"), _("请先选择文件再上传"))])
    try:
        rows = uploaded(name, file.read(), service().pack, service().settings.rules)
    except InputError as error:
        return _refused(state, error.findings)
    if len(rows) > 1:
        states = [(row.name, replace(state, data=row.data, skipped=(), asked=()), row.lost) for row in rows]
        return render_template("site/rows.html", state=state, rows=states, file=name)
    return _brought(state, rows[0])


def _paste(state: State) -> str | tuple[str, int]:
    try:
        data = pasted(request.form.get("text", ""), service().pack)
    except InputError as error:
        return _refused(state, error.findings, request.form.get("text", ""))
    return _brought(state, Row("", data))


def _brought(state: State, row: Row) -> str | tuple[str, int]:
    """The page filled from a profile that was brought; a row of a workbook may hold answers that cannot be read."""
    try:
        service().profile(row.data)
    except InputError as error:
        return _refused(state, error.findings)
    state = replace(state, data=row.data, skipped=(), asked=())
    notice = _("已读入 %d 项资料，请核对。") % len(row.data)
    return _page(state, _filled(state), notice=notice, lost=row.lost)


def _refused(state: State, findings: Sequence[Finding], text: str = "") -> tuple[str, int]:
    return render_template("site/refused.html", state=state, findings=findings, text=text), 422


def _page(state: State, sheet: Sheet, *, notice: str = "", lost: Sequence[str] = ()) -> str | tuple[str, int]:
    page = render_template(
        "site/profile.html",
        state=state,
        groups=groups(sheet, service().program),
        whole=whole(state.data, service().pack),
        problems=list(sheet.problems.values()),
        notice=notice,
        lost=lost,
    )
    return (page, 422) if sheet.problems else page


def _filled(state: State) -> Sheet:
    pack = service().pack
    return filled(state.data, asked(untouched(state.data, pack), pack), pack)
