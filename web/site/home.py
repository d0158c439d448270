"""The first page."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.service import service

pages = Blueprint("home", __name__)


@pages.get("/")
def home() -> str:
    """What this is, and where to begin."""
    return render_template("site/home.html", pack=service().pack, today=service().today())
