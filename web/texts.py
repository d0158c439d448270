"""Texts of the pages: Chinese is the source language, a catalogue can replace it without touching a template.

Templates write ``{% trans %}`` or ``_('…')`` around what people read, Python code ``gettext('…')``. Without a
catalogue the source text is shown. ``make catalogue`` collects all texts for translators in build/site.pot; a compiled
catalogue in ``web/locale/<language>/LC_MESSAGES/site.mo`` is used where the environment says HUIQI_LANGUAGE=<language>.
"""

from __future__ import annotations

import gettext as catalogues
import os
from pathlib import Path

from jinja2 import Environment

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "site"


def catalogue(language: str, folder: Path = LOCALE) -> catalogues.NullTranslations:
    """The texts in ``language``; the source texts where there is no such catalogue."""
    return catalogues.translation(DOMAIN, str(folder), languages=[language], fallback=True)


_CATALOGUE = catalogue(os.environ.get("HUIQI_LANGUAGE", "zh_CN"))


def gettext(text: str) -> str:
    """``text`` in the language of the site."""
    return _CATALOGUE.gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    """``one`` or ``many`` in the language of the site."""
    return _CATALOGUE.ngettext(one, many, number)


def install(environment: Environment) -> None:
    """Let templates translate."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
