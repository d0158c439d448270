"""From paths to a list that can be read: files opened, sheets planned, keys chosen, questions asked or answered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engine.diagnostics import Finding, Findings, InputError
from engine.lists.extract import Extractor
from engine.lists.files import SETTINGS, RawSheet, contents, damage_told, fingerprint, read_sheets
from engine.lists.findings import Judgements
from engine.lists.keys import common_family, families, lost_zeros
from engine.lists.lazy import LazyList, is_lazy
from engine.lists.mapping import EMPTY, Mapping
from engine.lists.matching import ENTERPRISE, Matcher
from engine.lists.plan import Question, TablePlan
from engine.lists.planner import Planner
from engine.lists.problems import NeedsMapping
from engine.lists.proposal import Proposal, Skipped, suggestions
from engine.lists.source import SLICE_ROWS, Assembly, ListSource
from engine.lists.words import folded, load_words
from engine.pack import Pack


def inspect(paths: Sequence[Path], pack: Pack, mapping: Mapping | None = None, rules: Path | None = None) -> Proposal:
    """What would be read of these files, as far as it can be told. Raises InputError where a file cannot be opened."""
    with damage_told(paths):
        return _inspect(paths, pack, mapping, rules)


def _inspect(paths: Sequence[Path], pack: Pack, mapping: Mapping | None, rules: Path | None) -> Proposal:
    matcher = Matcher(pack.vocabulary, load_words(rules))
    mapping = mapping or EMPTY
    problems: list[Finding] = []
    planner = Planner(matcher, pack.tables, problems)
    tables: list[TablePlan] = []
    skipped: list[Skipped] = []
    unsure: list[TablePlan] = []
    for sheet in _sheets(paths):
        spec = mapping.of(sheet.file.name, sheet.name)
        before = len(problems)
        plan = planner.plan(sheet, spec)
        if plan is not None and (spec is not None or plan.columns or len(problems) > before):
            tables.append(plan)
        elif plan is not None and any(item.suggestion for item in plan.unused):
            unsure.append(plan)
        elif len(problems) == before:
            skipped.append(Skipped(sheet.file.name, sheet.name, _why_skipped(plan, spec is not None)))
    used = {table.sheet.file for table in tables}
    for plan in unsure:  # shown for editing where nothing else of the file is read
        if plan.sheet.file in used:
            skipped.append(Skipped(plan.sheet.file.name, plan.sheet.name, _why_skipped(plan, False)))
        else:
            tables.append(plan)
    problems += _unused_entries(paths, mapping)
    _choose_keys(tables, matcher)
    _ask_years(tables)
    _say_complete(tables)
    if not any(table.columns for table in tables) and not problems:
        hint = "用 huiqi batch --inspect 看认出了什么，把要读的列写进映射"
        problems.append(Finding(str(paths[0]), 0, 0, "list-nothing", "没有认出任何可用的列", hint))
    return Proposal(tuple(tables), tuple(skipped), tuple(problems), mapping.rates, pack.vocabulary)


def open_list(
    paths: Sequence[Path],
    pack: Pack,
    mapping: Mapping | None = None,
    *,
    rules: Path | None = None,
    slice_rows: int = SLICE_ROWS,
) -> ListSource | LazyList:
    """The list in these files. Raises InputError for files that cannot be read, NeedsMapping for open questions."""
    with ThreadPoolExecutor(1) as pool:
        # Files are hashed while it is found out what their columns are; the one needs no Python, the other little else.
        hashing = pool.submit(contents, paths)
        proposal = inspect(paths, pack, mapping, rules)
    if proposal.findings:
        raise NeedsMapping(proposal.findings, proposal.paste())
    data = proposal.data()
    hashed = fingerprint(hashing.result(), json.dumps([data, slice_rows], ensure_ascii=False, sort_keys=True))
    extractor = Extractor(pack.vocabulary, pack.tables, load_words(rules), proposal.rates)
    with damage_told(paths):
        if is_lazy(proposal.tables):
            notes = tuple(_notes(proposal))
            return LazyList(proposal.tables, extractor, Judgements(pack), hashed, data, slice_rows, notes=notes)
        sheets = [extractor.extract(plan) for plan in proposal.tables]
    assembly = Assembly(pack.vocabulary, Judgements(pack))
    enterprise = assembly.enterprise(sheets)
    if enterprise.frame.is_empty():
        message = "没有一行能用：" + (assembly.rejects[0].reason if assembly.rejects else "表里没有数据")
        raise InputError([Finding(str(paths[0]), 0, 0, "list-nothing", message, "见 --inspect")])
    records = assembly.records(sheets, enterprise)
    return ListSource(
        enterprise,
        records,
        tuple(assembly.rejects),
        tuple(sheet.count for sheet in sheets),
        tuple(_notes(proposal)),
        hashed,
        data,
        frozenset(s.plan.sheet.title for s in sheets if s.plan.row == ENTERPRISE),
        slice_rows,
    )


def _sheets(paths: Sequence[Path]) -> list[RawSheet]:
    """The sheets of all files; every file's problem is told at once."""
    findings = Findings()
    sheets: list[RawSheet] = []
    for path in paths:
        try:
            sheets += read_sheets(path)
        except InputError as error:
            findings.extend(error.findings)
    findings.raise_errors()
    return sheets


