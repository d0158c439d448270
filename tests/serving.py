"""An application served on a free port of this machine, for tests that come from outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Quiet(WSGIRequestHandler):
    """Writes no access log: in a test that fails it would hide what failed."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address of the application, which is served as long as the block lasts."""
    server = make_server("127.0.0.1", 0, closed_at_last(app), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_at_last(app: Flask) -> WSGIApplication:
    """The application, whose answers are closed even where the visitor resets the connection.

    Werkzeug's server then leaves a static file open, and its warning fails whichever test runs when it is collected.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterator[bytes]:
        with closing(app(environ, start_response)) as told:
            for data in told:  # noqa: UP028
                yield data  # `yield from` would close it a second time

    return answer
