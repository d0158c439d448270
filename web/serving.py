"""The site under gunicorn: a master that loads the rules once, and workers that share them.

The access log names method, path, status, size and time: no addresses, no query strings, no bodies.
"""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped, unused-ignore]
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.profile import Profile
from engine.questions import Questionnaire
from web.app import create_app
from web.beside import Beside
from web.service import Service
from web.settings import Settings

LINE = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
TIMEOUT = 120
"""Seconds after which a worker that does not answer is replaced; a large report takes a while."""


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where and how to serve. ``behind_proxy``: one proxy in front tells the visitor's address and scheme.

    ``descriptor`` is of a listening socket, which the server closes. ``beside``: what is kept running as long as
    the server does.
    """

    descriptor: int
    workers: int = 2
    threads: int = 4
    behind_proxy: bool = False
    access_log: bool = True
    beside: Beside | None = None


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on the address. Raises OSError where it is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    return listener


def serve(settings: Settings, hosting: Hosting, ready: Callable[[], None]) -> None:
    """Serve until a signal ends it; ends with SystemExit. ``ready`` is called once the rules are read.

    Raises InputError where they cannot be.
    """
    app = create_app(settings)
    shown = ("site/", "centre/") if settings.centre is not None else ("site/",)
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(shown)):
        app.jinja_env.get_template(name)  # compiled once for all workers, not for the first visitor of each
    if settings.centre is not None:
        app.extensions["huiqi-centre"].prepare()
    ready()
    if hosting.behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)  # type: ignore[method-assign]
    _Server(app, hosting).run()


class _Server(BaseApplication):  # type: ignore[misc, unused-ignore]
    """gunicorn with options of ours instead of a command line."""

    def __init__(self, app: Flask, hosting: Hosting) -> None:
        self.app, self.hosting = app, hosting
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn as it is made."""
        for name, value in options(self.hosting).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called by gunicorn for the application."""
        return self.app


def options(hosting: Hosting) -> dict[str, Any]:
    """The settings of gunicorn, by its own names."""
    beside: dict[str, Any] = {}
    if hosting.beside is not None:
        start, stop = hosting.beside.start, hosting.beside.stop
        beside = {"when_ready": lambda server: start(), "on_exit": lambda server: stop()}
    return beside | {
        "bind": f"fd://{hosting.descriptor}",
        "workers": hosting.workers,
        "threads": hosting.threads,
        "worker_class": "gthread",
        "preload_app": True,
        "proc_name": "huiqi",
        "timeout": TIMEOUT,
        "graceful_timeout": 10,
        "accesslog": "-" if hosting.access_log else None,
        "access_log_format": LINE,
        "errorlog": "-",
        "loglevel": "warning",
        "control_socket_disable": True,
        # Addresses that a proxy tells are read by ProxyFix, or by nobody.
        "forwarded_allow_ips": "",
        "post_worker_init": _warm,
    }


def _warm(worker: Any) -> None:
    """What the first visitor would wait for: solvers and executors, which each process makes for itself."""
    here: Service = worker.app.app.extensions["huiqi"]
    nobody = Profile({}, {})
    Questionnaire(here.program, nobody, here.today()).next()
    here.screen(nobody, here.today())
    # The rules and the solver stay; looking through them at every full collection took half of the slowest answers' time.
    gc.collect()
    gc.freeze()
