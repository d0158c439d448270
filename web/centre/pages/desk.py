"""The first page of the workbench."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.centre.pages.guard import allowed

pages = Blueprint("desk", __name__)


@pages.get("/")
@allowed("own")
def index() -> str:
    """What there is to do."""
    return render_template("centre/desk.html")
