"""What a visitor has told so far. It travels in a field of each form, so that the site keeps nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from werkzeug.exceptions import BadRequest

from engine.diagnostics import InputError
from engine.exact_json import read_json
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class State:
    """``data`` is the profile as plain data, ``as_of`` the chosen date (None: today), ``skipped`` the keys of questions
    answered with 不清楚, ``asked`` the keys of all questions that were answered, in order, for going back."""

    data: Mapping[str, Any] = field(default_factory=dict)
    as_of: date | None = None
    skipped: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    def text(self) -> str:
        """As it stands in the form. Numbers stay exact: a decimal is written as a string of digits."""
        told = {
            "profile": self.data,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "skipped": self.skipped,
            "asked": self.asked,
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":"), default=_plain)

    def with_data(self, data: Mapping[str, Any]) -> State:
        """The same with another profile."""
        return replace(self, data=data)

    @classmethod
    def read(cls, text: str | None) -> State:
        """From a form's field; nothing told where it is absent. Raises BadRequest where it was tampered with."""
        if not text:
            return cls()
        try:
            told: Any = read_json(text.encode(), "state")
            profile, as_of, skipped, asked = (
                *(told[key] for key in ("profile", "as_of", "skipped")),
                told.get("asked", []),
            )
            if not isinstance(profile, dict) or not all(isinstance(key, str) for key in (*skipped, *asked)):
                raise ValueError
            return cls(profile, date.fromisoformat(as_of) if as_of else None, tuple(skipped), tuple(asked))
        except (InputError, ValueError, TypeError, KeyError):
            raise BadRequest(_("页面带来的填写内容不完整，请返回上一页重试，或重新上传画像。")) from None


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
