"""From what was typed to a determination: rules, a selection of measures, a profile, an executor."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import click

from engine import selection
from engine.compiler import compile_pack
from engine.determination import Determination
from engine.diagnostics import Finding, Findings, InputError
from engine.executors import determine_by
from engine.pack import Pack
from engine.profile import Profile, read_profile
from engine.yaml_source import MAX_SIZE, read_bytes, read_file

STANDARD_INPUT = "标准输入"
LISTING = "可用 huiqi rules list 查看全部编号"


def select(pack: Pack, documents: Sequence[str], measures: Sequence[str]) -> Pack:
    """The pack with only these measures, its version as before. Raises InputError for unknown ids."""
    return selection.select(pack, documents, measures, lambda chosen, _: f"--{chosen}", LISTING)


def unknown(option: str, what: str, name: str, known: Iterable[str]) -> Finding:
    """A name that does not exist, with the nearest ones that do."""
    return selection.unknown(option, what, name, known, LISTING)


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
