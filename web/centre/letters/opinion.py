"""认定意见: how one measure stands for one enterprise, with every condition, every finding and where it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from engine.determination import Item, Reason, Result, group_of
from engine.pack import Pack
from web.amounts import amount_in_words, payee_label, range_in_words
from web.centre.choices import Choices
from web.centre.clock import moment
from web.centre.letters.basis import Basis, Reviewed
from web.centre.letters.letter import Block, Heading, Letter, Pairs, Paragraph, Table, cleaned
from web.centre.letters.parts import closing, quoted, reference, title_of
from web.centre.matters import question_of
from web.reasons import deciding, joined, sentence
from web.site.board import by_year
from web.site.condition_picture import JOINS, PLAIN, Node, picture
from web.standalone import VERDICTS
from web.summary import GROUPS
from web.texts import gettext as _

MOST = 30
"""Records whose conditions are told in full."""
WIDTHS = (10, 40, 14, 36)


def opinion(basis: Basis, measure: str, note: str, centre: Choices, by: str, day: date) -> Letter:
    """The letter about one measure. ``note`` is the clerk's remark (or ""), ``by`` who made the letter.

    Raises KeyError where the rules of the determination had no such measure.
    """
    result = basis.result(measure)
    if result is None:
        raise KeyError(measure)
    blocks: list[Block] = [
        Pairs(
            (
                (_("单位"), basis.enterprise.name),
                (_("编号"), basis.enterprise.key),
                (_("措施"), result.title),
                (_("依据"), f"{title_of(result)}，{result.clause}"),
                (_("受益人"), result.beneficiary),
                (_("责任部门"), _("、").join(result.citation.departments) or _("文件未载明")),
            )
        ),
        Heading(_("一、结论")),
        *_verdict(result, basis.pack),
        Heading(_("二、条件")),
        *_conditions(result),
        Heading(_("三、由人认定的事项")),
        *_judged(basis, result),
        Heading(_("四、原文")),
        Paragraph(quoted(result), "quote"),
    ]
    if result.notes:
        blocks.append(Pairs(((_("注"), "\n".join(result.notes)),)))
    if note:
        blocks += [Heading(_("五、说明")), Paragraph(note)]
    blocks += [Heading(_("六、核对") if note else _("五、核对")), *reference(basis, by)]
    return cleaned(closing(_("认定意见"), basis, tuple(blocks), centre, day))


def _verdict(result: Result, pack: Pack) -> Iterator[Block]:
    yield Paragraph(GROUPS[group_of(result)], "strong")
    steps = [*result.calculation, *by_year(result)] if result.amount_range_yuan else []
    rows = (
        (_("金额") if result.amount_range_yuan else _("待遇"), amount_in_words(result) or _("没有金额")),
        (_("算法"), "\n".join(steps)),
        (_("还缺的资料"), _("、").join(pack.vocabulary.label(path) for path in result.missing)),
        (_("付给"), payee_label(result.payee)),
        (_("前提"), "\n".join(result.assumptions)),
    )
    yield Pairs(tuple(row for row in rows if row[1]))


def _conditions(result: Result) -> Iterator[Block]:
    """Of a measure that is evaluated for each record: those that bring the verdict about in full, the first ``MOST`` of
    them, the others in a line."""
    if not result.items:
        yield _tree(result.reasons)
        return
    whole = [item for item in result.items if item.verdict == result.verdict][:MOST]
    for item in whole:
        yield Heading(f"{item.record}（{VERDICTS[item.verdict]}）", 2)
        yield _tree(item.reasons)
        if item.amount_range_yuan:
            words = range_in_words(item.amount_range_yuan)
            yield Pairs(((_("金额"), words), *(((_("算法"), "\n".join(item.calculation)),) if item.calculation else ())))
    others = [item for item in result.items if item not in whole]
    if others:
        yield Heading(_("其他记录"), 2)
        rows = tuple((item.record, VERDICTS[item.verdict], _why(item)) for item in others)
        yield Table((_("记录"), _("结论"), _("金额和原因")), rows, (30, 14, 56))


def _tree(reasons: Sequence[Reason]) -> Table:
    rows = [row for number, node in enumerate(picture(reasons).nodes, start=1) for row in _rows(node, str(number))]
    return Table((_("序号"), _("条件"), _("状态"), _("单位的情况")), tuple(rows), WIDTHS)


def _rows(node: Node, number: str) -> Iterator[tuple[str, ...]]:
    join = f"（{JOINS[node.join]}）" if node.join and node.label not in PLAIN else ""
    judged = [_("由%(by)s认定，见第三部分") % {"by": node.review.by}] if node.review else []
    told = [text for text in (node.value, node.gap) if text]
    yield number, node.label + join, node.word, "\n".join([_("，").join(told), *judged, *node.tags, *node.notes]).strip()
    for place, part in enumerate(node.parts, start=1):
        yield from _rows(part, f"{number}.{place}")


def _why(item: Item) -> str:
    if item.verdict == "eligible":
        ends = [range_in_words(item.amount_range_yuan)] if item.amount_range_yuan else []
        return _("；").join([*ends, *item.calculation]) or _("条件全部满足")
    return joined([sentence(leaf) for leaf in deciding(item.reasons)])


def _judged(basis: Basis, result: Result) -> Iterator[Block]:
    """The findings that this measure rests on, then what is still to be judged."""
    labels, settled = _judgements(result), set(_settled(result))
    counted = [
        found
        for found in basis.reviews
        if (found.row.judgement, found.row.about, found.by, found.why) in settled
    ]
    if counted:
        head = (_("事项"), _("对象"), _("认定"), _("理由"), _("认定人"), _("复核"))
        yield Table(head, tuple(_finding(found, labels) for found in counted), (24, 12, 10, 26, 14, 14))
    open_ = dict.fromkeys(item.what for item in result.waiting_for if item.kind == "judgement")
    if open_:
        yield Paragraph(_("还没有认定："))
        rows = tuple(_open(what, labels.get(what, what), basis.pack) for what in open_)
        yield Table((_("事项"), _("要认定什么"), _("由谁认定")), rows, (30, 46, 24))
    if not counted and not open_:
        yield Paragraph(_("结论不取决于由人认定的事项。") if labels else _("没有需要由人认定的事项。"))


def _settled(result: Result) -> Iterator[tuple[str, str | None, str, str]]:
    """The findings that conditions name: judgement, the record it may be about, by whom and why."""
    named = [(None, result.reasons), *((item.record, item.reasons) for item in result.items or ())]
    for record, reasons in named:
        for reason in reasons:
            if reason.judgement and reason.review:
                for about in {None, record}:
                    yield reason.judgement, about, reason.review.by, reason.review.why


def _judgements(result: Result) -> dict[str, str]:
    """What the measure leaves to people, by id, as the conditions call it."""
    every: Iterable[Reason] = [*result.reasons, *(reason for item in result.items or () for reason in item.reasons)]
    waiting = {item.what: item.label for item in result.waiting_for if item.kind == "judgement"}
    return waiting | {reason.judgement: reason.label for reason in every if reason.judgement}


def _finding(found: Reviewed, labels: dict[str, str]) -> tuple[str, ...]:
    row = found.row
    second = f"{found.second}\n{moment(found.second_at)}" if found.second and found.second_at else _("无")
    return (
        labels[row.judgement],
        row.about or _("本单位"),
        _("成立") if row.finding else _("不成立"),
        found.why,
        f"{found.by}\n{moment(row.at)}",
        second,
    )


def _open(what: str, label: str, pack: Pack) -> tuple[str, ...]:
    question = question_of(what, pack)
    if question is None:
        return label, label, _("文件未载明")
    return question.label, question.question, _("、").join(question.decided_by) or _("文件未载明")
