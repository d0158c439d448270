"""Why a file cannot be drafted from."""

from __future__ import annotations

from pathlib import Path

from engine.diagnostics import Finding, InputError


def refusal(path: Path, code: str, message: str, hint: str) -> InputError:
    """One problem of one file as the exception to raise."""
    return InputError([Finding(str(path), 0, 0, code, message, hint)])
