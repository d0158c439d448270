"""Texts of the pages: Chinese is the source language, a catalogue can replace it without touching a template.

Templates write ``{% trans %}`` or ``_('…')`` around what people read, Python code ``gettext('…')``. Without a
catalogue the source text is shown.
"""

from __future__ import annotations

import gettext as catalogues

from jinja2 import Environment

_CATALOGUE = catalogues.NullTranslations()


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
