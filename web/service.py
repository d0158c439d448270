"""What every page and every API call works with: one compiled pack, and how a profile is screened by it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Flask, current_app

from engine.compiler import compile_pack
from engine.determination import Determination
from engine.executors import determine_by
from engine.loader import load_pack
from engine.profile import Profile, profile_of
from web.settings import Settings

_KEY = "huiqi"
_LOG = logging.getLogger(__name__)


class Service:
    """The rules of one site, loaded and compiled once. Holds nothing about any enterprise."""

    def __init__(self, settings: Settings) -> None:
        """Raises InputError where the rules cannot be read."""
        self.settings = settings
        self.pack = load_pack(settings.rules)
        self.program = compile_pack(self.pack)

    def today(self) -> date:
        """The date of the site's clock."""
        return self.settings.today()

    def profile(self, data: Mapping[str, Any]) -> Profile:
        """A profile from plain data. Raises InputError with a finding for each problem."""
        return profile_of(dict(data), self.pack.vocabulary, self.pack.tables)

    def screen(self, profile: Profile, as_of: date) -> Determination:
        """The determination, as the command line makes it."""
        determination, why = determine_by(self.settings.executor, self.program, profile, as_of)
        if why is not None:
            _LOG.warning("reference executor used: %s", why)
        return determination


def install(app: Flask, service: Service) -> None:
    """Make ``service`` the one of ``app``."""
    app.extensions[_KEY] = service


def service() -> Service:
    """The service of the running site."""
    found: Service = current_app.extensions[_KEY]
    return found
