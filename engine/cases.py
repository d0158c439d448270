"""Cases beside the packs: a profile, a date and what must come out, run like tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from engine.circuit import Solver
from engine.compiler import compile_pack
from engine.determination import Determination, Result
from engine.diagnostics import Finding, Findings, InputError
from engine.documents import Case, CasesFile
from engine.pack import Pack
from engine.profile import profile_of
from engine.quantities import QuantityError, decimal_string, parse_money
from engine.screening import determine
from engine.spans import Number
from engine.yaml_source import Source

VERDICTS = {"eligible": "符合", "ineligible": "不符合", "undetermined": "待定", "not_in_force": "不在有效期"}


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One case and where it missed; it passed if ``findings`` is empty."""

    case: Case
    findings: tuple[Finding, ...]


def run_cases(files: Iterator[tuple[Source, CasesFile]], pack: Pack, solver: Solver) -> Iterator[CaseResult]:
    """Run every case of measures that the pack has."""
    # Each measure as a pack of its own: a case looks at one verdict, and there are thousands of cases.
    alone = {measure.id: replace(pack, measures=(measure,), programmes=(), checks=()) for measure in pack.measures}
    for source, file in files:
        for index, case in enumerate(file.cases):
            at = ("cases", index)
            if case.measure not in alone:
                missing = source.finding((*at, "measure"), "case-no-measure", f"没有措施“{case.measure}”")
                yield CaseResult(case, (missing,))
            else:
                yield CaseResult(case, tuple(_run(case, source, at, alone[case.measure], solver)))


def _run(case: Case, source: Source, at: tuple[str | int, ...], pack: Pack, solver: Solver) -> Iterator[Finding]:
    try:
        profile = profile_of(case.profile, pack.vocabulary, pack.tables)
    except InputError as error:
        for finding in error.findings:
            yield source.finding((*at, "profile"), finding.code, f"{case.name}：{finding.message}", finding.hint)
        return
    determination = determine(compile_pack(pack), profile, case.as_of, solver)
    result = next(item for item in determination.results if item.measure == case.measure)
    for key, expected, actual in _differences(case, result, determination):
        message = f"{case.name}：{key}应为{expected}，实为{actual}"
        yield source.finding((*at, "expect"), "case-differs", message)


def _differences(case: Case, result: Result, determination: Determination) -> Iterator[tuple[str, str, str]]:
    expect = case.expect
    if result.verdict != expect.verdict:
        yield "结论", VERDICTS[expect.verdict], f"{VERDICTS[result.verdict]}（{_decisive(result)}）"
        return
    if expect.amount is not None and _yuan(expect.amount) != result.amount_yuan:
        yield "金额", str(expect.amount), str(result.amount_yuan or result.amount_range_yuan)
    if expect.range is not None:
        wanted = tuple(None if end is None else _yuan(end) for end in expect.range)
        if wanted != result.amount_range_yuan:
            yield "金额范围", str(wanted), str(result.amount_range_yuan)
    if expect.stated is not None and expect.stated != result.stated:
        yield "文件所载条件", expect.stated, result.stated
    if expect.reason is not None and expect.reason not in _decisive(result):
        yield "决定性条件", expect.reason, _decisive(result)
    if expect.missing is not None and set(expect.missing) != set(result.missing):
        yield "缺少的字段", "、".join(expect.missing), "、".join(result.missing)
    if expect.waiting_for is not None:
        kinds = sorted({item.kind for item in result.waiting_for})
        if sorted(set(expect.waiting_for)) != kinds:
            yield "等待", "、".join(expect.waiting_for), "、".join(kinds)


def _decisive(result: Result) -> str:
    return "；".join(f"{r.label}{f'={r.value}' if r.value else ''}" for r in result.reasons if r.decisive)


def _yuan(value: str | int | Decimal) -> str:
    """Plain numbers are yuan and may be finer than a fen, as a rate may give them."""
    if not isinstance(value, str):
        return decimal_string(Fraction(value))
    try:
        low = parse_money(value).low
    except QuantityError as error:
        return error.message
    return decimal_string(low) if isinstance(low, Number) else "?"


def check_cases(files: Iterator[tuple[Source, CasesFile]], pack: Pack, solver: Solver) -> tuple[int, Findings]:
    """How many cases ran, and every difference."""
    findings, count = Findings(), 0
    for result in run_cases(files, pack, solver):
        count += 1
        findings.extend(result.findings)
    return count, findings
