"""What each address of the API does."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from traceback import extract_tb
from typing import Any, TypeVar

from flask import Response, request, stream_with_context
from pydantic import BaseModel

from engine.diagnostics import InputError
from engine.profile import records_in
from engine.profile_schema import profile_properties
from engine.questions import Questionnaire
from engine.roadmap import road_map
from web.api import views
from web.api.measure_models import MeasuresAnswer
from web.api.models import (
    BatchItem,
    BatchRequest,
    FieldProblem,
    HealthAnswer,
    NextQuestionRequest,
    RoadMapRequest,
    SchemaAnswer,
    ScreenRequest,
)
from web.api.problems import ApiProblem, of_input
from web.api.reading import Choices, Screening, body, chosen, profile
from web.service import service

Found = TypeVar("Found")
JSON, LINES = "application/json", "application/x-ndjson"
_LOG = logging.getLogger(__name__)
ROUTE_SECONDS, ROAD_SECONDS = 2.0, 60.0
"""For one measure of a road map, and for all of them at most; what is not found by then says so."""
MOST_RECORDS_OF_ALL = 20_000
"""In all profiles of a batch, which takes a minute or two with so many."""


def healthz(_: Choices) -> Response:
    """Whether the service answers, and with which rules."""
    pack = service().pack
    return _json(
        HealthAnswer(
            status="ok", pack_version=pack.version, documents=len(pack.documents), measures=len(pack.measures)
        )
    )


def screen(choices: Choices) -> Response:
    """One enterprise: the very bytes of ``huiqi check --format json``."""
    asked = body(ScreenRequest)
    screening = Screening.of(asked, choices)
    return Response(screening.determine(profile(asked.profile)).to_json(), content_type=JSON)


def next_question(choices: Choices) -> Response:
    """What to ask next about one enterprise."""
    asked = body(NextQuestionRequest)
    screening = Screening.of(asked, choices)
    found = Questionnaire(screening.program, profile(asked.profile), screening.as_of, skipped=asked.skipped)
    return _json(_solved(lambda: views.next_question(found, screening.program.pack, screening.as_of)))


def roads(choices: Choices) -> Response:
    """What would bring measures into reach."""
    asked = body(RoadMapRequest)
    screening = Screening.of(asked, choices)
    known = profile(asked.profile)
    limit = min(ROUTE_SECONDS, ROAD_SECONDS / len(screening.program.pack.measures))
    found = _solved(lambda: road_map(screening.program, known, screening.as_of, limit=limit))
    return _json(views.road_map(found, screening.program.pack, screening.as_of))


def _solved(question: Callable[[], Found]) -> Found:
    """An answer that needs the solver; a problem where that is not installed."""
    try:
        return question()
    except InputError as error:
        raise of_input(error, 503) from None


def batch(choices: Choices) -> Response:
    """Many enterprises, in order; a profile with problems keeps none of the others."""
    asked = body(BatchRequest)
    screening = Screening.of(asked, choices)
    if sum(records_in(data) for data in asked.profiles if isinstance(data, dict)) > MOST_RECORDS_OF_ALL:
        message, hint = f"各份画像的记录合计超过 {MOST_RECORDS_OF_ALL} 条", "请分几次，或用命令行 huiqi batch"
        raise ApiProblem(422, errors=[FieldProblem(pointer="/profiles", message=message, hint=hint)])
    accepted = request.accept_mimetypes
    kind = accepted.best_match([JSON, LINES]) if accepted else JSON
    if kind is None:
        raise ApiProblem(406)
    items = (item.model_dump_json() for item in _items(asked, screening))
    written = _lines(items) if kind == LINES else _array(items)
    return Response(stream_with_context(written), content_type=kind)


def _items(asked: BatchRequest, screening: Screening) -> Iterator[BatchItem]:
    for index, data in enumerate(asked.profiles):
        try:
            found = screening.determine(profile(data, f"/profiles/{index}"))
        except ApiProblem as error:
            yield BatchItem(index=index, problem=error.problem)
        except Exception as error:  # the answer has begun, and the others are still to come
            # By its kind and place alone: what it says may quote the profile.
            place = extract_tb(error.__traceback__)[-1]
            _LOG.error("batch at %s:%s: %s", place.filename, place.lineno, type(error).__name__)
            yield BatchItem(index=index, problem=ApiProblem(500).problem)
        else:
            yield BatchItem(index=index, determination=views.brief(found) if asked.detail == "brief" else found)


def _lines(items: Iterator[str]) -> Iterator[str]:
    for item in items:
        yield item + "\n"


def _array(items: Iterator[str]) -> Iterator[str]:
    yield '{"items":['
    for number, item in enumerate(items):
        yield f",{item}" if number else item
    yield "]}"


def measures(_: Choices) -> Response:
    """All measures, or those of the documents named."""
    try:
        pack = chosen(service().pack, request.args.getlist("document"), ())
    except InputError as error:
        problems = [FieldProblem(pointer="", message=item.message, hint=item.hint) for item in error.findings]
        raise ApiProblem(422, errors=problems) from None
    found = [views.measure_brief(measure, pack) for measure in pack.measures]
    return _json(MeasuresAnswer(pack_version=pack.version, measures=found))


def measure(_: Choices, id: str) -> Response:
    """One measure."""
    pack = service().pack
    try:
        return _json(views.measure(pack.measure(id), pack))
    except KeyError:
        raise ApiProblem(404, "没有这个编号的措施；全部编号见 /api/v1/measures。") from None


def vocabulary(_: Choices) -> Response:
    """The field dictionary."""
    return _json(views.vocabulary(service().pack))


def profile_schema(_: Choices) -> Response:
    """A profile as JSON Schema."""
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "企业画像",
        **profile_properties(service().pack.vocabulary),
    }
    return _json(SchemaAnswer(**schema))


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), content_type=JSON)
