"""schemathesis over the OpenAPI document: whatever it thinks of sending, no fault, and every answer as the document says."""

from __future__ import annotations

from datetime import date

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from web.api.openapi import OPERATIONS, ROOT, Operation
from web.app import create_app
from web.settings import Settings

pytestmark = pytest.mark.slow
MANY = "100000 per minute"


@pytest.fixture(scope="module")
def described() -> BaseSchema:
    rates = Settings(today=lambda: date(2026, 11, 22), api_rate=MANY, batch_rate=MANY, page_rate=MANY)
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", create_app(rates))


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", [operation.name for operation in OPERATIONS])
def test_every_answer_is_as_described(described: BaseSchema, operation: str, mode: GenerationMode) -> None:
    found = described.find_operation_by_id(operation)
    if mode is GenerationMode.NEGATIVE and not (found.body or found.query):
        return  # nothing that could be sent wrongly

    @settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=found.as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        case.call_and_validate(checks=list(CHECKS))

    ask()


@pytest.mark.parametrize("operation", [operation for operation in OPERATIONS if operation.body], ids=lambda item: item.name)
def test_examples_are_answered(described: BaseSchema, operation: Operation) -> None:
    """The examples of the document, with which a reader begins, work and are answered as it says."""
    found = described.find_operation_by_id(operation.name)
    post = described.raw_schema["paths"][ROOT + operation.path]["post"]
    example = post["requestBody"]["content"]["application/json"]["example"]
    case = found.Case(body=example, media_type="application/json")
    answer = case.call()
    assert answer.status_code == 200
    assert answer.json() == post["responses"]["200"]["content"]["application/json"]["example"]
    case.validate_response(answer)
