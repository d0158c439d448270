"""Problems as values: a stable code, a place, a message and a hint, collected and reported once, sorted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """One problem. ``line`` and ``column`` count from 1; 0 means that the place is the file as a whole.

    ``message`` and ``hint`` are Chinese and name no Python type.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}:{self.column}"
        kind = "" if self.severity == "error" else "（提示）"
        hint = f"。{self.hint}" if self.hint else ""
        return f"{place}: {kind}{self.message}{hint} [{self.code}]"


@dataclass(slots=True)
class Findings:
    """A collector. Iterating gives each finding once, sorted by place and code."""

    _items: set[Finding] = field(default_factory=set)

    def add(self, finding: Finding) -> None:
        self._items.add(finding)

    def extend(self, findings: Iterable[Finding]) -> None:
        self._items.update(findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(sorted(self._items))

    def __len__(self) -> int:
        return len(self._items)

    @property
    def errors(self) -> list[Finding]:
        """The findings that forbid going on, sorted."""
        return [item for item in self if item.severity == "error"]

    def raise_errors(self) -> None:
        """Raise ``InputError`` with every error, if there is one."""
        if self.errors:
            raise InputError(self.errors)


class InputError(Exception):
    """Input that cannot be used. Carries at least one finding; faces print them, a line each, and exit with 2."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(findings)
        super().__init__("\n".join(str(item) for item in self.findings))
