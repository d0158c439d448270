"""What every answer and every request is held to: headers, size, forged requests, rates, faults without traces."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from web.settings import Settings

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What a page shows about an enterprise must not be kept by a proxy. The browser may keep it in the tab's own history,
# so that "back" works after a form was sent.
PRIVATE = "private, no-cache"


def protect(app: Flask, settings: Settings) -> tuple[CSRFProtect, Limiter]:
    """Hold ``app`` to it. Answers the guards, for what is exempt from one of them."""
    app.config.update(
        SECRET_KEY=settings.secret,
        MAX_CONTENT_LENGTH=settings.max_request,
        # The profile travels in a field of the form, so such a field may be as large as the request.
        MAX_FORM_MEMORY_SIZE=settings.max_request,
        SESSION_COOKIE_NAME="huiqi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,
        # Behind HTTPS it would ask for a referrer, which our own policy tells browsers never to send.
        WTF_CSRF_SSL_STRICT=False,
    )
    csrf = CSRFProtect(app)
    limiter = Limiter(
        get_remote_address,
        app=app,
        default_limits=[settings.page_rate],
        storage_uri="memory://",
        strategy="moving-window",
        headers_enabled=True,
    )
    limiter.request_filter(lambda: request.endpoint == "static")
    app.after_request(_headers)
    return csrf, limiter


def restrict(app: Flask, limiter: Limiter, endpoint: str, rate: str) -> None:
    """Give one endpoint a rate of its own, in place of the general one."""
    view: Any = app.view_functions[endpoint]
    app.view_functions[endpoint] = limiter.limit(rate)(view)


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static":
        response.headers.setdefault("Cache-Control", PRIVATE)
    return response
