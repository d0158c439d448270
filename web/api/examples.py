"""Examples for the document: real requests, answered by the service itself when the document is first asked for."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response

from engine.pack import Pack
from web.api import endpoints
from web.api.openapi import OPERATIONS, Operation
from web.api.problems import ApiProblem
from web.api.reading import Choices

PROFILE: dict[str, Any] = {
    "name": "虚构科技（廊坊）有限公司",
    "applicant_kinds": ["企业"],
    "registered_division": "固安县",
    "recognitions": [
        {"id": "基地甲", "kind": "协同创新基地", "tier": "市级", "issuer": "廊坊市", "issued": "2017-03-01"},
    ],
}
MEASURE = "lf16-city-collaborative-innovation-base-award"
DAY = "2017-06-30"


LONGEST = 20_000


def requests(pack: Pack) -> dict[str, Any]:
    """A body for every operation that takes one. Other rules than the built-in ones get a small example of their own."""
    measure = _measure(pack)
    profile = PROFILE if measure == MEASURE else {}
    one: dict[str, Any] = {"profile": profile, "as_of": DAY, "measures": [measure]}
    blank = {**one, "profile": {}}
    many = {**one, "profiles": [profile, {}]}
    del many["profile"]
    return {"screen": one, "next_question": blank, "roads": blank, "batch": many}


def examples(app: Flask, choices: Choices) -> dict[str, tuple[Any, Any]]:
    """Request and answer by the name of the operation, as far as the answer is short enough to read."""
    pack = choices.service.pack
    asked, measure = requests(pack), _measure(pack)
    found = {}
    for operation in OPERATIONS:
        values = {"id": measure} if "{id}" in operation.path else {}
        found[operation.name] = asked.get(operation.name), _answer(app, operation, values, asked, choices)
    return found


def _measure(pack: Pack) -> str:
    ids = [measure.id for measure in pack.measures]
    return MEASURE if MEASURE in ids or not ids else ids[0]


def _answer(
    app: Flask, operation: Operation, values: dict[str, str], asked: dict[str, Any], choices: Choices
) -> Any:
    """What the function of an address says, without the guards in front of it."""
    with app.test_request_context(method=operation.method, json=asked.get(operation.name)):
        try:
            answer: Response = getattr(endpoints, operation.name)(choices, **values)
        except ApiProblem:  # the solver is not installed, or there is nothing to ask about
            return None
        data = answer.get_data()
    return json.loads(data) if len(data) < LONGEST else None
