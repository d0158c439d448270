"""Shortlists: whoever a queue shows for one measure, as a workbook to take along."""

from __future__ import annotations

from hashlib import sha256

from flask import Blueprint, Response, abort, make_response, render_template, request
from werkzeug.wrappers import Response as Answer

from web.centre import keeping
from web.centre.pages.guard import acting, allowed, office, person
from web.centre.queues.asked import asked
from web.centre.queues.listing import people
from web.centre.shortlists.process import Busy, made
from web.centre.shortlists.told import told
from web.centre.shortlists.workbook import Wish
from web.centre.store.database import reading, writing
from web.texts import gettext as _

pages = Blueprint("shortlists", __name__)
ACTION = "shortlist"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.post("/shortlist/<measure>.xlsx")
@allowed("notify")
def workbook(measure: str) -> Answer:
    """Everybody whom the same address shows as a queue, in its order. What cannot be understood is refused, for a list
    of too many would pass for the right one. It is written into the log, so a link from elsewhere cannot ask for it."""
    here = office()
    try:
        wanted = asked({**request.args, "measure": measure}, here.service.pack, person().id)
    except KeyError:
        abort(404, _("现在的规则里没有这项措施。"))
    if wanted.problems:
        return _refused(_("筛选条件有问题，没有生成名单：%s") % "".join(wanted.problems.values()), 400)
    snapshot = here.roster.snapshot()
    with reading(here.engine) as session:
        said = tuple(told(wanted.query, here.service.pack, people(session)))
    enterprises = snapshot.columns.ids[snapshot.select(wanted.query)].tolist()
    wish = Wish(measure, enterprises, said, here.service.pack.version, person().full_name, here.settings.now())
    try:
        data = made(here, wish)
    except Busy:
        return _refused(_("正在做别的名单，或这份名单太长。请过一会儿再试，或缩小筛选范围。"), 503)
    digest = sha256(data).hexdigest()
    with writing(here.engine) as session:
        keeping.audit(session, acting(session), ACTION, measure=measure, rows=len(enterprises), digest=digest)
    disposition = f"attachment; filename=huiqi-{measure}.xlsx"
    return Response(data, content_type=XLSX, headers={"Content-Disposition": disposition})


def _refused(why: str, status: int) -> Answer:
    return make_response(render_template("centre/shortlist_none.html", why=why), status)
