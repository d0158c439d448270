"""补正通知: what an applicant has to supply so that measures can be decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from engine.determination import Result
from engine.quantities import format_date
from web.centre.choices import Choices
from web.centre.letters.basis import Basis
from web.centre.letters.letter import Block, Heading, Letter, Pairs, Paragraph, Table, cleaned
from web.centre.letters.missing import Wanted, lacking, wanted
from web.centre.letters.parts import closing, quoted, reference, title_of
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Asked:
    """What the clerk chose: measures by id, the deadline and a remark in their own words (or "")."""

    measures: Sequence[str]
    deadline: str = ""
    note: str = ""


def supply(basis: Basis, asked: Asked, centre: Choices, by: str, day: date) -> Letter:
    """The letter. ``by`` is who made it. What is chosen must lack something (``choosable``)."""
    results = [result for result in choosable(basis) if result.measure in set(asked.measures)]
    items = wanted(results, basis.pack)
    numbers = {result.measure: number for number, result in enumerate(results, start=1)}
    blocks: list[Block] = [
        Paragraph(_("%(name)s：") % {"name": basis.enterprise.name}, "strong"),
        Paragraph(
            _(
                "本中心依据公开的政策文件和贵单位已有的资料，按%(day)s对照了各项措施。下列 %(measures)d 项措施还缺资料，"
                "结论或金额不能确定。请补充以下 %(items)d 项资料。"
            )
            % {"day": format_date(basis.row.as_of), "measures": len(results), "items": len(items)}
        ),
    ]
    if asked.deadline:
        blocks.append(Pairs(((_("报送期限"), asked.deadline),)))
    blocks.append(Heading(_("一、需要补充的资料")))
    for number, item in enumerate(items, start=1):
        blocks += [Heading(f"{number}. {item.label}", 2), Pairs(tuple(_told(item, numbers)))]
    blocks += [Heading(_("二、有关措施")), _measures(results)]
    blocks += [Heading(_("三、报送")), *_sending(asked, centre)]
    blocks += [Heading(_("四、依据与核对")), *reference(basis, by)]
    return cleaned(closing(_("补正通知"), basis, tuple(blocks), centre, day))


def choosable(basis: Basis) -> list[Result]:
    """The results that something is missing for."""
    return lacking(basis.found.results)


def _told(item: Wanted, numbers: dict[str, int]) -> Iterable[tuple[str, str]]:
    yield _("问题"), item.question
    if item.help:
        yield _("说明"), item.help
    if item.records:
        yield _("哪些记录"), _("、").join(item.records)
    yield _("怎样填写"), item.form
    waiting = [f"（{numbers[result.measure]}）{result.title}，{result.clause}" for result in item.waiting]
    yield _("有关措施"), "\n".join(waiting)


def _measures(results: Sequence[Result]) -> Table:
    rows = [
        (str(number), result.title, f"{title_of(result)}\n{result.clause}", quoted(result))
        for number, result in enumerate(results, start=1)
    ]
    return Table((_("序号"), _("措施"), _("依据"), _("原文")), tuple(rows), (8, 26, 30, 36))


def _sending(asked: Asked, centre: Choices) -> Iterable[Block]:
    rows = ((_("中心"), centre.name), (_("联系方式"), centre.contact), (_("地址"), centre.address))
    filled = tuple(row for row in rows if row[1])
    if filled:
        yield Pairs(filled)
    if asked.note:
        yield Pairs(((_("另外说明"), asked.note),))
    yield Paragraph(_("没有的写“没有”；不清楚的可以留空，留空按未知处理，不当作没有。收到补充的资料后，本中心重新对照。"))
