"""Small rules directories for tests of the meaning, and one way to screen them.

The vocabulary is that of ``tests/corpus/rules/template``; code tables are the built-in ones. Every profile
that a test screens goes through both executors, which must say the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from textwrap import indent
from typing import Any

from engine import Determination, Pack, forward, load_pack, screen
from engine.determination import Reason, Result

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "tests" / "corpus" / "rules" / "template"
DAY = date(2021, 6, 30)
"""The as-of date of tests that are not about dates."""

FORWARD = forward.ForwardSolver() if forward.available() else None

_PLACES = {
    "document.yaml": "packs/test/document.yaml",
    "measures.yaml": "packs/test/measures.yaml",
    "programmes.yaml": "packs/test/programmes.yaml",
    "cases.yaml": "packs/test/cases.yaml",
    "derived.yaml": "derived/derived.yaml",
    "vocabulary.yaml": "vocabulary/more.yaml",
}
"""Where a rules directory keeps what a test calls by its short name."""


def write_rules(folder: Path, files: Mapping[str, str]) -> Path:
    """A rules directory in ``folder``: the template with ``files`` in place of its own or beside them.

    A key is one of the short names above or a path inside the rules directory.
    """
    shutil.copytree(TEMPLATE / "vocabulary", folder / "vocabulary")
    shutil.copytree(TEMPLATE / "derived", folder / "derived")
    own = {name: (TEMPLATE / name).read_text("utf-8") for name in ("document.yaml", "measures.yaml")}
    for name, text in {**own, **files}.items():
        path = folder / _PLACES.get(name, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def short_name(path: str, folder: Path) -> str:
    """What ``write_rules`` calls a file of the rules in ``folder``: its short name, or its path inside."""
    inside = path.removeprefix(f"{folder}/")
    return next((name for name, place in _PLACES.items() if inside in (name, place)), inside)


def measure(
    conditions: str,
    *,
    id: str = "m",
    kinds: str = "any",
    subject: str | None = None,
    benefit: str = "{kind: service}",
    payee: str = "applicant",
    more: str = "",
) -> str:
    """One measure as YAML; ``conditions`` are flow mappings with commas between them, ``more`` further keys."""
    who = "{label: 单位, kinds: any, why: 测试不限主体}" if kinds == "any" else f"{{label: 单位, kinds: {kinds}}}"
    lines = [
        f"- id: {id}",
        f"  title: 措施{id}",
        "  clause: 一(二)",
        "  determinacy: quantified",
        "  summary: 测试用的措施",
        f"  beneficiary: {who}",
        f"  payee: {payee}",
        *([f"  subject: {subject}"] if subject else []),
        "  conditions: [",
        indent(conditions, "    "),
        "    ]",
        f"  benefit: {benefit}",
        "  departments: [市科技局]",
        "  cite: [原文一句, 原文另一句]",
        *([indent(more, "  ")] if more else []),
    ]
    return "\n".join(lines) + "\n"


def document(**changes: str) -> str:
    """The template's document with some of its lines changed: ``validity="{from: …}"``; or added at its end."""
    text = (TEMPLATE / "document.yaml").read_text("utf-8")
    for key, value in changes.items():
        lines = text.splitlines()
        at = next((n for n, line in enumerate(lines) if line.startswith(f"  {key}: ")), None)
        if at is None:
            lines.append(f"{key}: {value}")
        else:
            lines[at] = f"  {key}: {value}"
        text = "\n".join(lines) + "\n"
    return text


def pack_of(folder: Path, *measures: str, **files: str) -> Pack:
    """The pack of these measures; ``files`` by short name without its ending (``document=``, ``derived=``)."""
    named = {f"{name}.yaml": text for name, text in files.items()}
    if measures:
        named["measures.yaml"] = "measures:\n" + indent("".join(measures), "  ")
    place = folder / sha256(repr(sorted(named.items())).encode()).hexdigest()[:12]
    if not place.exists():
        write_rules(place, named)
    return load_pack(place)


def screened(pack: Pack, profile: Mapping[str, Any], as_of: date = DAY) -> Determination:
    """The determination, after making sure that both executors give it."""
    found = screen(profile, pack, as_of=as_of)
    if FORWARD is not None:
        assert screen(profile, pack, as_of=as_of, solver=FORWARD).to_json() == found.to_json()
    return found


def result_of(folder: Path, conditions: str, profile: Mapping[str, Any], *, as_of: date = DAY, **keys: Any) -> Result:
    """The result of one measure; ``keys`` are those of ``measure``."""
    return screened(pack_of(folder, measure(conditions, **keys)), profile, as_of).results[0]


def verdict_of(folder: Path, conditions: str, profile: Mapping[str, Any], *, as_of: date = DAY, **keys: Any) -> str:
    """The verdict of one measure."""
    return result_of(folder, conditions, profile, as_of=as_of, **keys).verdict


def only_reason(result: Result, kind: str = "condition") -> Reason:
    """The one reason of this kind."""
    (found,) = [reason for reason in result.reasons if reason.kind == kind]
    return found


def review(judgement: str, answer: bool | str = True, **keys: Any) -> dict[str, Any]:
    """A reviewer's finding as a profile writes it."""
    return {
        "judgement": judgement, "finding": answer, "by": "张三", "on": "2021-05-01", "why": "已核实", **keys,
    }  # fmt: skip
