"""What the server of the tests does with visitors who leave."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response

from tests.serving import served


def test_an_answer_is_closed_where_the_visitor_resets_the_connection() -> None:
    made: list[bool] = []
    closed: list[bool] = []
    app = Flask(__name__)

    @app.get("/")
    def page() -> Any:
        def words() -> Iterator[bytes]:
            yield b"x" * 1000

        answer = Response(words())
        answer.call_on_close(lambda: closed.append(True))
        made.append(True)
        return answer

    with served(app) as address:
        for late in range(20):
            _reset(int(address.rsplit(":", 1)[1]), late / 1000)
        until = time.monotonic() + 10
        while (len(made) < 20 or len(closed) < len(made)) and time.monotonic() < until:
            time.sleep(0.05)
    assert made and len(closed) == len(made)


def _reset(port: int, late: float) -> None:
    """Ask for the page and leave without a good-bye after ``late`` seconds."""
    visitor = socket.create_connection(("127.0.0.1", port))
    visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    visitor.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
    time.sleep(late)
    visitor.close()
