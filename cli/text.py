"""The report as text, for a terminal or a pipe: pure, from a summary to one string (with colour codes)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import click

from cli.columns import clipped
from engine.determination import GroupKey
from web.reasons import STATUS_MARKS, Branch, conditions_of, sentence
from web.summary import GROUPS, Line, Summary

Detail = Literal["brief", "normal", "all", "trees"]
MARKS: dict[GroupKey, str] = {
    "eligible": "✓",
    "pending": "◇",
    "facts": "?",
    "ineligible": "✗",
    "not_in_force": "–",
}
COLOURS: dict[GroupKey, str] = {"eligible": "green", "pending": "yellow", "facts": "cyan"}
SUGGESTED = 5
FEW = 3
"""So many measures with one reason against them are shown as one line."""
WIDTH = 100
UNNAMED = "未填写名称的企业"


def report(summary: Summary, detail: Detail) -> str:
    """The whole report. ``brief`` is about ten lines; ``trees`` shows every condition."""
    lines = _brief(summary) if detail == "brief" else _full(summary, detail)
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _full(summary: Summary, detail: Detail) -> Iterator[str]:
    found = summary.determination
    yield click.style(f"{found.name or UNNAMED}", bold=True)
    measured = f"{summary.documents} 份文件 {len(summary.lines)} 项措施"
    yield f"日期 {summary.as_of}；{measured}；规则版本 {found.pack_version}"
    for note in found.notes:
        yield click.style(f"请核对：{note}", fg="red")
    for group, title in GROUPS.items():
        lines = summary.of(group)
        if not lines:
            continue
        yield ""
        yield click.style(f"{title}（{len(lines)} 项）", bold=True, fg=COLOURS.get(group))
        if group == "not_in_force":
            yield from _expired(summary)
        elif group == "facts" and detail == "normal":
            yield from _collapsed(summary)
        elif group == "ineligible" and detail == "normal":
            yield from _by_reason(lines)
        else:
            for line in lines:
                yield from _line(line, detail)
    yield from _totals(summary)
    yield from _assumptions(summary)
    yield from _suggestions(summary)
    yield from _titles(summary)
    yield from _context(summary, detail)
    yield ""
    yield "结论只表明文件写明的条件是否满足，是否给予由主管部门决定。"
    if detail == "normal" and (summary.of("facts") or len(summary.of("ineligible")) >= FEW):
        yield "缺资料和不符合的逐项列出：加 --all。某一项的全部条件：加 --measure 编号（见 huiqi rules list）。"


def _line(line: Line, detail: Detail) -> Iterator[str]:
    mark = click.style(MARKS[line.group], fg=COLOURS.get(line.group))
    head = f"  {mark} {line.result.title}"
    if line.group in ("eligible", "pending"):
        head += f" — {click.style(line.amount, bold=True)}" if line.amount else ""
        yield head
        yield f"      {line.reason}"
        yield f"      {line.ask}"
    else:
        yield f"{head} — {line.reason}"
    if detail == "trees":
        yield from _trees(line)


def _trees(line: Line) -> Iterator[str]:
    result = line.result
    yield f"      编号 {result.measure}；受益人：{result.beneficiary}；条款：{result.clause}"
    for item in result.items or []:
        yield f"      {item.record}："
        for tree in conditions_of(item.reasons):
            yield from _tree(tree, "        ")
    if not result.items:
        for tree in conditions_of(result.reasons):
            yield from _tree(tree, "      ")
    for note in result.notes:
        yield f"      注：{note}"
    phrases = "".join(f"“{phrase}”" for phrase in result.citation.phrases)
    yield f"      原文：{phrases}（{result.citation.title.strip('《》')}，{result.clause}）"


def _tree(branch: Branch, indent: str) -> Iterator[str]:
    reason = branch.reason
    line = f"{indent}{STATUS_MARKS[reason.status]} {sentence(branch)}"
    if reason.status == "satisfied" and reason.value and not branch.parts:
        line += f"（{reason.value}）"
    marks = [word for given, word in ((reason.inferred, "推断"), (reason.assumed, "按此处理")) if given]
    yield line + (f"（{'，'.join(marks)}）" if marks else "")
    for detail in (reason.derivation, reason.why and f"理由：{reason.why}", _review(branch)):
        if detail:
            yield f"{indent}    {detail}"
    if not branch.doubted:
        for part in branch.parts:
            yield from _tree(part, indent + "  ")


def _review(branch: Branch) -> str | None:
    review = branch.reason.review
    return f"认定意见：{review.by}，{review.on}，{review.why}" if review else None


def _expired(summary: Summary) -> Iterator[str]:
    for item in summary.expired:
        title = f"《{item.title.strip('《》')}》"
        yield f"  {MARKS['not_in_force']} {title}{item.measures} 项：{item.validity}，{item.note}"


def _collapsed(summary: Summary) -> Iterator[str]:
    """The measures that lack facts, each under the one that it shares with most others."""
    for suggestion in summary.suggestions:
        if suggestion.first_for:
            titles = "、".join(line.result.title for line in suggestion.first_for[:2])
            more = "等" if len(suggestion.first_for) > 2 else ""
            head = f"  {MARKS['facts']} {suggestion.label}：{len(suggestion.first_for)} 项"
            yield clipped(f"{head}，{titles}{more}", WIDTH)


def _by_reason(lines: list[Line]) -> Iterator[str]:
    """The measures that one and the same fact rules out, together; most of them for a place or a kind of applicant."""
    shared: dict[str, list[Line]] = {}
    for line in lines:
        shared.setdefault(line.reason, []).append(line)
    for reason, group in shared.items():
        if len(group) < FEW:
            for line in group:
                yield from _line(line, "normal")
        else:
            titles = "、".join(line.result.title for line in group[:2])
            yield clipped(f"  {MARKS['ineligible']} {reason}（{len(group)} 项）：{titles}等", WIDTH)


def _totals(summary: Summary) -> Iterator[str]:
    if summary.payees:
        yield ""
        yield click.style("合计", bold=True)
    for payee in summary.payees:
        silent = "（文件没有说明几项能否同时享受，所以是范围）" if payee.stacking_open else ""
        yield f"  {payee.label}：已确认 {payee.confirmed}{silent}；算上未定的，{payee.possible}"


def _assumptions(summary: Summary) -> Iterator[str]:
    if summary.assumptions:
        yield ""
        yield click.style("前提", bold=True)
    for text in summary.assumptions:
        yield f"  {text}"


def _suggestions(summary: Summary) -> Iterator[str]:
    if not summary.suggestions:
        return
    yield ""
    yield click.style("建议先补充", bold=True)
    for number, item in enumerate(summary.suggestions[:SUGGESTED], start=1):
        yield f"  {number}. {item.question}（{item.label}，{item.field}；关系到 {len(item.waiting)} 项）"
    if len(summary.suggestions) > SUGGESTED:
        yield f"  还有 {len(summary.suggestions) - SUGGESTED} 项资料可以补充。"


def _titles(summary: Summary) -> Iterator[str]:
    if summary.titles:
        yield ""
        yield click.style("资质自查（不影响以上结论，认定由主管部门决定）", bold=True)
    for title in summary.titles:
        yield f"  {title.readiness.title}：{title.words} — {title.reason}"


def _context(summary: Summary, detail: Detail) -> Iterator[str]:
    programmes = [item for item in summary.determination.programmes if item.in_force or detail == "all"]
    if not programmes:
        return
    yield ""
    if detail != "all":
        yield f"另有背景内容 {len(programmes)} 条（政府的目标和任务，不能申报），加 --all 列出。"
        return
    yield click.style(f"背景内容（{len(programmes)} 条，不能申报）", bold=True)
    for item in programmes:
        targets = f"（{'；'.join(item.targets)}）" if item.targets else ""
        yield f"  · {item.title}：{item.goal}{targets}"


# Brief


def _brief(summary: Summary) -> Iterator[str]:
    counts = {title: len(summary.of(group)) for group, title in GROUPS.items()}
    yield click.style(f"{summary.determination.name or UNNAMED}  {summary.as_of}", bold=True)
    yield f"  {'，'.join(f'{title} {count}' for title, count in counts.items() if count)}"
    shown: list[tuple[GroupKey, int]] = [("eligible", 3), ("pending", 2), ("ineligible", 1)]
    for group, most in shown:
        # What states an amount comes first: there is room for few.
        lines = sorted(summary.of(group), key=lambda line: line.result.amount_range_yuan is None)
        for line in lines[:most]:
            yield _brief_line(line)
        if len(lines) > most and group != "ineligible":
            yield f"    还有 {len(lines) - most} 项{GROUPS[group]}"
    if summary.suggestions:
        names = "、".join(f"{item.label}（{len(item.waiting)} 项）" for item in summary.suggestions[:3])
        yield clipped(f"  {MARKS['facts']} 先补充：{names}", WIDTH)
    for payee in summary.payees:
        yield f"  合计 {payee.label}：已确认 {payee.confirmed}；算上未定的，{payee.possible}"


def _brief_line(line: Line) -> str:
    amount = f" — {line.amount}" if line.group in ("eligible", "pending") and line.amount else ""
    reason = line.ask if line.group == "eligible" else line.reason
    text = clipped(f"{line.result.title}{amount} — {reason}", WIDTH - 4)
    return f"  {click.style(MARKS[line.group], fg=COLOURS.get(line.group))} {text}"
