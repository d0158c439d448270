"""From a sheet and what a mapping says of it to a plan; everything that nobody has said becomes a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

from engine.diagnostics import Finding
from engine.industries import Edition
from engine.lists.answers import readable_share
from engine.lists.editions import ASK, edition_of
from engine.lists.files import RawSheet
from engine.lists.headers import Header, parse_header
from engine.lists.layout import Layout, is_transposed, locate, read_headers
from engine.lists.mapping import ColumnSpec, TableSpec, find_column, said
from engine.lists.matching import ENTERPRISE, LIKELY, USED_FROM, Match, Matcher
from engine.lists.plan import EXAMPLE, OWN_UNIT, ColumnPlan, Question, TablePlan, Unused, distinct_headers, lacks_unit
from engine.lists.words import Words, folded
from engine.values import Tables
from engine.vocabulary import VocabularyField

DECLINED = "映射里写明不读"
"""Why a column is not read of which a mapping says so."""
_READABLE_FROM = 0.5
_UNITS = "元、千元、万元、百万元或亿元"


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes plans. ``problems`` collects what is wrong with the mapping or the sheet itself."""

    matcher: Matcher
    tables: Tables
    problems: list[Finding]

    @property
    def words(self) -> Words:
        return self.matcher.words

    @property
    def _measure_headers(self) -> list[str]:
        return [folded(name) for name in self.words.spec.measure_headers]

    def plan(self, sheet: RawSheet, spec: TableSpec | None) -> TablePlan | None:
        """The plan of a sheet; None where there is no table on it or it is left out."""
        if spec is not None and spec.row == "skip":
            return None
        layout = self._layout(sheet, spec)
        if layout is None:
            return None
        row = self._row(sheet, spec, layout)
        if row is None:
            return None
        marks = [EXAMPLE, *self.words.spec.totals, *self.words.spec.footers]
        plan = TablePlan(sheet, row, layout, distinct_headers(layout), aside=f"^(?:{'|'.join(marks)})")
        if spec is not None:
            plan.complete, plan.key_digits = spec.complete, spec.key_digits
            plan.year = spec.year if isinstance(spec.year, int) else None
            self._keys(plan, spec)
        self._columns(plan, spec or TableSpec(file="*"))
        return plan

    def _layout(self, sheet: RawSheet, spec: TableSpec | None) -> Layout | None:
        if sheet.lazy is not None:
            headers = tuple(parse_header(name, self.words) for name in sheet.headers)
            return Layout(-1, -1, headers, None, 0.0)
        rows = sheet.head()
        if spec is not None and spec.header:
            first, last = min(spec.header) - 1, max(spec.header) - 1
            if first < 0 or last >= len(rows):
                self._wrong(sheet, "mapping-header", f"没有第 {last + 1} 行，表头应在前 {len(rows)} 行里")
                return None
            return read_headers(rows, sheet.merges, first, last, self.words, self.matcher.known)
        layout = locate(rows, sheet.merges, self.words, self.matcher.known)
        if is_transposed(rows, layout, self.words, self.matcher.known):
            hint = "请在 Excel 里全选复制，用“选择性粘贴”的“转置”，让每家企业（或每个年度）占一行、每个指标占一列"
            self._wrong(sheet, "list-transposed", "这张表的指标在第一列、年度或企业横着排", hint)
            return None
        if layout is None and spec is not None:
            hint = "请在映射里写明表头在第几行，例如 header: [3]"
            self._wrong(sheet, "list-no-header", "没有找到表头", hint)
        return layout

    def _row(self, sheet: RawSheet, spec: TableSpec | None, layout: Layout) -> str | None:
        kinds = self.matcher.vocabulary.records
        if spec is not None and spec.row is not None:
            named = self.matcher.kind_of_name(spec.row) or spec.row
            if named != ENTERPRISE and named not in kinds:
                known = "、".join([ENTERPRISE, *kinds])
                self._wrong(sheet, "mapping-row", f"row: {spec.row} 不是记录种类", f"可写：{known}，或 skip")
                return None
            return named
        by_name = self.matcher.kind_of_name(sheet.name)
        if by_name == "skip":
            return None
        return by_name or self.matcher.kind_of_headers(layout.headers)

    def _keys(self, plan: TablePlan, spec: TableSpec) -> None:
        positions = []
        for name in spec.key or ():
            position = find_column(name, plan.shown)
            if position is None:
                self._no_column(plan, name)
            else:
                positions.append(position)
        plan.key = tuple(positions)

    # Columns

    def _columns(self, plan: TablePlan, spec: TableSpec) -> None:
        listed: dict[int, ColumnSpec | None] = {}
        for name, written in spec.columns.items():
            position = find_column(name, plan.shown)
            if position is None:
                self._no_column(plan, name)
            else:
                listed[position] = written
        found: list[ColumnPlan] = []
        for position, header in enumerate(plan.headers):
            if position in listed and listed[position] is None:
                plan.unused.append(Unused(position, plan.shown[position], None, DECLINED))
                continue
            own = listed.get(position)
            if plan.row == "finding" and own is None and header.name in self._measure_headers:
                plan.measure = position
                continue
            column = (
                self._said(plan, position, own)
                if own is not None and own.field is not None
                else self._matched(plan, position, header)
            )
            if column is not None:
                found.append(self._settled(plan, column, header, own or ColumnSpec(), spec))
        plan.columns = self._once(plan, found)
        for planned in plan.columns:
            self._ask(plan, planned)

    def _said(self, plan: TablePlan, position: int, spec: ColumnSpec) -> ColumnPlan | None:
        """The column as a mapping names it, by path or by label."""
        assert spec.field is not None
        fields = self.matcher.vocabulary.fields
        path = spec.field if spec.field in fields else f"{plan.row}.{spec.field}"
        if path not in fields:
            wanted = folded(spec.field)
            path = next((p for p, f in fields.items() if folded(f.label) == wanted and self._home(p, plan)), "")
        if not path:
            hint = "可写字段编号或名称，见 huiqi new 生成的画像"
            message = f"“{plan.shown[position]}”写的字段“{spec.field}”不在字段词典里"
            self._wrong(plan.sheet, "mapping-field", message, hint)
            return None
        if not self._home(path, plan):
            message = f"字段“{path}”不能放在{self._row_label(plan.row)}表里"
            self._wrong(plan.sheet, "mapping-field", message, "请检查 row 写的是什么")
            return None
        return ColumnPlan((position,), path, plan.shown[position], 1.0)

    def _home(self, path: str, plan: TablePlan) -> bool:
        record = self.matcher.vocabulary.fields[path].record
        return record is None or record == plan.row or (record == "annual" and plan.row == ENTERPRISE)

    def _matched(self, plan: TablePlan, position: int, header: Header) -> ColumnPlan | None:
        if not header.text:
            if len(plan.cells(position, 20)):
                plan.unused.append(Unused(position, plan.shown[position], None, "没有表头"))
            return None
        matches = self.matcher.matches(header, plan.row)
        best = matches[0] if matches else None
        why = "没有对应的字段"
        if best is not None:
            why = self._objection(plan, position, header, best, matches)
            if not why:
                return ColumnPlan((position,), best.path, plan.shown[position], best.confidence)
        plan.unused.append(Unused(position, plan.shown[position], self._plausible(plan, position, best), why))
        return None

    def _plausible(self, plan: TablePlan, position: int, match: Match | None) -> Match | None:
        """The suggestion, if the cells do not speak against it."""
        if match is None:
            return None
        typed = self.matcher.vocabulary.fields[match.path]
        share = readable_share(plan.cells(position, 200), typed, "元", self.tables)
        return match if (share >= _READABLE_FROM and typed.type != "text") or match.confidence >= LIKELY else None

    def _objection(self, plan: TablePlan, position: int, header: Header, best: Match, matches: Sequence[Match]) -> str:
        """Why a match by header is not used; "" where it is."""
        typed = self.matcher.vocabulary.fields[best.path]
        if best.confidence < USED_FROM:
            return "拿不准，需在映射里确认"
        if any(m.confidence == best.confidence and m.path != best.path and self._same_home(m, best) for m in matches):
            return "可能是几个字段，需在映射里写明"
        if header.unit and not _unit_fits(header.unit, typed, self.words):
            return f"单位“{header.unit}”与“{typed.label}”不符"
        if plan.is_typed(position, typed.type):
            return ""
        share = readable_share(plan.cells(position, 200), typed, header.unit, self.tables)
        if share < _READABLE_FROM:
            return f"内容多半不能按“{typed.label}”读"
        return ""

    def _same_home(self, one: Match, other: Match) -> bool:
        fields = self.matcher.vocabulary.fields
        return fields[one.path].record == fields[other.path].record

    def _settled(
        self, plan: TablePlan, column: ColumnPlan, header: Header, own: ColumnSpec, spec: TableSpec
    ) -> ColumnPlan:
        """With unit, year and edition from mapping, header or title, in this order."""
        typed = self.matcher.vocabulary.fields[column.path]
        origins = []
        unit = year = None
        edition: Edition = "2017"
        if typed.type in ("money", "ratio", "count"):
            table_units = (spec.unit, plan.layout.unit) if typed.type == "money" else (None, None)
            sources = zip((own.unit, header.unit, *table_units), ("映射", "表头", "映射", "表头上方"), strict=True)
            unit, origin = next(((u, o) for u, o in sources if said(u)), (None, ""))
            origins += [f"单位来自{origin}"] if unit else []
        if typed.record == "annual" and plan.row == ENTERPRISE:
            own_year = own.year if isinstance(own.year, int) else None
            year = own_year or header.year or plan.year
            origins += [f"年度来自{'映射' if own_year or not header.year else '表头'}"] if year else []
        zeros = False
        if typed.type == "industry":
            cells = plan.cells(column.positions[0])
            told = next((e for e in (own.edition, spec.edition, header.edition) if said(e)), None)
            found, origin = edition_of(cells, cast("Edition | None", told), self.tables.industries)
            edition = found or "2017"
            origins.append(origin)
            zeros = not bool(cells.str.contains(r"^0\d").any())
        if unit is not None and unit == own.unit and not _unit_fits(own.unit, typed, self.words):
            self._wrong(plan.sheet, "mapping-unit", f"“{column.header}”写的单位“{own.unit}”不认识", f"请写{_UNITS}")
        return replace(
            column,
            unit=unit,
            year=year,
            edition=edition,
            take=own.take,
            round=own.round,
            zeros_lost=zeros,
            origin="，".join(filter(None, origins)),
        )

    def _once(self, plan: TablePlan, found: list[ColumnPlan]) -> list[ColumnPlan]:
        """One column for each field and year: places are put together, of others the surer one is read."""
        kept: dict[tuple[str, int | None], ColumnPlan] = {}
        for column in found:
            slot = (column.path, column.year)
            earlier = kept.get(slot)
            if earlier is None:
                kept[slot] = column
            elif self.matcher.vocabulary.fields[column.path].type == "division" and earlier.sure == column.sure:
                header = f"{earlier.header} + {column.header}"
                kept[slot] = replace(earlier, positions=earlier.positions + column.positions, header=header)
            elif earlier.sure == column.sure == 1.0 and earlier.origin.count("映射") and column.origin.count("映射"):
                message = f"“{earlier.header}”和“{column.header}”都写成了 {column.path}"
                self._wrong(plan.sheet, "mapping-double", message, "请在不读的那一列写 null")
            else:
                loser = column if column.sure <= earlier.sure else earlier
                kept[slot] = earlier if loser is column else column
                match = Match(loser.path, loser.sure)
                why = f"与“{kept[slot].header}”重复，不读"
                plan.unused.append(Unused(loser.positions[0], loser.header, match, why))
        return list(kept.values())

    # Questions

    def _ask(self, plan: TablePlan, column: ColumnPlan) -> None:
        typed = self.matcher.vocabulary.fields[column.path]
        position = column.positions[0]
        header = plan.headers[position]
        if typed.type == "money" and column.unit is None and self._bare(plan, position):
            cells = plan.cells(position, 1000)
            sample = next((cell for cell in cells if cell.strip("0. ") and not OWN_UNIT.search(cell)), "")
            message = f"“{column.header}”的单位没有写明（例如 {sample}），差一个单位就差一万倍，不能猜"
            self._question(plan, column, "list-unit", message, f"请在映射里写单位：{_UNITS}", 'unit: "?"')
        if typed.record == "annual" and plan.row == ENTERPRISE and column.year is None:
            told = f"只写“{header.relative}”" if header.relative else "没有写明是哪一年的"
            message = f"“{column.header}”{told}，不知道是哪个会计年度"
            self._question(plan, column, "list-year", message, "请在映射里写年度，例如 year: 2023", 'year: "?"')
        if typed.type == "industry" and column.origin == ASK:
            message = f"“{column.header}”的代码在 2011 年版和 2017 年版里含义不同，不知道是哪一版"
            self._question(plan, column, "list-edition", message, "请在映射里写版本，2017 或 2011", 'edition: "?"')

    def _bare(self, plan: TablePlan, position: int) -> bool:
        return plan.is_numeric(position) or lacks_unit(plan.cells(position), self.words)

    def _question(self, plan: TablePlan, column: ColumnPlan, code: str, message: str, hint: str, line: str) -> None:
        name = plan.shown[column.positions[0]]
        plan.questions.append(Question(code, message, hint, (line,), name))

    def _no_column(self, plan: TablePlan, name: str) -> None:
        hint = f"表里有：{'、'.join(plan.shown[:12])}{' 等' if len(plan.shown) > 12 else ''}"
        self._wrong(plan.sheet, "mapping-column", f"没有“{name}”这一列", hint)

    def _row_label(self, row: str) -> str:
        return "企业" if row == ENTERPRISE else self.matcher.vocabulary.records[row].label

    def _wrong(self, sheet: RawSheet, code: str, message: str, hint: str = "") -> None:
        where = f"工作表“{sheet.name}”：" if sheet.name else ""
        self.problems.append(Finding(str(sheet.file), 0, 0, code, where + message, hint))


def _unit_fits(unit: str, typed: VocabularyField, words: Words) -> bool:
    """Whether the unit can be one of this type of field."""
    if typed.type == "money":
        return words.is_money_unit(unit)
    if typed.type == "ratio":
        return unit in ("%", "‰", "％")
    if typed.type == "count":
        return unit not in ("%", "‰", "％") and (not words.is_money_unit(unit) or unit in ("万", "千", "百万"))
    return True
