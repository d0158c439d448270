"""The messy list of docs/lists.md: ``python -m tests.lists.make_messy`` writes samples/lists/messy.xlsx anew."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter  # type: ignore[import-untyped]

TARGET = Path(__file__).resolve().parents[2] / "samples" / "lists" / "messy.xlsx"
HEADERS = (
    "序号",
    "企业名称",
    "统一社会信用代码",
    "单位性质",
    "注册资本",
    "2025年营业收入",
    "职工人数",
    "成立日期",
    "所属区",
    "网址",
)
ROWS = (
    ("1", "虚构甲（北京）科技有限公司", "91110108MA01A2B3C4", "企业", "1000万", "2000-5000", "100-499人", "2019.5.6", "海淀", "-"),
    ("2", "虚构乙有限公司", "91110115MA02B3C4D5", "企业", "500", "—", "小于50人", "43831", "大兴区", ""),
    ("3", "虚构丙有限公司", "9.11101E+17", "企业", "1.2亿", "12000", "50", "2008年11月7日", "通州", ""),
    ("4", "虚构乙有限公司", "91110115MA02B3C4D5", "企业", "500", "3000", "小于50人", "2020/1/1", "大兴区", ""),
    ("5", "虚构丁大学", "12110000MB03C4D5E6", "高校", "N/A", "不详", "1200", "1991/4/3", "海淀区", ""),
    ("合计", "", "", "", "", "17000", "", "", "", ""),
)  # fmt: skip


def main() -> None:
    """Write the workbook."""
    with xlsxwriter.Workbook(str(TARGET)) as book:
        sheet = book.add_worksheet("名单")
        sheet.merge_range(0, 0, 0, len(HEADERS) - 1, "虚构区科技企业摸底表")
        sheet.write_string(1, 0, "填表日期：2026年3月")
        for row, cells in enumerate([HEADERS, *ROWS], start=2):
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(row, column, cell)
        sheet.write_string(3 + len(ROWS), 0, "数据来源：各街道报送")


if __name__ == "__main__":
    main()
