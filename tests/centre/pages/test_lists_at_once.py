"""Two at once with the files of one list: whoever comes second finds all of it, or is told that it is gone."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from engine.diagnostics import InputError
from tests.centre.office import TODAY, LogIn
from tests.centre.pages.test_lists import PLAIN, answer, controls, done, file, hand_in, row_of, work
from web.centre.lists import arriving
from web.centre.lists.shelf import Laid, Shelf
from web.centre.pages import lists
from web.centre.pages.guard import KEY


def before(patch: pytest.MonkeyPatch, where: Any, name: str, do: Callable[[], object]) -> None:
    """Somebody else does something just before this is called for the first time."""
    own, left = getattr(where, name), [do]

    def call(*words: Any, **more: Any) -> Any:
        if left:
            # A request of its own: what a request keeps belongs to its thread.
            other = Thread(target=left.pop())
            other.start()
            other.join()
        return own(*words, **more)

    patch.setattr(where, name, call)


@pytest.mark.parametrize("where", ["understood", "writing"])
def test_files_that_an_earlier_list_loses_meanwhile_are_the_later_ones_still(
    app: Flask, log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """Deleted while the same are read, or after they were and before the list is noted."""
    clerk, head = log_in("clerk"), log_in("head")
    first = hand_in(clerk, file(PLAIN))
    arriving.understood.cache_clear()
    before(monkeypatch, arriving, where, lambda: head.post(f"/centre/lists/{first}/remove"))
    second = hand_in(clerk, file(PLAIN))
    monkeypatch.undo()
    assert row_of(engine, first).removed_on == TODAY and row_of(engine, second).removed_on is None
    answer(clerk, second, "start")
    work(app, second)
    assert row_of(engine, second).state == "done"


def test_files_that_somebody_hands_in_again_meanwhile_are_not_deleted(
    app: Flask, log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list is removed already, its files are about to go."""
    clerk, head, found = log_in("clerk"), log_in("head"), list[int]()
    first = hand_in(clerk, file(PLAIN))
    before(monkeypatch, Shelf, "clear_rejects", lambda: found.append(hand_in(head, file(PLAIN))))
    clerk.post(f"/centre/lists/{first}/remove")
    monkeypatch.undo()
    head.get(f"/centre/lists/{found[0]}")
    answer(head, found[0], "start")
    work(app, found[0])
    assert row_of(engine, found[0]).state == "done"


def test_what_is_refused_takes_no_files_of_a_list_with_it(
    app: Flask, log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hand in the same; the one is told that it cannot be read, the other had it noted just before."""
    clerk, head, found = log_in("clerk"), log_in("head"), list[int]()
    before(monkeypatch, arriving, "drop", lambda: found.append(hand_in(head, file(PLAIN))))
    own, left = arriving.understood, [1]

    def unreadable(*words: Any) -> Any:
        if left:
            left.pop()
            raise InputError([])
        return own(*words)

    monkeypatch.setattr(arriving, "understood", unreadable)
    hand_in(clerk, file(PLAIN), status=422)
    job = row_of(engine, found[0])
    assert Shelf(app.extensions[KEY].settings.lists).holds(Laid(job.digest, tuple(job.files)))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_deleted_while_it_is_made_is_gone(
    app: Flask, log_in: LogIn, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Neither half a table nor a fault."""
    clerk, head = log_in("clerk"), log_in("head")
    number = done(app, clerk, file(PLAIN))
    before(monkeypatch, Shelf, "rejects_by_slice" if kind == "csv" else "_beside", lambda: head.post(f"/centre/lists/{number}/remove"))
    clerk.get(f"/centre/lists/{number}/rejects.{kind}", 410)


@pytest.mark.parametrize(
    ("method", "path"), [("get", ""), ("post", ""), ("post", "/mapping"), ("get", "/mapping.yaml")]
)
def test_a_list_that_is_removed_while_it_is_read_is_gone(
    log_in: LogIn, monkeypatch: pytest.MonkeyPatch, method: str, path: str
) -> None:
    clerk, head = log_in("clerk"), log_in("head")
    number = hand_in(clerk, file(PLAIN))
    words = {**controls(clerk.page), "do": "start", "text": "lists: []"} if method == "post" else {}
    arriving.understood.cache_clear()
    before(monkeypatch, lists, "understood", lambda: head.post(f"/centre/lists/{number}/remove"))
    getattr(clerk, method)(f"/centre/lists/{number}{path}", 410, **words)
    assert "文件已删除" in clerk.get("/centre/lists").text


def test_a_list_that_is_removed_before_it_is_started_does_not_start(
    log_in: LogIn, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, head = log_in("clerk"), log_in("head")
    number = hand_in(clerk, file(PLAIN))
    before(monkeypatch, lists, "_kept", lambda: head.post(f"/centre/lists/{number}/remove"))
    answer(clerk, number, "start", 409)
    assert row_of(engine, number).state == "cancelled"