def _why_skipped(plan: TablePlan | None, mapped: bool) -> str:
    if mapped:
        return "映射里写明不读"
    return "没有认出可用的列" if plan is not None else "不是名单（说明、选项等）"


def _unused_entries(paths: Sequence[Path], mapping: Mapping) -> list[Finding]:
    """Entries of a mapping that name no file of this call: a wrong name must not pass unseen."""
    names = [path.name for path in paths]
    unmatched = [t.file for t in mapping.tables if not any(t.covers(name, t.sheet or "") for name in names)]
    if len(unmatched) < len(mapping.tables) or not mapping.tables:
        return []
    message = f"映射里写的是 {'、'.join(dict.fromkeys(unmatched))}，没有一个是这次的名单"
    return [Finding(str(paths[0]), 0, 0, "mapping-no-file", message, "请改映射里的 file")]


def _choose_keys(tables: Sequence[TablePlan], matcher: Matcher) -> None:
    """The same sort of key on every sheet, unless a mapping has said."""
    unsaid = [table for table in tables if not table.key]
    if not unsaid:
        return
    family = common_family(list(tables), matcher) if len(unsaid) == len(tables) else None
    for table in unsaid:
        found = families(table, matcher)
        chosen = found.get(family) if family else (next(iter(found.values()), None) if len(tables) == 1 else None)
        if chosen is None and len(unsaid) < len(tables):
            chosen = next(iter(found.values()), None)
        if chosen is not None:
            table.key = (chosen,)
            table.key_digits = table.key_digits or lost_zeros(table, chosen, matcher)
        else:
            message = "没有找到各表共有的编号列" if len(tables) > 1 else "没有找到企业的编号列或名称列"
            hint = "请在映射里写 key；可用的列：" + "、".join(table.shown[:8])
            table.questions.append(Question("list-key", message, hint, ('key: ["?"]',)))


def _ask_years(tables: Sequence[TablePlan]) -> None:
    """Annual records need a year each."""
    for table in tables:
        if table.row != "annual" or table.year is not None:
            continue
        if not any(column.path == "annual.fiscal_year" for column in table.columns):
            message = "年度数据没有会计年度这一列"
            table.questions.append(Question("list-year", message, "请在映射里写明是哪一年", ('year: "?"',)))


def _say_complete(tables: Sequence[TablePlan]) -> None:
    """Marks the lists complete of which their own workbook says so; a mapping has the last word."""
    for table in tables:
        said = {folded(name): answer for name, answer in table.sheet.settings}
        if table.complete is None and table.sheet.name and said.get(folded(table.sheet.name)) == "是":
            table.complete = True


def _notes(proposal: Proposal) -> list[str]:
    notes = []
    for table in proposal.tables:
        if table.sheet.note:
            notes.append(f"{table.sheet.title}：{table.sheet.note}")
        notes += [f"{table.sheet.title}：{note}" for note in table.notes]
    complete = [t.sheet.name for t in proposal.tables if t.complete and t.sheet.settings]
    notes += [f"按工作簿里的“{SETTINGS}”或映射，这些表已列全：{'、'.join(complete)}"] if complete else []
    for file in dict.fromkeys(table.sheet.file for table in proposal.tables):
        hidden = next((t.sheet.hidden for t in proposal.tables if t.sheet.file == file), ())
        notes += [f"{file.name}：隐藏的工作表没有读：{'、'.join(hidden)}"] if hidden else []
    notes += [f"{s.file}·{s.sheet}：没有读，{s.why}" for s in proposal.skipped if s.sheet]
    return notes + suggestions(proposal.tables)
