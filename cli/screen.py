"""From what was typed to a determination: rules, a selection of measures, a profile, an executor."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from engine.compiler import compile_pack
from engine.determination import Determination
from engine.diagnostics import Finding, Findings, InputError
from engine.executors import determine_by
from engine.pack import Pack
from engine.profile import Profile, read_profile
from engine.yaml_source import MAX_SIZE, read_bytes, read_file

STANDARD_INPUT = "标准输入"


def select(pack: Pack, documents: Sequence[str], measures: Sequence[str]) -> Pack:
    """The pack with only these measures, its version as before. Raises InputError for unknown ids."""
    programmes = {entry.spec.id for entry in pack.programmes}
    findings = Findings()
    for name in documents:
        if name not in pack.documents:
            findings.add(unknown("--document", "文件编号", name, pack.documents))
    for name in measures:
        if name in programmes:
            message = f"“{name}”是背景内容，只有目标，没有结论"
            hint = f"可用 huiqi rules show {name} 查看"
            findings.add(Finding("--measure", 0, 0, "usage-programme", message, hint))
        elif name not in {measure.id for measure in pack.measures}:
            findings.add(unknown("--measure", "措施编号", name, [measure.id for measure in pack.measures]))
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
        hint = "请去掉其中一个选项"
        raise InputError([Finding("--measure", 0, 0, "usage-nothing-left", "这些措施不在所选的文件里", hint)])
    return result


def unknown(option: str, what: str, name: str, known: Iterable[str]) -> Finding:
    """A name that does not exist, with the nearest ones that do."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    near = near or [item for item in names if name and name in item]
    hint = f"是不是 {'、'.join(near[:3])}？" if near else "可用 huiqi rules list 查看全部编号"
    return Finding(option, 0, 0, "usage-unknown-id", f"没有{what}“{name}”", hint)


def read(path: str, pack: Pack) -> Profile:
    """The profile in a file, or for ``-`` on standard input. Warnings are said; raises InputError."""
    findings = Findings()
    if path == "-":
        source = read_bytes(sys.stdin.buffer.read(MAX_SIZE + 1), STANDARD_INPUT, findings, rule_file=False)
    else:
        source = read_file(Path(path), findings, rule_file=False)
    profile = read_profile(source, pack.vocabulary, pack.tables, findings) if source else None
    findings.raise_errors()
    if profile is None:
        raise InputError([Finding(path, 0, 0, "profile-empty", "没有读到画像")])
    for finding in findings:
        click.echo(str(finding), err=True)
    return profile


def screen(pack: Pack, profile: Profile, as_of: date, executor: str) -> Determination:
    """The determination by the executor asked for, or by the reference one, with a line that says why."""
    determination, why = determine_by(executor, compile_pack(pack), profile, as_of)
    if why is not None:
        click.echo(f"提示：{why}，已改用 reference 执行器，结论相同。", err=True)
    return determination
