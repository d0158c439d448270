"""The empty workbook of ``--template``: a sheet for enterprises, one for each record kind, with drop-downs and notes.

Headers, units and names of sheets are those that reading understands, so a filled-in template needs no mapping.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from engine.lists.files import SETTINGS
from engine.pack import Pack
from engine.vocabulary import RecordKind, Vocabulary, VocabularyField

KEY_FIELD = "credit_code"
EXAMPLE_CODE = "91110115MA01ABCD5X"
_ROWS = 5000  # rows that drop-downs cover
_FIRST = ("credit_code", "name")
_INLINE = 255  # characters that a drop-down may list itself; longer lists lie on the sheet of options
_OPTIONS = "选项"
_MONEY_UNIT = "万元"
_EXAMPLES = {
    "money": "500",
    "count": "10",
    "ratio": "5%",
    "date": "2024-06-30",
    "text": "示例文字",
    "yes_no": "是",
    "division": "北京市大兴区",
    "industry": "I65",
    "credit_code": EXAMPLE_CODE,
}
_HOW = {
    "money": "数字按表头的单位（万元）填；也可以自己写单位，如 1.2亿元。可写范围：2000万-5000万元",
    "count": "整数；可写范围：100-499人、小于50人",
    "ratio": "如 5% 或 0.05",
    "date": "如 2024-06-30；只知道月份可写 2024年6月",
    "choice": "从下拉框里选一个",
    "choices": "可多选，用顿号隔开；没有填“无”",
    "yes_no": "是 或 否",
    "division": "省、市、区县写全，如 河北省廊坊市固安县",
    "industry": "GB/T 4754-2017 的代码或名称，如 I65、软件和信息技术服务业",
    "credit_code": "18 位，请以文本格式填写",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the template: header, what to enter, an example, and what a drop-down offers."""

    header: str
    note: str
    example: str
    options: tuple[str, ...] = ()
    several: bool = False
    group: str = ""


def columns_of(fields: Sequence[VocabularyField]) -> list[Column]:
    """The columns of these fields, in order."""
    return [_column(field) for field in fields]


def enterprise_fields(vocabulary: Vocabulary) -> list[VocabularyField]:
    """Fields that somebody can be asked for, code and name first."""
    asked = [field for field in vocabulary.enterprise if field.spec.question]
    first = [vocabulary.fields[name] for name in _FIRST if name in vocabulary.fields]
    return first + [field for field in asked if field.path not in _FIRST]


def record_fields(kind: RecordKind) -> list[VocabularyField]:
    """All fields of a record kind, its name or number first; years have none."""
    return [field for field in kind.fields.values() if not (kind.name == "annual" and field.name == "id")]


def write_template(path: Path, pack: Pack) -> None:
    """Write the workbook. Texts are written as texts, so none can become a formula. Raises OSError."""
    # xlsxwriter writes when it is closed; an error before leaves no file.
    book = xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    _Template(book, pack).write()
    book.close()


def _column(field: VocabularyField) -> Column:
    header = field.label
    if field.type == "money":
        header += f"({_MONEY_UNIT})"
    elif field.type == "count" and field.spec.unit and field.spec.unit != "年":
        header += f"({field.spec.unit})"
    elif field.type == "industry":
        header += "(GB/T 4754-2017)"
    labels = tuple(option.label for option in field.options.values())
    parts = [field.spec.question or "", field.spec.help or "", _HOW.get(field.type, "")]
    if labels and field.type == "choices":
        parts.append(f"可选：{'、'.join(labels)}")
    if field.spec.personal:
        parts.append("个人信息，只填办理所需")
    example = labels[0] if labels and field.type != "yes_no" else _EXAMPLES[field.type]
    if field.path == "annual.fiscal_year":
        example = "2024"
    return Column(header, "\n".join(filter(None, parts)), example, labels, field.type == "choices", field.spec.group)


