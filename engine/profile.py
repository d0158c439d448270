"""An enterprise profile (企业画像): typed values and record lists, read from plain data.

Every problem of a profile is reported at once, with its place. A field that is absent or says that it is not
known has no value here; an absent list has no entry.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine.diagnostics import Findings
from engine.regions import Several, Value
from engine.spans import Span
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import RecordKind, Vocabulary, VocabularyField
from engine.yaml_source import Path, Source

FINDING_NEEDS = ("judgement", "finding", "by", "on", "why")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its kind, its number in its list from 0, its name if it has one, values by path."""

    kind: str
    index: int
    id: str | None
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class RecordList:
    """A list given in a profile; not ``complete`` means that there may be more records."""

    records: tuple[Record, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class ReviewFinding:
    """A reviewer's answer to one judgement, about one record where ``about`` names it."""

    judgement: str
    about: str | None
    answer: bool
    by: str
    on: date
    why: str


@dataclass(frozen=True, slots=True)
class Profile:
    """One enterprise's facts. ``data`` is what was given, for the record."""

    values: Mapping[str, Value]
    lists: Mapping[str, RecordList]
    findings: tuple[ReviewFinding, ...] = ()
    data: Any = field(default=None, compare=False)

    @property
    def name(self) -> str | None:
        """The enterprise's name, if given."""
        value = self.values.get("name")
        return next(iter(value)) if isinstance(value, frozenset) and value else None


def profile_of(data: Mapping[str, Any], vocabulary: Vocabulary, tables: Tables, file: str = "画像") -> Profile:
    """The profile that plain data describes. Raises InputError with every problem."""
    findings = Findings()
    profile = read_profile(Source(file, dict(data)), vocabulary, tables, findings)
    findings.raise_errors()
    return profile


def records_in(data: Mapping[str, Any]) -> int:
    """How many records the lists of a profile have, before it is read: for faces that bound what they take."""
    lists = [value.get("items") if isinstance(value, dict) else value for value in data.values()]
    return sum(len(items) for items in lists if isinstance(items, list))


def read_profile(source: Source, vocabulary: Vocabulary, tables: Tables, findings: Findings) -> Profile:
    """As much of a profile as can be read; every problem goes to ``findings``."""
    return _Reading(source, vocabulary, tables, findings).run()


@dataclass(slots=True)
class _Reading:
    source: Source
    vocabulary: Vocabulary
    tables: Tables
    findings: Findings

    def run(self) -> Profile:
        data = self.source.data
        if not isinstance(data, dict):
            hint = "每行写“字段: 值”；可用 huiqi new 生成空白画像"
            self._wrong((), "profile-shape", "画像应是“字段: 值”的映射", hint)
            return Profile({}, {})
        lists = {kind.list: kind for kind in self.vocabulary.records.values()}
        values: dict[str, Value] = {}
        found: dict[str, RecordList] = {}
        for key, raw in data.items():
            if key in lists:
                self._list(lists[key], raw, found)
            elif key in self.vocabulary.fields and self.vocabulary.fields[key].record is None:
                self._value(self.vocabulary.fields[key], raw, (key,), values)
            else:
                self._unknown_key((key,), key, [*lists, *(f.path for f in self.vocabulary.enterprise)])
        self._annual_years(found)
        return Profile(values, found, self._reviews(found), data)

    def _list(self, kind: RecordKind, raw: Any, found: dict[str, RecordList]) -> None:
        path: Path = (kind.list,)
        complete = True
        if isinstance(raw, dict):
            unknown = set(raw) - {"partial", "items"}
            if unknown or raw.get("partial") not in (True, False) or "items" not in raw:
                hint = "不全的列表写成 partial: true 加 items: 列表"
                self._wrong(path, "profile-list", f"“{kind.list}”写法不对", hint)
                return
            complete, raw, path = not raw["partial"], raw["items"], (*path, "items")
        if raw is None:
            return
        if isinstance(raw, str) and raw.strip() in ("无", "没有"):
            raw = []
        if not isinstance(raw, list):
            self._wrong(path, "profile-list", f"“{kind.list}”应是列表", "每条以 - 开头；没有写 []")
            return
        records = [self._record(kind, index, item, (*path, index)) for index, item in enumerate(raw)]
        self._names_once(records, path)
        found[kind.name] = RecordList(tuple(record for record in records if record), complete)

    def _names_once(self, records: list[Record | None], path: Path) -> None:
        """A finding names the record it is about, so two records cannot share a name."""
        seen: set[str] = set()
        for record in records:
            if record is not None and record.id is not None:
                if record.id in seen:
                    hint = "认定意见靠名称找到记录，请换一个名称"
                    self._wrong((*path, record.index), "profile-duplicate-id", f"有两条记录都叫“{record.id}”", hint)
                seen.add(record.id)

    def _record(self, kind: RecordKind, index: int, raw: Any, path: Path) -> Record | None:
        if not isinstance(raw, dict):
            self._wrong(path, "profile-record", f"{kind.label}的一条记录应是“字段: 值”的映射")
            return None
        values: dict[str, Value] = {}
        for key, item in raw.items():
            if key in kind.fields:
                self._value(kind.fields[key], item, (*path, key), values)
            else:
                self._unknown_key((*path, key), key, list(kind.fields))
        name = values.get(f"{kind.name}.id")
        return Record(kind.name, index, next(iter(name)) if isinstance(name, frozenset) else None, values)

    def _value(self, field_: VocabularyField, raw: Any, path: Path, values: dict[str, Value]) -> None:
        try:
            value = read_value(field_, raw, self.tables)
        except ValueProblem as problem:
            label = f"{field_.label}({field_.name})"
            self._wrong(path, problem.code, f"{label}: {problem.message}", problem.hint)
            return
        if value is None:
            return
        if field_.type == "division" and isinstance(value, frozenset) and len(value) > 1 and isinstance(raw, str):
            places = "、".join(sorted(self.tables.divisions.label(code) for code in value)[:4])
            message = f"{field_.label}： “{raw}”不止一处（{places}），按都有可能处理"
            self.findings.add(
                self.source.finding(path, "profile-ambiguous", message, "请写全到省、市", severity="warning")
            )
        values[field_.path] = value

    def _annual_years(self, found: dict[str, RecordList]) -> None:
        """A fiscal year is given once; two figures for one year cannot both be true."""
        seen: dict[Any, int] = {}
        for record in found["annual"].records if "annual" in found else ():
            year = record.values.get("annual.fiscal_year")
            if not isinstance(year, Span) or not year.is_point:
                self._wrong(self._item("annuals", record.index), "profile-no-year", "年度数据要写明一个会计年度", "例如 fiscal_year: 2016")
            elif year.low in seen:
                self._wrong(self._item("annuals", record.index), "profile-duplicate-year", f"{year.low}年的年度数据写了两次")
            else:
                seen[year.low] = record.index

    def _reviews(self, found: dict[str, RecordList]) -> tuple[ReviewFinding, ...]:
        reviews = []
        for record in found["finding"].records if "finding" in found else ():
            values = {name: record.values.get(f"finding.{name}") for name in (*FINDING_NEEDS, "about")}
            missing = [name for name in FINDING_NEEDS if values[name] is None]
            on, answer = values["on"], values["finding"]
            if missing:
                labels = "、".join(f"{self.vocabulary.fields[f'finding.{n}'].label}({n})" for n in missing)
                self._wrong(self._item("findings", record.index), "profile-finding", f"认定意见缺少{labels}", "意见要写明谁、何时、为什么")
            elif not (isinstance(on, Span) and on.is_point and isinstance(on.low, date)):
                self._wrong((*self._item("findings", record.index), "on"), "profile-finding", "认定日期要写到日")
            elif answer not in (frozenset({"yes"}), frozenset({"no"})):
                self._wrong((*self._item("findings", record.index), "finding"), "profile-finding", "认定结论应为是或否")
            else:
                about = _text(values["about"])
                reviews.append(
                    ReviewFinding(
                        _text(values["judgement"]) or "",
                        about,
                        answer == frozenset({"yes"}),
                        _text(values["by"]) or "",
                        on.low,
                        _text(values["why"]) or "",
                    )
                )
        return tuple(reviews)

    def _item(self, name: str, index: int) -> Path:
        """Where a record of a list stands, which is deeper in a list that is marked partial."""
        data = self.source.data
        partial = isinstance(data, dict) and isinstance(data.get(name), dict)
        return (name, "items", index) if partial else (name, index)

    def _unknown_key(self, path: Path, key: str, known: list[str]) -> None:
        labels = {field_.label: field_.name for field_ in self.vocabulary.fields.values()}
        near = difflib.get_close_matches(str(key), known, n=2)
        if key in labels:
            near = [labels[key]]
        hint = f"是不是{'或'.join(near)}？" if near else "可用 huiqi new 查看全部字段"
        self.findings.add(self.source.finding(path, "profile-unknown-field", f"不认识的字段“{key}”", hint, key=True))

    def _wrong(self, path: Path, code: str, message: str, hint: str = "") -> None:
        self.findings.add(self.source.finding(path, code, message, hint))


def _text(value: Value | None) -> str | None:
    if isinstance(value, Several | Span) or not value:
        return None
    return next(iter(value))
