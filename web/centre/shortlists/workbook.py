"""A shortlist as a workbook: the lines, and how it was made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO

import xlsxwriter  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from engine.columns.sheet import MOST_ROWS, PLAIN, Sheet, Styles
from engine.pack import Measure, Pack
from engine.program import Program
from engine.quantities import format_date
from web.centre.clock import moment
from web.centre.shortlists.lines import Line, Lines
from web.rule_words import validity
from web.texts import gettext as _

MOST_EXPLAINED = 3_000
"""Lines whose reasons are made again, three milliseconds each."""
DIGITS = 15
"""That a number in a cell keeps."""
HEADS = {
    _("编号"): 22, _("单位名称"): 36, _("注册地"): 20, _("行业"): 26, _("规模"): 8, _("结论"): 18, _("金额下限（元）"): 16,
    _("金额上限（元）"): 16, _("算法"): 50, _("认定意见"): 50, _("决定性的理由"): 60, _("条款"): 12, _("评估日"): 16,
    _("规则版本"): 20,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """Which list: of these enterprises, in this order. ``said`` are the filters in words (label, value), ``version`` the
    site's pack version, ``by`` who asked for it and ``at`` when (UTC)."""

    measure: str
    enterprises: Sequence[int]
    said: Sequence[tuple[str, str]]
    version: str
    by: str
    at: datetime


def write(session: Session, wish: Wish, program: Program, target: IO[bytes], most: int = MOST_EXPLAINED) -> None:
    """Write the workbook; of the first ``most`` lines with their reasons. ``program`` is of ``wish.version``."""
    measure = program.pack.measure(wish.measure)
    counted: Counter[str] = Counter()
    with xlsxwriter.Workbook(target, PLAIN) as book:
        styles = Styles.of(book)
        # What a reader of the file finds in its properties is the time of the list, not of this machine.
        book.set_properties({"title": measure.spec.title, "author": wish.by, "created": wish.at})
        sheet = Sheet(book, _("名单"), styles)
        sheet.head(HEADS)
        for line in Lines(session, wish.measure, program, most).of(wish.enterprises[:MOST_ROWS]):
            counted[line.group] += 1
            sheet.write(*_cells(line, measure))
        _made(Sheet(book, _("说明"), styles), wish, program.pack, counted, most)


def amount_cell(amount: str | None) -> float | str | None:
    """An amount as a cell keeps it exactly: a number, or text where it has more digits than a number keeps."""
    if amount is None:
        return None
    return float(amount) if len(Decimal(amount).normalize().as_tuple().digits) <= DIGITS else amount


def _cells(line: Line, measure: Measure) -> tuple[float | str | None, ...]:
    high = _("不封顶") if line.low is not None and line.high is None else amount_cell(line.high)
    return (
        line.key, line.name, line.division, line.industry, line.size, line.group, amount_cell(line.low), high,
        line.calculation, line.findings, line.reason, measure.spec.clause,
        format_date(line.as_of) if line.as_of else "", line.version,
    )  # fmt: skip


def _made(sheet: Sheet, wish: Wish, pack: Pack, counted: Counter[str], most: int) -> None:
    measure = pack.measure(wish.measure)
    document = pack.documents[measure.document].document
    total = sum(counted.values())
    sheet.head({_("项目"): 20, _("内容"): 110})
    sheet.write(_("措施"), f"{measure.spec.title}（{measure.id}）")
    sheet.write(_("依据"), f"《{document.title.strip('《》')}》{document.number or _('（文号未载明）')}，{measure.spec.clause}")
    sheet.write(_("有效期"), validity(document.validity))
    for phrase in measure.spec.cite:
        sheet.write(_("原文"), phrase)
    for label, value in wish.said:
        sheet.write(_("筛选：%s") % label, value)
    sheet.write(_("家数"), total)
    for group, count in counted.items():
        sheet.write(_("其中：%s") % group, count)
    sheet.write(_("生成时间"), moment(wish.at))
    sheet.write(_("生成人"), wish.by)
    sheet.write(_("现行规则版本"), wish.version)
    sheet.write(_("结论"), _("每家按保存的认定记录，评估日和规则版本见各行；结论只说明文件写明的条件是否满足，由主管部门决定。"))
    sheet.write(_("金额"), _("可享受的是下限和上限；待认定的下限是零，上限是认定后最多的金额；没有写的是文件未载明金额。"))
    if total > most:
        text = _("前 %(most)d 家写了算法和决定性的理由，其余 %(rest)d 家没有写；缩小筛选范围就都有。")
        sheet.write(_("理由"), text % {"most": most, "rest": total - most})
    if len(wish.enterprises) > MOST_ROWS:
        text = _("共 %(all)d 家，一张表放不下，这里是前 %(most)d 家；请缩小筛选范围。")
        sheet.write(_("没有列全"), text % {"all": len(wish.enterprises), "most": MOST_ROWS})
