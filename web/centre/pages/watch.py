"""What changed and what will be lost: a page, and a feed of the same."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer

from web.centre import choices, clock, docket
from web.centre.matters import label_of
from web.centre.outcomes import GROUP_OF
from web.centre.pages.guard import acting, allowed, office, person, present, public
from web.centre.pages.judging import veiled
from web.centre.roles import may
from web.centre.store.database import reading, writing
from web.centre.store.tables import User
from web.centre.watching import feed, news, state
from web.summary import GROUPS
from web.texts import gettext as _

pages = Blueprint("watch", __name__)
SHOWS = {"moved": _("变化"), "ending": _("将到期"), "findings": _("意见要再看"), "unreadable": _("资料读不出")}
BACK = timedelta(days=30)
"""How far one looks back where no day is chosen."""
SALT = "huiqi-centre-feed"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the address asks for, and what is wrong with it by field."""

    show: str
    since: date
    kind: news.Kind
    measure: str
    cause: str
    within: int
    page: int
    problems: dict[str, str]

    def address(self, **changes: Any) -> dict[str, Any]:
        """The query of this page with changes; what is not said is left out."""
        own: dict[str, Any] = {"show": self.show}
        if self.show == "moved":
            own |= {"since": self.since.isoformat(), "kind": self.kind, "measure": self.measure, "cause": self.cause}
        elif self.show == "ending":
            own |= {"within": self.within}
        return {key: value for key, value in {**own, **changes}.items() if value not in ("", None)}


@pages.get("/watch")
@allowed("see")
def index() -> str:
    """What moved, what will be lost, which findings are to be looked at again, or whom the rules cannot read."""
    asked, here = _asked(), office()
    pack, today = here.service.pack, here.service.today()
    with reading(here.engine) as session:
        shown = _SHOWN[asked.show](session, asked)
        checked, wanted = state.checked(session), state.wanted(session) is not None
        open_ = news.unchecked(session, pack.version, today)
    return render_template(
        "centre/watch.html", asked=asked, shows=SHOWS, kinds=news.KINDS, causes=news.CAUSES, spans=news.SPANS, pack=pack,
        titles={measure.id: measure.spec.title for measure in pack.measures}, group=GROUP_OF, groups=GROUPS, today=today,
        checked=checked, wanted=wanted, open=open_, per_page=news.PAGE, feed=_feed_address(), **shown,
    )  # fmt: skip


@pages.post("/watch")
@allowed("watch")
def again() -> Answer:
    """Ask for everybody to be screened again in the background."""
    with writing(office().engine) as session:
        state.want(session, acting(session))
    return redirect(url_for(".index", done="watch-wanted"), 303)


@pages.get("/watch.atom")
@public
def atom() -> Answer:
    """The feed, to who is logged in or brings a token of their own."""
    here = office()
    pack, today = here.service.pack, here.service.today()
    with reading(here.engine) as session:
        if not _may_read(session):
            abort(401)
        closing = news.closing(pack, today, feed.SOON, here.roster.snapshot().counts())
        found = feed.entries(session, pack, today, clock.begins(today - BACK), closing)
        own, name = feed.centre_id(session), choices.read(session).name
    links = feed.Links(
        url_for(".index", _external=True), url_for(".atom", _external=True),
        url_for("centre.case.show", number=0, _external=True).removesuffix("0"),
    )  # fmt: skip
    title = _("%s：关注") % (name or _("惠企工作台"))
    answer = make_response(feed.atom(found, own, title, links, here.settings.now()))
    answer.mimetype = "application/atom+xml"
    answer.add_etag()
    return answer.make_conditional(request)


# What the page shows


def _moved(session: Session, asked: _Asked) -> dict[str, Any]:
    wanted = news.Asked(clock.begins(asked.since), asked.measure, asked.cause)
    counts = news.counts(session, wanted)
    return {"counts": counts, "lines": news.moved(session, wanted, asked.kind, asked.page), "total": counts[asked.kind]}


def _ending(session: Session, asked: _Asked) -> dict[str, Any]:
    here = office()
    pack, today = here.service.pack, here.service.today()
    counts = news.ending_counts(session, today)
    closing = news.closing(pack, today, asked.within, here.roster.snapshot().counts())
    lines = news.ending(session, today, asked.within, asked.page)
    return {"counts": counts, "lines": lines, "total": counts[asked.within], "closing": closing}


def _findings(session: Session, asked: _Asked) -> dict[str, Any]:
    here = office()
    pack = here.service.pack
    after = _number("after") or 0
    found = docket.overtaken(session, pack, here.service.today(), after)
    return {"found": found, "label": lambda id: label_of(id, pack), "about": veiled}


def _unreadable(session: Session, asked: _Asked) -> dict[str, Any]:
    version = office().service.pack.version
    total = news.unchecked(session, version, office().service.today()).unreadable
    return {"lines": news.unreadable(session, version, asked.page), "total": total}


_SHOWN = {"moved": _moved, "ending": _ending, "findings": _findings, "unreadable": _unreadable}


def _asked() -> _Asked:
    told, today, problems = request.args, office().service.today(), {}
    since = today - BACK
    if text := told.get("since", "").strip():
        since = date.min
        with suppress(ValueError):
            since = date.fromisoformat(text)
        if not 2000 <= since.year <= 2100:
            since, problems["since"] = today - BACK, _("日期要写成 2026-11-22 这样")
    known = {measure.id for measure in office().service.pack.measures}
    return _Asked(
        show=_one_of("show", SHOWS),
        since=since,
        kind=_one_of("kind", news.KINDS),
        measure=told["measure"] if told.get("measure") in known else "",
        cause=told["cause"] if told.get("cause") in news.CAUSES else "",
        within=_number("within") if _number("within") in news.SPANS else news.SPANS[0],
        page=max(_number("page"), 1),
        problems=problems,
    )


def _one_of(name: str, known: Any) -> Any:
    """What the address says, where it is known; else the first."""
    told = request.args.get(name)
    return told if told in known else next(iter(known))


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


# The token of a feed


def _feed_address() -> str:
    """The feed with a token of whoever looks, good until their password or role changes."""
    with reading(office().engine) as session:
        user = session.get_one(User, person().id)
    token = _signer().dumps([user.id, user.version])
    return f"{url_for('.atom', _external=True)}?{urlencode({'token': token})}"


def _may_read(session: Session) -> bool:
    """Whether a token that was brought, or else a login, is of somebody who may see applicants."""
    told = request.args.get("token")
    if told is None:
        found = present()
        return found is not None and found.may("see")
    try:
        number, version = _signer().loads(told)
    except (BadSignature, TypeError, ValueError):
        return False
    user = session.get(User, number)
    return user is not None and user.active and user.version == version and may(user.role, "see")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt=SALT)
