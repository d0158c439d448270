"""Open points of a draft: values that begin with ``??`` and say what is still to be decided.

Such a value may stand wherever a rule file has a text, a number, a list or a mapping. A file that holds one is
refused with a finding for each, so a draft is never taken for a finished pack.
"""

from __future__ import annotations

from collections.abc import Iterator

from engine.yaml_source import Path, Plain

MARK = "??"
CODE = "draft-open"


def open_points(data: Plain, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Where each open point stands, and what it asks; names of entries that begin with the mark are open too."""
    if isinstance(data, str):
        if data.startswith(MARK):
            yield path, data.removeprefix(MARK).strip()
    elif isinstance(data, dict):
        for key, value in data.items():
            if key.startswith(MARK):
                yield (*path, key), key.removeprefix(MARK).strip()
            yield from open_points(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from open_points(item, (*path, index))


def open_point(question: str) -> str:
    """The value that marks a point as open; ``question`` says in Chinese what to decide."""
    return f"{MARK} {question}"
