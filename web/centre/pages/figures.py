"""Figures of the centre as a page, as charts, as tables and as a workbook."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from web.centre.figures.all import MAKERS, figures
from web.centre.figures.asked import Asked, asked
from web.centre.figures.chart import svg
from web.centre.figures.figure import Figure, in_words, numeric
from web.centre.figures.files import as_csv, as_workbook
from web.centre.figures.standing import Standing
from web.centre.pages.guard import allowed, office
from web.centre.store.database import reading

pages = Blueprint("figures", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/figures")
@allowed("see")
def index() -> Answer:
    """All figures for what the address asks."""
    wanted, problems = _asked()
    with reading(office().engine) as session:
        made = figures(_standing(wanted), session)
    divisions = office().roster.snapshot().divisions()
    page = render_template(
        "centre/figures.html", asked=wanted, problems=problems, made=made, pack=office().service.pack, places=_places(divisions),
        chart=lambda figure: Markup(svg(figure)), words=in_words, numeric=numeric, query=_query(wanted),
    )  # fmt: skip
    return make_response(page)


@pages.get("/figures/<key>.svg")
@allowed("see")
def chart(key: str) -> Answer:
    """The chart of one figure."""
    return _file(svg(_figure(key)).encode(), "image/svg+xml", f"{key}.svg")


@pages.get("/figures/<key>.csv")
@allowed("see")
def table(key: str) -> Answer:
    """The table of one figure."""
    return _file(as_csv(_figure(key)), "text/csv; charset=utf-8", f"{key}.csv")


@pages.get("/figures.xlsx")
@allowed("see")
def workbook() -> Answer:
    """All of them, with charts of the spreadsheet's own."""
    with reading(office().engine) as session:
        made = figures(_standing(_asked()[0]), session)
    return _file(as_workbook(made.figures, made.said), XLSX, "figures.xlsx")


def _asked() -> tuple[Asked, dict[str, str]]:
    return asked(request.args, office().service.pack, office().service.today())


def _figure(key: str) -> Figure:
    """One figure alone."""
    make = MAKERS.get(key) or abort(404)
    with reading(office().engine) as session:
        return make(_standing(_asked()[0]), session)


def _standing(wanted: Asked) -> Standing:
    here = office()
    return Standing(here.roster.snapshot(), here.service.pack, wanted, here.settings.now())


def _query(wanted: Asked) -> dict[str, str]:
    """The address of what is shown, for its files."""
    told = {"document": wanted.document, "measure": wanted.measure, "division": wanted.division}
    period = {"first": wanted.first.isoformat(), "last": wanted.last.isoformat()}
    return {name: value for name, value in {**told, **period}.items() if value}


def _places(counted: dict[str, int]) -> list[tuple[str, str]]:
    """The districts that somebody is registered in, with what they lie in: code and name."""
    divisions = office().service.pack.tables.divisions
    codes = {code for code in counted if code in divisions}
    codes |= {divisions.parent(code) for code in codes} | {code[:2] for code in codes}
    return [(code, divisions.label(code)) for code in sorted(codes - {""})]


def _file(data: bytes, media_type: str, name: str) -> Response:
    disposition = f"attachment; filename=huiqi-{name}"
    return Response(data, content_type=media_type, headers={"Content-Disposition": disposition})
