"""Seeded faults: ``python -m tests.faults`` sows every fault of ``tests/corpus/faults`` into a copy of the rules,
asks verification, the committed cases and the citation lock, and writes ``docs/seeded-faults.md``.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine import citations
from engine.cases import run_cases
from engine.compiler import compile_pack
from engine.completions.verify import verify
from engine.diagnostics import Findings, InputError
from engine.generated_cases import FILE
from engine.loader import case_files, load_pack
from engine.pack import Pack
from engine.reference import ReferenceSolver
from engine.yaml_source import read_file
from tests.helpers import ROOT

CORPUS = ROOT / "tests" / "corpus" / "faults" / "faults.yaml"
TABLE = ROOT / "docs" / "seeded-faults.md"
RULES = ROOT / "rules"


@dataclass(frozen=True)
class Fault:
    """One change to one file of the rules, and the measure that it bears on."""

    id: str
    kind: str
    file: str
    measure: str
    after: str
    old: str
    new: str

    @property
    def document(self) -> str:
        """The document whose measure it bears on."""
        prefixes = {"lf16": "langfang-2016", "dx21": "daxing-2021", "dx25": "daxing-2025"}
        return prefixes[self.measure.partition("-")[0]]


@dataclass(frozen=True)
class Found:
    """What each of the checks says of a fault; ``refused`` where the rules cannot even be loaded."""

    refused: tuple[str, ...] = ()
    verify: tuple[str, ...] = ()
    written: int = 0
    generated: int = 0
    citations: tuple[str, ...] = ()

    @property
    def by_any(self) -> bool:
        return bool(self.refused or self.verify or self.written or self.generated or self.citations)


def faults() -> list[Fault]:
    """Every fault of the corpus."""
    findings = Findings()
    source = read_file(CORPUS, findings)
    findings.raise_errors()
    raw: Any = source.data if source else {}
    return [
        Fault(
            item["id"], item["kind"], item["file"], item["measure"],
            item.get("after") or f"id: {item['measure']}\n", item["from"], item["to"],
        )
        for item in raw["faults"]
    ]  # fmt: skip


def sown(fault: Fault, folder: Path) -> Path:
    """A rules directory with the fault. Tables and vocabulary are the built-in ones."""
    shutil.copytree(RULES / "packs" / fault.document, folder / "packs" / fault.document)
    shutil.copytree(RULES / "derived", folder / "derived")
    shutil.copy(RULES / citations.LOCK_NAME, folder)
    path = folder / fault.file
    text = path.read_text("utf-8")
    start = text.index(fault.after)
    at = text.index(fault.old, start)
    path.write_text(text[:at] + fault.new + text[at + len(fault.old) :], "utf-8")
    return folder


def examined(fault: Fault) -> Found:
    """Sow a fault and ask every check."""
    with tempfile.TemporaryDirectory() as place:
        folder = sown(fault, Path(place))
        try:
            pack = load_pack(folder)
            compile_pack(pack)
        except InputError as error:
            return Found(refused=tuple(dict.fromkeys(item.code for item in error.findings)))
        flaws = verify(pack, measures=[fault.measure])
        missed = list(_missed_cases(folder, pack))
        return Found(
            verify=tuple(dict.fromkeys(flaw.finding.code for flaw in flaws)),
            written=sum(name != FILE for name in missed),
            generated=sum(name == FILE for name in missed),
            citations=tuple(dict.fromkeys(_citations(folder, pack, fault))),
        )


def _missed_cases(folder: Path, pack: Pack) -> Iterator[str]:
    """The file of every case that comes out otherwise."""
    for result in run_cases(case_files(folder, Findings()), pack, ReferenceSolver()):
        for finding in result.findings[:1]:
            yield Path(finding.file).name


def _citations(folder: Path, pack: Pack, fault: Fault) -> Iterator[str]:
    """What the citation check says of the fault's measure."""
    findings = Findings()
    citations.check(pack, folder / citations.LOCK_NAME, findings)
    for finding in findings.errors:
        if fault.measure in finding.message:
            yield finding.code


def table() -> str:
    """The page: which check finds which fault."""
    rows = [(fault, examined(fault)) for fault in faults()]
    lines = [
        "# 埋设的错误，各由谁发现",
        "",
        "由 `python -m tests.faults` 生成，不要手改。每行把 `tests/corpus/faults/faults.yaml` 里的一处错误埋进规则包，",
        "再看验证（`huiqi rules verify`）、已提交的案例（`huiqi rules test`）和引文锁（`huiqi rules lint`）各说什么。",
        "",
        "| 错误 | 埋在 | 验证 | 手写案例 | 生成的案例 | 引文 |",
        "|---|---|---|---|---|---|",
    ]
    for fault, found in rows:
        refused = f"拒绝：{_codes(found.refused)}" if found.refused else ""
        cells = [
            f"{fault.kind}（{fault.id}）",
            fault.measure if fault.file.startswith("packs/") else fault.file,
            refused or _codes(found.verify),
            "拒绝" if refused else _count(found.written),
            "拒绝" if refused else _count(found.generated),
            "拒绝" if refused else _codes(found.citations),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    missed = sum(not found.by_any for _, found in rows)
    lines += ["", f"{len(rows)} 处错误，{missed} 处没有被发现。", ""]
    return "\n".join(lines)


def _codes(codes: tuple[str, ...]) -> str:
    return "、".join(codes)


def _count(number: int) -> str:
    return f"{number} 例" if number else ""


if __name__ == "__main__":
    TABLE.write_text(table(), "utf-8")
    sys.stdout.write(TABLE.read_text("utf-8").splitlines()[-1] + "\n")
