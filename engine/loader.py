"""Reads a rules directory into a pack: the only module that knows how rule files lie on disk.

Layout: docs/rule-language.md. Every problem of every file is collected before anything is refused.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from engine import vocabulary as vocabulary_shapes
from engine.condition_reader import ConditionReader
from engine.conditions import Place
from engine.diagnostics import Finding, Findings, InputError
from engine.divisions import DivisionTable
from engine.documents import (
    CasesFile,
    CheckSpec,
    DerivedFile,
    DerivedSpec,
    DocumentFile,
    JudgementSpec,
    MeasuresFile,
    ProgrammesFile,
)
from engine.industries import IndustryTable
from engine.measure_reader import MeasureReader
from engine.pack import (
    Check,
    DatedThreshold,
    Derived,
    Measure,
    Pack,
    ParameterValues,
    ProgrammeEntry,
)
from engine.reading_context import Names, ReadingContext
from engine.regions import Value
from engine.shape_reader import read_shape
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import FieldSpec, Vocabulary, VocabularyField, VocabularyFile
from engine.yaml_source import Source, read_file

Model = TypeVar("Model", bound=BaseModel)
BUILT_IN = Path(__file__).resolve().parent.parent / "rules"


def rules_directory(given: Path | None = None) -> Path:
    """``given``, else HUIQI_RULES, else the packs that come with huiqi."""
    return given or Path(os.environ.get("HUIQI_RULES") or BUILT_IN)


def load_pack(rules: Path | str | None = None, *, document: str | None = None) -> Pack:
    """The rules in a directory (of one document if given), cached. Raises InputError with every error."""
    directory = rules_directory(Path(rules) if rules is not None else None)
    return _cached(directory.resolve(), str(directory), document)


@lru_cache(maxsize=16)
def _cached(directory: Path, shown: str, document: str | None) -> Pack:
    findings = Findings()
    pack = read_pack(Path(shown), findings, document=document)
    findings.raise_errors()
    if pack is None:
        raise InputError([Finding(shown, 0, 0, "rules-empty", "没有读到规则")])
    return pack


def read_pack(directory: Path, findings: Findings, *, document: str | None = None) -> Pack | None:
    """The rules in ``directory`` as far as they can be read; what is wrong goes to ``findings``."""
    if not (directory / "packs").is_dir():
        hint = "目录里应有 packs/、vocabulary/ 等，见规则语言说明"
        findings.add(Finding(str(directory), 0, 0, "rules-no-directory", "这里没有规则目录 packs/", hint))
        return None
    folders = sorted(folder for folder in (directory / "packs").iterdir() if folder.is_dir())
    if document is not None:
        folders = [folder for folder in folders if folder.name == document]
        if not folders:
            known = "、".join(sorted(f.name for f in (directory / "packs").iterdir() if f.is_dir()))
            findings.add(Finding(document, 0, 0, "rules-no-document", f"没有文件编号“{document}”", f"现有：{known}"))
            return None
    return _Loading(directory, findings).run(folders)


def case_files(directory: Path, findings: Findings) -> Iterator[tuple[Source, CasesFile]]:
    """All case files of a rules directory."""
    for path in sorted((directory / "packs").glob("*/cases*.yaml")):
        source = read_file(path, findings)
        shape = read_shape(CasesFile, source, findings) if source else None
        if source and shape:
            yield source, shape


def _part(directory: Path, name: str) -> Path:
    """A folder of the rules, or the built-in one where a rules directory brings only packs."""
    return directory / name if (directory / name).is_dir() else BUILT_IN / name


@dataclass(slots=True)
class _Loading:
    directory: Path
    findings: Findings
    digest: Any = field(default_factory=hashlib.sha256)
    seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    def run(self, folders: list[Path]) -> Pack:
        tables_at = _part(self.directory, "tables")
        tables = Tables(DivisionTable.load(tables_at), IndustryTable.load(tables_at))
        for path in sorted(tables_at.glob("*.csv")) + sorted(tables_at.glob("*.yaml")):
            self._hash(path)
        vocabulary = self._vocabulary(tables)
        derived_files = list(self._files(_part(self.directory, "derived"), "*.yaml", DerivedFile))
        parameters = self._parameters(derived_files, vocabulary, tables)
        names = {key: value.spec.type for key, value in parameters.items()}
        judgements: dict[str, JudgementSpec] = {}
        derived: list[Derived] = []
        checks: list[Check] = []
        for source, file in derived_files:
            judgements.update(file.judgements)
            own = Names(frozenset(file.judgements), frozenset(), names)
            context = ReadingContext(vocabulary, tables, own, source, self.findings)
            derived.extend(filter(None, (self._derived(s, context, i) for i, s in enumerate(file.derived))))
            checks.extend(self._check(spec, context, index) for index, spec in enumerate(file.checks))
        documents: dict[str, DocumentFile] = {}
        measures: list[Measure] = []
        programmes: list[ProgrammeEntry] = []
        for folder in folders:
            found = self._document(folder)
            if found is None:
                self._shapes(folder)
                continue
            documents[found.document.id] = found
            judgements.update(found.judgements)
            known = Names(frozenset(found.judgements), frozenset(found.instruments), names)
            measures.extend(self._measures(folder, found, vocabulary, tables, known))
            programmes.extend(self._programmes(folder, found))
        return Pack(
            self.digest.hexdigest()[:16],
            vocabulary,
            tables,
            parameters,
            tuple(derived),
            tuple(checks),
            judgements,
            documents,
            tuple(measures),
            tuple(programmes),
        )

    # Files

    def _hash(self, path: Path) -> None:
        self.digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")

    def _files(self, folder: Path, pattern: str, shape: type[Model]) -> Iterator[tuple[Source, Model]]:
        for path in sorted(folder.glob(pattern)):
            self._hash(path)
            source = read_file(path, self.findings)
            model = read_shape(shape, source, self.findings) if source else None
            if source and model:
                yield source, model

    def _once(self, name: str, what: str, source: Source, path: tuple[str | int, ...]) -> bool:
        """Report a name that is given a second time."""
        line, _ = source.place(path)
        if name in self.seen:
            file, earlier = self.seen[name]
            hint = f"前一处在 {file}：{earlier}"
            self.findings.add(source.finding(path, "rules-duplicate-name", f"{what}“{name}”写了两次", hint))
            return False
        self.seen[name] = (source.file, line)
        return True

    # Vocabulary, parameters, derived facts

    def _vocabulary(self, tables: Tables) -> Vocabulary:
        files = []
        for source, file in self._files(_part(self.directory, "vocabulary"), "*.yaml", VocabularyFile):
            for name in file.fields:
                self._once(name, "字段", source, ("fields", name))
            for name, record in file.records.items():
                self._once(name, "记录种类", source, ("records", name))
                self._once(record.list, "记录列表", source, ("records", name, "list"))
            files.append(file)
        return vocabulary_shapes.build(files)

    def _parameters(
        self, files: list[tuple[Source, DerivedFile]], vocabulary: Vocabulary, tables: Tables
    ) -> dict[str, ParameterValues]:
        result = {}
        for source, file in files:
            for name, spec in file.parameters.items():
                self._once(name, "参数", source, ("parameters", name))
                typed = VocabularyField(name, None, FieldSpec(type=spec.type, label=spec.label, min=None))
                values = []
                for index, item in enumerate(spec.values):
                    path = ("parameters", name, "values", index, "value")
                    value = self._value(typed, item.value, tables, source, path)
                    if value is not None:
                        values.append(DatedThreshold(item.start, item.end, value, item.source))
                result[name] = ParameterValues(spec, tuple(values))
        return result

    def _value(
        self, typed: VocabularyField, raw: Any, tables: Tables, source: Source, path: tuple[str | int, ...]
    ) -> Value | None:
        try:
            return read_value(typed, raw, tables)
        except ValueProblem as problem:
            self.findings.add(source.finding(path, problem.code, problem.message, problem.hint))
            return None

    def _check(self, spec: CheckSpec, context: ReadingContext, index: int) -> Check:
        path = ("checks", index)
        self._once(spec.id, "编号", context.source, (*path, "id"))
        reader = ConditionReader(context, spec.id)
        scope: frozenset[str] = frozenset()
        unless = reader.read_all(spec.unless, (*path, "unless"), scope)
        return Check(spec, unless, reader.read_all(spec.conditions, (*path, "conditions"), scope))

    def _derived(self, spec: DerivedSpec, context: ReadingContext, index: int) -> Derived | None:
        path, source, tables = ("derived", index), context.source, context.tables
        typed = context.vocabulary.fields.get(spec.field)
        if typed is None:
            self.findings.add(
                source.finding((*path, "field"), "condition-unknown-name", f"没有字段“{spec.field}”", "请先写进字段词典")
            )
            return None
        reader = ConditionReader(context, f"derived.{spec.field}")
        scope = frozenset({typed.record}) if typed.record else frozenset()
        cases = []
        for number, case in enumerate(spec.cases):
            at = (*path, "cases", number)
            if not case.when:
                message = "推导的每种情形都要有条件"
                self.findings.add(source.finding((*at, "when"), "condition-shape", message, "总是成立的写进 otherwise"))
                continue
            when = reader.read_all(case.when, (*at, "when"), scope)
            value = self._value(typed, case.value, tables, source, (*at, "value"))
            if value is not None:
                cases.append((when, value))
        otherwise = self._value(typed, spec.otherwise, tables, source, (*path, "otherwise"))
        place = Place(source.file, *source.place(path))
        return Derived(spec.field, typed.record, spec.title, spec.source, tuple(cases), otherwise, place)

    # Documents

    def _document(self, folder: Path) -> DocumentFile | None:
        path = folder / "document.yaml"
        if not path.is_file():
            self.findings.add(Finding(str(path), 0, 0, "rules-no-document", "缺少 document.yaml"))
            return None
        for source, file in self._files(folder, "document.yaml", DocumentFile):
            if file.document.id != folder.name:
                hint = f"目录叫 {folder.name}"
                at = ("document", "id")
                self.findings.add(source.finding(at, "rules-document-id", "文件编号与目录名不同", hint))
            for group in ("judgements", "instruments"):
                for name in getattr(file, group):
                    self._once(name, "编号", source, (group, name))
            return file
        return None

    def _shapes(self, folder: Path) -> None:
        """Report what is wrong or open in the files of a folder whose document cannot be read."""
        for pattern, shape in (("measures*.yaml", MeasuresFile), ("programmes*.yaml", ProgrammesFile)):
            for _ in self._files(folder, pattern, shape):
                pass

    def _programmes(self, folder: Path, file: DocumentFile) -> Iterator[ProgrammeEntry]:
        for source, shape in self._files(folder, "programmes*.yaml", ProgrammesFile):
            for index, spec in enumerate(shape.programmes):
                path = ("programmes", index, "id")
                self._once(spec.id, "编号", source, path)
                yield ProgrammeEntry(spec, file.document.id, Place(source.file, *source.place(path)))

    def _measures(
        self, folder: Path, file: DocumentFile, vocabulary: Vocabulary, tables: Tables, names: Names
    ) -> Iterator[Measure]:
        for source, shape in self._files(folder, "measures*.yaml", MeasuresFile):
            reader = MeasureReader(
                ReadingContext(vocabulary, tables, names, source, self.findings), file.document.id
            )
            for index, spec in enumerate(shape.measures):
                self._once(spec.id, "编号", source, ("measures", index, "id"))
                measure = reader.read(spec, ("measures", index))
                if measure:
                    yield measure
