"""Reviewers writing at once through the pages, as benchmarks/centre_writers.py has them, for a few findings each."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Engine

from benchmarks.centre_writers import arrived, fill, judge, problems, tell
from tests.centre.bench import program
from tests.centre.office import TODAY, app_of
from tests.serving import served
from web.centre.pages.guard import KEY


def test_every_acknowledged_finding_is_kept_once_and_every_conflict_is_right(engine: Engine, tmp_path: Path) -> None:
    names, enterprises = fill(engine, program(), reviewers=4, enterprises=1, today=TODAY)
    app = app_of(engine, tmp_path / "files")
    once = threading.Event()

    def correct(times: int) -> None:
        """The clerk corrects the profile twice in between."""
        if times <= 2:
            tell(engine, program(), 1, times, TODAY)
        once.wait(0.2)

    try:
        with served(app) as address:
            everybody = arrived(int(address.rpartition(":")[2]), names, enterprises)
            judge(everybody, lambda tried: tried < 6, correct)
    finally:
        app.extensions[KEY].engine.dispose()
    said = [item.status for reviewer in everybody for item in reviewer.said]
    assert len(said) == 24 and set(said) <= {303, 409} and said.count(303) >= 3
    assert list(problems(engine, program(), everybody)) == []
