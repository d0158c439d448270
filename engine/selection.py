"""A pack with some of its measures only: what a face offers as a choice of documents and measures."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Literal

from engine.diagnostics import Finding, Findings, InputError
from engine.pack import Pack

Chosen = Literal["document", "measure"]
Where = Callable[[Chosen, int], str]
"""What people see as the place of the n-th document or measure that was named."""


def select(pack: Pack, documents: Sequence[str], measures: Sequence[str], where: Where, listing: str = "") -> Pack:
    """The pack with only these measures, its version as before; none named means all.

    ``listing`` is a hint on where to read the ids. Raises InputError for unknown ids.
    """
    programmes = {entry.spec.id for entry in pack.programmes}
    known = {measure.id: None for measure in pack.measures}
    findings = Findings()
    for index, name in enumerate(documents):
        if name not in pack.documents:
            findings.add(unknown(where("document", index), "文件编号", name, pack.documents, listing))
    for index, name in enumerate(measures):
        if name in programmes:
            message = f"“{name}”是背景内容，只有目标，没有结论"
            hint = f"可用 huiqi rules show {name} 查看"
            findings.add(Finding(where("measure", index), 0, 0, "usage-programme", message, hint))
        elif name not in known:
            findings.add(unknown(where("measure", index), "措施编号", name, known, listing))
    findings.raise_errors()
    wanted = [m for m in pack.measures if not measures or m.id in measures]
    entries = pack.programmes if not measures else ()
    chosen = set(documents or pack.documents)
    result = replace(
        pack,
        measures=tuple(measure for measure in wanted if measure.document in chosen),
        programmes=tuple(entry for entry in entries if entry.document in chosen),
        checks=() if measures else pack.checks,
    )
    if measures and not result.measures:
        message, hint = "这些措施不在所选的文件里", "请去掉其中一个选项"
        raise InputError([Finding(where("measure", 0), 0, 0, "usage-nothing-left", message, hint)])
    return result


def unknown(place: str, what: str, name: str, known: Iterable[str], listing: str = "") -> Finding:
    """A name that does not exist, with the nearest ones that do."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    near = near or [item for item in names if name and name in item]
    hint = f"是不是 {'、'.join(near[:3])}？" if near else listing
    return Finding(place, 0, 0, "usage-unknown-id", f"没有{what}“{name}”", hint)
