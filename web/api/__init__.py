"""The API, version 1."""

from __future__ import annotations

from flask_limiter import Limiter
from flask_openapi3 import OpenAPI  # type: ignore[attr-defined]
from flask_wtf.csrf import CSRFProtect


def register(app: OpenAPI, csrf: CSRFProtect, limiter: Limiter) -> None:
    """Add the API to ``app``; it takes no cookies, so it needs no token, and has a rate of its own."""
