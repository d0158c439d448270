"""What every page and every API call works with: one compiled pack, and how a profile is screened by it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask, current_app

from engine.compiler import compile_pack
from engine.determination import Determination
from engine.diagnostics import Finding, InputError
from engine.executors import determine_by, solver_named
from engine.loader import BUILT_IN, load_pack
from engine.profile import Profile, profile_of, records_in
from web.official_texts import official_texts
from web.settings import Settings

_KEY = "huiqi"
MOST_RECORDS = 300
"""In all lists of one profile; evaluating and writing so many takes a second or two."""
_LOG = logging.getLogger(__name__)


class Service:
    """The rules of one site, loaded and compiled once. Holds nothing about any enterprise."""

    def __init__(self, settings: Settings) -> None:
        """Raises InputError where the rules cannot be read."""
        self.settings = settings
        self.rules = settings.rules or BUILT_IN
        self.pack = load_pack(settings.rules)
        self.program = compile_pack(self.pack)
        self._solver = solver_named(settings.executor)
        self.texts = official_texts(self.pack, settings.rules, settings.sources)

    def today(self) -> date:
        """The date of the site's clock."""
        return self.settings.today()

    def profile(self, data: Mapping[str, Any]) -> Profile:
        """A profile from plain data. Raises InputError with a finding for each problem."""
        too_long = too_many_records(data, "画像")
        if too_long is not None:
            raise InputError([too_long])
        return profile_of(dict(data), self.pack.vocabulary, self.pack.tables)

    def screen(self, profile: Profile, as_of: date) -> Determination:
        """The determination, as the command line makes it."""
        determination, why = determine_by(self.settings.executor, self.program, profile, as_of, self._solver)
        if why is not None:
            _LOG.warning("reference executor used: %s", why)
        return determination


def too_many_records(data: Mapping[str, Any], place: str) -> Finding | None:
    """The finding for a profile that would keep a site busy: each record is evaluated, and explained, for each measure."""
    if records_in(data) <= MOST_RECORDS:
        return None
    hint = "请只写有关的记录；记录很多时用命令行 huiqi check"
    return Finding(place, 0, 0, "profile-too-long", f"记录太多，超过 {MOST_RECORDS} 条", hint)


def install(app: Flask, service: Service) -> None:
    """Make ``service`` the one of ``app``."""
    app.extensions[_KEY] = service


def service() -> Service:
    """The service of the running site."""
    found: Service = current_app.extensions[_KEY]
    return found
