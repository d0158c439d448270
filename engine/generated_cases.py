"""Generated boundary cases: committed beside the pack once somebody has read them, compared ever after.

They are cases like all others (``cases-generated.yaml``), so every run of the cases runs them. Which cases
there are follows from the conditions; how a profile makes its point is settled when it is committed, so that
another solver brings no difference. Nothing is overwritten unasked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.cases import check_cases
from engine.circuit import Solver
from engine.diagnostics import Finding, Findings
from engine.documents import CasesFile
from engine.flow_yaml import entry, scalar
from engine.pack import Pack
from engine.shape_reader import read_shape
from engine.yaml_source import Source, read_file

FILE = "cases-generated.yaml"
HEAD = """\
# 由 huiqi rules cases 按条件生成的边界案例：每个条件刚好满足、差一点、未填写各一例。
# 条件改动以后用 huiqi rules cases 查看差异，逐条读过再加 --write 重写；不要手改。
"""


@dataclass(frozen=True, slots=True)
class GeneratedCase:
    """A proposed case: what it is about, its profile, and what the reference executor says of it."""

    name: str
    measure: str
    as_of: date
    profile: dict[str, Any]
    verdict: str
    amount: str | None
    between: tuple[str, str | None] | None = None
    """The range of an amount that is not settled."""


def text_of(cases: Sequence[GeneratedCase]) -> str:
    """The file that holds these cases."""
    lines = [HEAD + "cases:"]
    for case in cases:
        lines += [f"  - name: {scalar(case.name)}", f"    measure: {case.measure}"]
        lines.append(f"    as_of: {case.as_of.isoformat()}")
        if case.profile:
            lines.append("    profile:")
            lines += [entry(key, value, 6) for key, value in case.profile.items()]
        else:
            lines.append("    profile: {}")
        lines.append(entry("expect", _expected(case), 4))
    return "\n".join(lines) + "\n"


def _expected(case: GeneratedCase) -> dict[str, Any]:
    expected: dict[str, Any] = {"verdict": case.verdict}
    if case.amount is not None:
        expected["amount"] = Decimal(case.amount)
    if case.between is not None:
        expected["range"] = [None if end is None else Decimal(end) for end in case.between]
    return expected


def compare(
    directory: Path, document: str, proposed: Sequence[GeneratedCase], pack: Pack, solver: Solver
) -> Findings:
    """How the committed cases of a document differ from what its conditions ask for now."""
    findings = Findings()
    path = directory / "packs" / document / FILE
    if not path.is_file():
        message, hint = "还没有生成的案例", "加 --write 写出，读过再提交"
        findings.add(Finding(str(path), 0, 0, "generated-none", message, hint))
        return findings
    source = read_file(path, findings)
    file = read_shape(CasesFile, source, findings) if source else None
    if source is None or file is None:
        return findings
    wanted = {(case.measure, case.name) for case in proposed}
    kept: set[tuple[str, str]] = set()
    for index, case in enumerate(file.cases):
        kept.add((case.measure, case.name))
        if (case.measure, case.name) not in wanted:
            message = f"{case.measure}：“{case.name}”不再生成，条件已改动或删去"
            findings.add(source.finding(("cases", index), "generated-gone", message))
    for measure, name in wanted - kept:
        findings.add(Finding(str(path), 0, 0, "generated-new", f"{measure}：新增“{name}”"))
    findings.extend(_run(source, file, pack, solver))
    return findings


def _run(source: Source, file: CasesFile, pack: Pack, solver: Solver) -> Findings:
    """What the committed cases themselves come to now."""
    return check_cases(iter([(source, file)]), pack, solver)[1]