class _Template:
    """Writes the sheets of one workbook."""

    def __init__(self, book: Any, pack: Pack) -> None:
        self.book, self.pack, self.vocabulary = book, pack, pack.vocabulary
        head = {"bold": True, "text_wrap": True, "valign": "vcenter", "align": "center", "border": 1}
        self.heads = [book.add_format({**head, "bg_color": colour}) for colour in ("#DCE6F1", "#E2EFDA")]
        self.key_head = book.add_format({**head, "bg_color": "#FCE4D6"})
        self.text = book.add_format({"num_format": "@"})
        self.example = book.add_format({"num_format": "@", "italic": True, "font_color": "#7F7F7F"})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.lists: dict[tuple[str, ...], str] = {}
        self.option_columns: list[tuple[str, ...]] = []

    def write(self) -> None:
        key = columns_of([self.vocabulary.fields[KEY_FIELD]])
        self._explain(self.book.add_worksheet("说明"))
        self._settings(self.book.add_worksheet(SETTINGS))
        self._table("企业", columns_of(enterprise_fields(self.vocabulary)))
        for kind in self.vocabulary.records.values():
            if kind.name == "finding":
                self._table("人工判断", key + self._finding_columns(kind))
            else:
                self._table(kind.label, key + columns_of(record_fields(kind)))
        options = self.book.add_worksheet(_OPTIONS)
        for number, labels in enumerate(self.option_columns):
            for row, label in enumerate(labels):
                options.write_string(row, number, label)
        options.hide()

    def _finding_columns(self, kind: RecordKind) -> list[Column]:
        """Findings name a measure and a judgement by id or by label, and who judged, when and why."""
        own = {name: _column(field) for name, field in kind.fields.items()}
        measures = tuple(measure.id for measure in self.pack.measures)
        labels = tuple(self.pack.judgements)
        measure = Column("措施", "措施编号或名称", measures[0] if measures else "", measures, True)
        judgement = Column("判断事项", "判断事项编号，或同一措施里的名称", labels[0] if labels else "", labels, True)
        finding = Column("结论", "是 或 否", "是", ("是", "否"))
        about = Column("针对的记录", "记录的名称或编号；针对单位本身的不填", "")
        by, why = (Column(header, own[name].note, "示例文字") for header, name in (("谁", "by"), ("为什么", "why")))
        on = Column("何时", own["on"].note, _EXAMPLES["date"])
        return [measure, judgement, about, finding, by, on, why]

    def _table(self, name: str, columns: Sequence[Column]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.freeze_panes(1, 2 if name == "企业" else 1)
        sheet.set_row(0, 36)
        groups: list[str] = []
        for number, column in enumerate(columns):
            if column.group not in groups:
                groups.append(column.group)
            head = self.key_head if number == 0 else self.heads[groups.index(column.group) % 2]
            sheet.set_column(number, number, max(12, min(30, 2 * len(column.header) + 2)), self.text)
            sheet.write_string(0, number, column.header, head)
            if column.note:
                sheet.write_comment(0, number, column.note, {"x_scale": 2, "y_scale": 1.6})
            shown = f"示例：{column.example}" if number == 0 else column.example
            sheet.write_string(1, number, shown, self.example)
            self._drop_down(sheet, number, column)
        sheet.autofilter(0, 0, _ROWS, len(columns) - 1)

    def _drop_down(self, sheet: Any, number: int, column: Column) -> None:
        if not column.options:
            return
        inline = len(",".join(column.options)) <= _INLINE and not any("," in label for label in column.options)
        rule: dict[str, Any] = {"validate": "list", "ignore_blank": True}
        rule["source"] = list(column.options) if inline else self._listed(column.options)
        if column.several:  # several may be entered with 、 between them, so the list only suggests
            rule |= {"show_error": False, "input_title": "可多选", "input_message": "几项之间用顿号隔开"}
            if column.header in ("措施", "判断事项"):
                rule |= {"input_title": column.header, "input_message": "从列表里选，或写名称"}
        else:
            rule |= {"error_title": "不在选项里", "error_message": "请从下拉框里选；不清楚请留空"}
        sheet.data_validation(1, number, _ROWS, number, rule)

    def _listed(self, options: tuple[str, ...]) -> str:
        """The range on the sheet of options that holds these."""
        if options not in self.lists:
            letter = xlsxwriter.utility.xl_col_to_name(len(self.option_columns), col_abs=True)
            self.lists[options] = f"='{_OPTIONS}'!{letter}$1:{letter}${len(options)}"
            self.option_columns.append(options)
        return self.lists[options]

    def _settings(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 20)
        sheet.set_column(1, 1, 12)
        sheet.set_column(2, 2, 70)
        for number, header in enumerate(("工作表", "是否列全", "说明")):
            sheet.write_string(0, number, header, self.heads[0])
        names = [kind.label for kind in self.vocabulary.records.values() if kind.name not in ("annual", "finding")]
        for row, name in enumerate(names, 1):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 2, "“是”：表里没有的企业就是一条也没有；“否”或不填：没有的不知道", self.wrap)
            sheet.data_validation(row, 1, row, 1, {"validate": "list", "source": ["是", "否"]})

    def _explain(self, sheet: Any) -> None:
        sheet.set_column(0, 0, 100)
        lines = (
            "1. 一家企业在“企业”表里占一行；其他表一条记录一行，用统一社会信用代码对应到企业。用不着的表可以删掉。",
            "2. 不知道的留空，不要填 0；确实没有才填 0 或“无”。留空的条件会得出“待定”，不会得出“不符合”。",
            f"3. 金额按表头的单位填（{_MONEY_UNIT}），也可以在格里写明单位；外币请先折算成人民币。",
            "4. 一张表如果已经列全（没有写的企业就是没有），请在“填表设置”里选“是”。",
            "5. “年度数据”一个会计年度一行，年度写四位数字。",
            "6. “人工判断”由审核人填写，要写明谁、何时、为什么；企业自己填的不算。",
            "7. 以“示例”开头的行不会读入，可以留着。表头的批注写着每一列怎么填。",
            "8. 填好后运行：huiqi batch 本文件.xlsx -o 结果.xlsx",
        )
        sheet.write_string(0, 0, "企业名单填写说明", self.title)
        for row, line in enumerate(lines, 2):
            sheet.write_string(row, 0, line, self.wrap)
