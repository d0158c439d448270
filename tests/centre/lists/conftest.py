"""A workbench whose lists are worked on, and a Redis of the tests' own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine

from tests.centre.office import people
from web.centre.office import Office
from web.centre.settings import CentreSettings
from web.service import Service
from web.settings import Settings


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Iterator[Office]:
    """With a user of each role."""
    people(engine)
    address = engine.url.render_as_string(hide_password=False)
    settings = CentreSettings(address, tmp_path / "files")
    made = Office(settings, service())
    yield made
    made.engine.dispose()


@cache
def service() -> Service:
    """The rules, read once."""
    return Service(Settings(executor="reference"))


@pytest.fixture(scope="session")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis of the tests' own."""
    program = shutil.which("redis-server")
    assert program is not None, "Redis is missing: scripts/install-redis"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    words = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    address = f"redis://127.0.0.1:{port}/0"
    client = redis.Redis.from_url(address)
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert process.poll() is None
            time.sleep(0.05)
    client.close()
    yield address
    process.terminate()
    process.wait()
