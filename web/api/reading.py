"""A request read: its body as a shape, the profile in it with the place of every problem, the choice of measures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from flask import request
from pydantic import ValidationError

from engine.compiler import compile_pack
from engine.determination import Determination
from engine.diagnostics import Finding, Findings, InputError, Severity
from engine.exact_json import read_json
from engine.pack import Pack
from engine.profile import Profile, read_profile
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.selection import select
from engine.yaml_source import Path, Source
from web.api.models import Asked
from web.api.problems import ApiProblem, field_problem, of_input, of_shape, pointer
from web.service import Service, service, too_many_records

Shape = TypeVar("Shape", bound=Asked)
KEPT = 16
LISTING = "可用 /api/v1/measures 查看全部编号"


def body(shape: type[Shape]) -> Shape:
    """The request's JSON as ``shape``. Raises ApiProblem."""
    if request.mimetype != "application/json":
        raise ApiProblem(415)
    try:
        found = read_json(request.get_data(cache=False), "")
    except InputError as error:
        raise ApiProblem(400, errors=[field_problem(item) for item in error.findings]) from None
    try:
        return shape.model_validate(found)
    except ValidationError as error:
        raise of_shape(error) from None


class _Pointed(Source):
    """A source whose findings name their place by a JSON Pointer; ``file`` is the pointer of the whole."""

    def finding(
        self,
        path: Path,
        code: str,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        severity: Severity = "error",
    ) -> Finding:
        return Finding(self.file + pointer(path), 0, 0, code, message, hint, severity)


def profile(data: Any, place: str = "/profile") -> Profile:
    """The profile in a request at the pointer ``place``. Raises ApiProblem with every problem."""
    too_long = too_many_records(data, place) if isinstance(data, dict) else None
    if too_long is not None:
        raise of_input(InputError([too_long]))
    findings, rules = Findings(), service().pack
    found = read_profile(_Pointed(place, data), rules.vocabulary, rules.tables, findings)
    if findings.errors:
        raise of_input(InputError(findings.errors))
    return found


@dataclass(slots=True)
class Choices:
    """The last few choices of measures, compiled; one program is also what questions keep their plans by."""

    service: Service
    programs: OrderedDict[tuple[tuple[str, ...], tuple[str, ...]], Program] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def program(self, documents: Sequence[str], measures: Sequence[str]) -> Program:
        """Raises InputError for unknown ids, with pointers into a request."""
        if not documents and not measures:
            return self.service.program
        key = tuple(sorted(set(documents))), tuple(sorted(set(measures)))
        with self.lock:
            if key in self.programs:
                self.programs.move_to_end(key)
                return self.programs[key]
        made = compile_pack(chosen(self.service.pack, documents, measures))
        with self.lock:
            self.programs[key] = made
            while len(self.programs) > KEPT:
                self.programs.popitem(last=False)
        return made


def chosen(pack: Pack, documents: Sequence[str], measures: Sequence[str]) -> Pack:
    """The pack with the documents and measures that a request names. Raises InputError."""
    return select(pack, documents, measures, lambda kind, index: f"/{kind}s/{index}", LISTING)


@dataclass(frozen=True, slots=True)
class Screening:
    """How a request is answered: the program of its choice, its date."""

    program: Program
    as_of: date

    @classmethod
    def of(cls, asked: Asked, choices: Choices) -> Screening:
        """Raises ApiProblem where it names what there is not."""
        try:
            program = choices.program(asked.documents, asked.measures)
        except InputError as error:
            raise of_input(error) from None
        return cls(program, asked.as_of or service().today())

    def determine(self, found: Profile) -> Determination:
        """The determination. A choice of measures goes by the reference executor: the other keeps what it compiles."""
        if self.program is service().program:
            return service().screen(found, self.as_of)
        return determine(self.program, found, self.as_of, ReferenceSolver())
