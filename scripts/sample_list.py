"""Writes samples/lists/synthetic.xlsx: invented enterprises from the cases of the packs, in the template's layout.

Of each measure one case with each verdict is taken, so every measure that can be eligible is eligible for somebody at
the as-of date of its case. Run after cases have changed:
``python -m scripts.sample_list``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from stdnum.cn import uscc

from engine import load_pack
from engine.diagnostics import Findings
from engine.lists.files import SETTINGS
from engine.lists.template import columns_of, enterprise_fields, record_fields
from engine.loader import BUILT_IN, case_files
from engine.pack import Pack
from engine.vocabulary import VocabularyField

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "samples" / "lists" / "synthetic.xlsx"
FINDING = ("judgement", "about", "finding", "by", "on", "why")


def credit_code(number: int) -> str:
    """A code with a right check character; MA0000 in its middle is given to nobody."""
    body = f"91110000MA0{number:06d}"
    return body + uscc.calc_check_digit(body)


def profiles() -> list[tuple[str, Mapping[str, Any]]]:
    """Name and profile of the first case of each measure and verdict; equal profiles once, the eligible ones first."""
    findings = Findings()
    cases = [case for _, file in case_files(BUILT_IN, findings) for case in file.cases]
    findings.raise_errors()
    chosen = {(case.measure, case.expect.verdict): case for case in reversed(cases) if case.profile}
    ordered = sorted(chosen.values(), key=lambda case: (case.expect.verdict != "eligible", cases.index(case)))
    found: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for case in ordered:
        text = json.dumps(case.profile, ensure_ascii=False, default=str, sort_keys=True)
        found.setdefault(text, (case.name, case.profile))
    return list(found.values())


def cell(value: Any) -> str:
    """An answer of a profile as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value)) if value else "无"
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.isoformat() if isinstance(value, date) else str(value)


def answer(value: Any, field: VocabularyField) -> str:
    """As ``cell``; several answers to a question for one are "one of these"."""
    if isinstance(value, list) and field.type != "choices":
        return json.dumps(value, ensure_ascii=False, default=str)
    text = cell(value)
    return text + "元" if field.type == "money" and text.lstrip("-").isdigit() else text


def items(value: Any) -> list[Mapping[str, Any]]:
    """The records of a list, however it is written."""
    return list(value["items"] if isinstance(value, dict) else value if isinstance(value, list) else [])


def write(pack: Pack, path: Path) -> None:
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(2025, 1, 1)})  # the same bytes from the same cases
    head = book.add_format({"bold": True, "text_wrap": True, "border": 1, "bg_color": "#DCE6F1"})

    def table(name: str, headers: list[str], rows: list[list[str]]) -> None:
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 1)
        for column, header in enumerate(headers):
            sheet.set_column(column, column, max(12, 2 * len(header)))
            sheet.write_string(0, column, header, head)
        for number, row in enumerate(rows, 1):
            for column, text in enumerate(row):
                if text:
                    sheet.write_string(number, column, text)

    vocabulary = pack.vocabulary
    listed = [(credit_code(n), name, profile) for n, (name, profile) in enumerate(profiles(), 1)]
    names = [kind.label for kind in vocabulary.records.values() if kind.name not in ("annual", "finding")]
    table(SETTINGS, ["工作表", "是否列全"], [[name, "是"] for name in names])
    fields = enterprise_fields(vocabulary)
    rows = [
        [code, f"虚构：{name}"] + [answer(profile.get(f.name), f) for f in fields[2:]] for code, name, profile in listed
    ]
    table("企业", [column.header for column in columns_of(fields)], rows)
    key = "统一社会信用代码"
    for kind in vocabulary.records.values():
        if kind.name == "finding":
            continue
        own = record_fields(kind)
        rows = [
            [code, *(answer(item.get(f.name), f) for f in own)]
            for code, _, profile in listed
            for item in items(profile.get(kind.list))
        ]
        table(kind.label, [key, *(column.header for column in columns_of(own))], rows)
    rows = [
        [code, "", *(cell(item.get(name)) for name in FINDING)]
        for code, _, profile in listed
        for item in items(profile.get("findings"))
    ]
    table("人工判断", [key, "措施", "判断事项", "针对的记录", "结论", "谁", "何时", "为什么"], rows)
    book.close()


if __name__ == "__main__":
    OUT.parent.mkdir(parents=True, exist_ok=True)
    write(load_pack(), OUT)
    print(OUT.relative_to(ROOT), f"{OUT.stat().st_size:,} 字节")
