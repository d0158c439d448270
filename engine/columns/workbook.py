"""The workbook for a service centre, written row by row in constant memory.

What exceeds the rows of a sheet goes to Parquet beside the workbook, and the overview says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from engine.columns.frame import KEY
from engine.columns.frames import BY_YEAR, HIGH, LOW, MEASURE, READY, VERDICT, tells_years
from engine.columns.money import SAFE, yuan_text
from engine.columns.plan import Plan
from engine.columns.publish import PAYEES, Publisher, by_year_shown, companion
from engine.columns.rows import NAME
from engine.columns.run import Tally
from engine.columns.sheet import MOST_ROWS, PLAIN, Sheet, Styles
from engine.conditions import Judgement, Reference
from engine.pack import Measure
from engine.program import Tree
from engine.quantities import format_date, format_money
from engine.screening import BENEFITS


@dataclass(slots=True)
class Workbook:
    """Writes one workbook from the finished work. ``notes`` tell how the list was read."""

    plan: Plan
    tally: Tally
    publisher: Publisher
    target: Path
    notes: Sequence[str] = ()
    pairs_beside: bool = False
    most: int = MOST_ROWS
    _beside: list[str] = field(default_factory=list)

    def publish(self) -> None:
        """Write the workbook, and what does not fit into it beside it."""
        pairs = sum(
            pl.scan_parquet(path).select(pl.len()).collect().item() for path in self.publisher.store.parts("told")
        )
        too_many = pairs > self.most
        if too_many:
            self._beside.append(f"对照明细有{pairs:,}行，超过表格的行数，全部在 {companion(self.target, 'pairs').name}")
        elif self.pairs_beside:
            self._beside.append(f"全部符合和待定的对照在 {companion(self.target, 'pairs').name}")
        if self.tally.enterprises > self.most:
            name = companion(self.target, "enterprises").name
            self._beside.append(f"企业有{self.tally.enterprises:,}家，超过表格的行数，全部在 {name}")
        self.publisher.write(self.target, self._write)
        self.publisher.parquet(companion(self.target, "masks"), "masks")
        self.publisher.parquet(companion(self.target, "records"), "records")
        if too_many or self.pairs_beside:
            self.publisher.parquet(companion(self.target, "pairs"), "pairs" if self.pairs_beside else "told")
        if self.tally.enterprises > self.most:
            self.publisher.parquet(companion(self.target, "enterprises"), "summary")

    def _write(self, path: Path) -> None:
        with xlsxwriter.Workbook(str(path), {**PLAIN, "tmpdir": str(path.parent)}) as book:
            styles = Styles.of(book)
            self._overview(book, styles)
            self._enterprises(Sheet(book, "企业", styles, self.most))
            self._pairs(Sheet(book, "对照明细", styles, self.most))
            self._measures(Sheet(book, "措施", styles, self.most))
            self._rejects(Sheet(book, "未采用的数据", styles, self.most))
            self._made(Sheet(book, "生成说明", styles, self.most))

    # Sheets

    def _overview(self, book: Any, styles: Styles) -> None:
        sheet = Sheet(book, "概览", styles, self.most)
        tally = self.tally
        for line in (
            f"评估日{format_date(self.plan.as_of)}，在有效期内的措施{len(self.plan.measures)}项。",
            f"读入{tally.rows:,}行：{tally.enterprises:,}家企业已评估，{tally.rejected_rows:,}行未采用；"
            f"另有{tally.rejected_cells + tally.rejected_other:,}处未采用的数据。",
            f"{tally.someone:,}家企业至少符合一项措施。结论只说文件写明的条件，最终由主管部门认定。",
            *self._beside,
        ):
            sheet.line(line)
        sheet.head(
            {
                "措施": 46,
                "文件": 34,
                "符合": 10,
                "条件已满足待认定": 18,
                "缺资料": 10,
                "金额下限合计（元）": 20,
                "金额上限合计（元）": 20,
            },
            freeze=False,
        )
        first = sheet.row
        documents = self.plan.pack.documents
        for measure in self.plan.measures:
            entry = self.tally.measures.get(measure.id, {})
            ready, open_ = entry.get("ready") or 0, entry.get("undetermined") or 0
            sheet.write(
                measure.spec.title,
                documents[measure.document].document.title,
                entry.get("eligible") or 0,
                ready,
                open_ - ready,
                *self._range(entry),
            )
        if self.plan.measures:
            self._chart(book, sheet, first)

    def _range(self, entry: Mapping[str, int | None]) -> tuple[Any, Any]:
        if "low" not in entry or not entry.get("eligible"):
            return None, None
        low, high = entry["low"], entry["high"]
        return self._money(low), "不封顶" if high is None else self._money(high)

    def _chart(self, book: Any, sheet: Sheet, first: int) -> None:
        """The measures with the most eligible enterprises; a chart needs its cells in one run, so they stand apart."""
        eligible = [(self.tally.measures.get(m.id, {}).get("eligible") or 0, m.spec.title) for m in self.plan.measures]
        top = [item for item in sorted(eligible, key=lambda item: -item[0])[:10] if item[0]]
        if not top:
            return
        sheet.line("")
        sheet.line("符合家数最多的措施")
        start = sheet.row
        for count, title in top:
            sheet.write(title, None, count)
        chart = book.add_chart({"type": "bar"})
        last = start + len(top) - 1
        chart.add_series(
            {
                "name": "符合家数",
                "categories": ["概览", start, 0, last, 0],
                "values": ["概览", start, 2, last, 2],
            }
        )
        chart.set_title({"name": "符合家数最多的措施"})
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True})
        chart.set_size({"width": 760, "height": 60 + 34 * len(top)})
        sheet.sheet.insert_chart(start + len(top) + 1, 0, chart)

    def _enterprises(self, sheet: Sheet) -> None:
        payees = self._payees()
        heads = {"企业编号": 24, "企业名称": 36, "符合": 8, "条件已满足待认定": 18, "缺资料": 8, "先补什么": 30}
        for payee in payees:
            name = PAYEES[payee]
            heads |= {f"{name}确定下限（元）": 18, f"{name}确定上限（元）": 18, f"{name}最多可能（元）": 18}
        sheet.head(heads)
        for part in self.publisher.store.parts("summary"):
            for row in pl.read_parquet(part).iter_rows(named=True):
                if not sheet.room:
                    return
                money: list[Any] = []
                for payee in payees:
                    endless = row.get(f"{payee}_endless")
                    low, high = row.get(f"{payee}_low"), row.get(f"{payee}_high")
                    relevant = low is not None
                    money += [self._money(low), "不封顶" if relevant and high is None else self._money(high)]
                    money.append("不封顶" if endless and relevant else self._money(row.get(f"{payee}_possible")))
                counts = (row["eligible"], row["ready"], row["lacking"])
                sheet.write(row[KEY], row[NAME], *counts, row["first"], *money)

    def _payees(self) -> list[str]:
        parts = self.publisher.store.parts("summary")
        columns = pl.read_parquet_schema(parts[0]) if parts else {}
        return [payee for payee in PAYEES if f"{payee}_low" in columns]

    def _pairs(self, sheet: Sheet) -> None:
        heads = {
            "企业编号": 24, "企业名称": 32, "措施": 40, "结论": 18, "金额下限（元）": 16, "金额上限（元）": 16, "领取人": 10,
            "理由": 70, "条款": 12, "文件": 34,
        }  # fmt: skip
        years = tells_years(self.plan)
        sheet.head(heads | ({"按年金额（元）": 40} if years else {}))
        measures = {measure.id: measure for measure in self.plan.measures}
        titles = {id: file.document.title for id, file in self.plan.pack.documents.items()}
        for part in self.publisher.store.parts("told"):
            told = pl.read_parquet(part)
            by_year = by_year_shown(told[BY_YEAR]) if years else pl.Series([None] * len(told), dtype=pl.String)
            wanted = told.select(KEY, NAME, MEASURE, VERDICT, READY, LOW, HIGH, "reason", by_year.alias(BY_YEAR))
            for key, name, id, verdict, ready, low, high, reason, yearly in wanted.iter_rows():
                if not sheet.room:
                    return
                measure = measures[id]
                shown = "符合" if verdict == "eligible" else "条件已满足待认定" if ready else "缺资料"
                most = "不封顶" if high is None and low is not None else self._money(high)
                sheet.write(
                    key, name, measure.spec.title, shown, self._money(low), most, PAYEES[measure.spec.payee], reason,
                    measure.spec.clause, titles[measure.document], yearly,
                )  # fmt: skip

    def _measures(self, sheet: Sheet) -> None:
        sheet.head(
            {
                "措施编号": 40,
                "措施": 40,
                "文件": 34,
                "条款": 12,
                "受益人": 24,
                "条件": 90,
                "待遇": 30,
                "原文": 60,
                "责任单位": 24,
            }
        )
        for measure in self.plan.measures:
            document = self.plan.pack.documents[measure.document].document
            spec = measure.spec
            conditions = "\n".join(_conditions(self.plan.program.trees[measure.id], 0))
            sheet.write(
                spec.id, spec.title, document.title, spec.clause, spec.beneficiary.label, conditions, _benefit(measure),
                "\n".join(spec.cite), "、".join(spec.departments),
            )  # fmt: skip

    def _rejects(self, sheet: Sheet) -> None:
        sheet.head({"工作表": 16, "行": 8, "企业编号": 24, "列": 24, "内容": 30, "原因": 44, "怎么改": 44, "处理": 24})
        for part in self.publisher.store.parts("rejects"):
            for name, row, key, column, value, reason, hint, kept in pl.read_parquet(part).iter_rows():
                if not sheet.room:
                    return
                sheet.write(name, row, key, column, value, reason, hint, "此处按未知处理" if kept else "整行未采用")

    def _made(self, sheet: Sheet) -> None:
        sheet.head({"项目": 20, "内容": 120})
        described = self.publisher.description
        sheet.write("评估日", format_date(self.plan.as_of))
        sheet.write("规则版本", described["pack_version"])
        for note in self.notes:
            sheet.write("说明", note)
        for key, value in _flat(described["mapping"]):
            sheet.write(key, value)
        for number, id in enumerate(described["bits"]["measures"]):
            sheet.write(f"措施掩码第{number}位", id)

    def _money(self, units: int | None) -> Any:
        if units is None:
            return None
        return units / self.plan.unit if abs(units) < SAFE else yuan_text(units, self.plan.unit)


def _conditions(tree: Tree, depth: int) -> Iterator[str]:
    """The conditions of a measure, indented."""
    mark = (
        "（由人认定）"
        if isinstance(tree.node, Judgement)
        else "（见其他文件）"
        if isinstance(tree.node, Reference)
        else ""
    )
    yield "　" * depth + tree.label + mark
    if not getattr(tree.node, "fallback", False):
        for child in tree.children:
            yield from _conditions(child, depth + 1)


def _benefit(measure: Measure) -> str:
    benefit = measure.spec.benefit
    amount = getattr(benefit, "amount", None)
    return benefit.text or (format_money(amount) if amount is not None else BENEFITS.get(benefit.kind, benefit.kind))


def _flat(data: Any, path: str = "对应关系") -> Iterator[tuple[str, str]]:
    """Nested data as lines."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from _flat(value, f"{path}·{key}")
    elif isinstance(data, list | tuple):
        for number, value in enumerate(data, start=1):
            yield from _flat(value, f"{path}·{number}")
    elif data is not None:
        yield path, str(data)
