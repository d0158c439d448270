"""Differences as one HTML page that stands alone: tables, and charts drawn as SVG."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from html import escape
from typing import TYPE_CHECKING

from cli.columns import clipped
from cli.rules_diff_text import short
from engine.difference.model import MeasureChange, PackDifference
from engine.difference.report import (
    GROUP_LABELS,
    VERDICT_LABELS,
    Row,
    counted,
    examined,
    group_rows,
    heading,
    matrix,
    measure_rows,
    outcome,
    region_title,
    signed,
    verdict_line,
)
from engine.pack import Pack
from engine.quantities import format_money

if TYPE_CHECKING:
    from engine.difference.lists import ListDifference

MOST_BARS, MOST_FLIPS = 15, 500
STYLE = """
body{font:16px/1.6 "Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:72rem;
margin:2rem auto;padding:0 1rem;color:#1b2430}
h1{font-size:1.6rem}h2{font-size:1.25rem;border-bottom:1px solid #c9d3e0;padding-bottom:.25rem;margin-top:2.2rem}
h3{font-size:1.05rem;margin:1.4rem 0 .3rem}table{border-collapse:collapse;margin:.6rem 0;font-size:.92rem}
th,td{border:1px solid #c9d3e0;padding:.25rem .6rem;text-align:left;vertical-align:top}th{background:#eef2f8}
td.n{text-align:right;font-variant-numeric:tabular-nums}.old{background:#fdecea}.new{background:#e7f5ea}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f5f7fa;padding:.5rem;font-size:.85rem;margin:.3rem 0}
.region{border-left:4px solid #5b7db1;padding:.1rem .9rem;margin:.8rem 0}.charts{display:flex;flex-wrap:wrap;gap:1rem}
svg{max-width:100%;height:auto}.wide{overflow-x:auto}@media print{.region{break-inside:avoid}}
"""


def page(found: PackDifference, pack: Pack, listed: ListDifference | None) -> str:
    """The page. Every text of the rules and of the list is escaped."""
    body = "\n".join(_body(found, pack, listed))
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>规则差异</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _body(found: PackDifference, pack: Pack, listed: ListDifference | None) -> Iterator[str]:
    yield "<h1>规则差异</h1>"
    yield from (f"<p>{escape(line)}</p>" for line in short(found, None))
    if listed is not None:
        yield from _list(listed)
    yield "<h2>规则</h2>"
    titles = {id: file.document.title for id, file in pack.documents.items()}
    yield "<p>比较的评估日：" + "<br>".join(escape(line) for line in examined(found, titles)) + "</p>"
    if found.texts:
        yield "<h3>措施以外的改动</h3>" + _table(("内容", "旧版", "新版"), [(t.what, t.old, t.new) for t in found.texts])
    for measure in found.measures:
        if measure.changed:
            yield from _measure(measure, pack)


def _measure(measure: MeasureChange, pack: Pack) -> Iterator[str]:
    yield f"<h3>{escape(heading(measure))}</h3>"
    if measure.texts:
        yield _table(("内容", "旧版", "新版"), [(text.what, text.old, text.new) for text in measure.texts])
    if measure.kind != "both":
        return
    yield f"<p>{escape(verdict_line(measure))}</p>"
    for region in measure.regions:
        conditions = "".join(f"<li>{escape(item.text)}</li>" for item in region.conditions)
        data = json.dumps(region.witness, ensure_ascii=False, indent=1)
        yield (
            f'<div class="region"><strong>{escape(region_title(region, measure, pack))}</strong><ul>{conditions}</ul>'
            f"<p>例（评估日{region.days[0].isoformat()}）：旧版<span class=old>{escape(outcome(region.old))}</span>，"
            f"新版<span class=new>{escape(outcome(region.new))}</span></p><details><summary>画像</summary>"
            f"<pre>{escape(data)}</pre></details></div>"
        )


# The list


def _list(listed: ListDifference) -> Iterator[str]:
    yield "<h2>名单</h2>"
    yield from (f"<p>{escape(line)}</p>" for line in counted(listed))
    yield from _rows("措施", measure_rows(listed))
    for group, label in GROUP_LABELS.items():
        yield from _rows(label, group_rows(listed, group))
    changed = [(id, change) for id, change in listed.measures.items() if change.changed]
    lines = [
        (listed.titles[id], old, new, count) for id, change in changed for old, new, count in matrix(change)
    ]
    yield "<h3>各项措施新旧结论对照</h3>" + _table(("措施", "旧结论", "新结论", "企业"), lines)
    yield "<h3>变化的企业</h3>"
    shown = [
        (f.key, f.name, *f.groups, listed.titles[f.measure], VERDICT_LABELS[f.old], VERDICT_LABELS[f.new],
         _amount(f.old_amount), _amount(f.new_amount))
        for f in listed.flips[:MOST_FLIPS]
    ]  # fmt: skip
    heads = ("企业编号", "企业名称", "区县", "行业门类", "企业规模", "措施", "旧结论", "新结论", "旧金额", "新金额")
    yield f'<div class="wide">{_table(heads, shown)}</div>'
    if len(listed.flips) > MOST_FLIPS:
        yield f"<p>只列前{MOST_FLIPS}项，全部{len(listed.flips) + listed.left_out:,}项请输出成 .xlsx 或 .json。</p>"


def _amount(amount: tuple[Fraction, Fraction | None] | None) -> str:
    if amount is None:
        return ""
    low, high = amount
    if high is None:
        return f"{format_money(low)}以上"
    return format_money(low) if low == high else f"{format_money(low)}至{format_money(high)}"


def _rows(label: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f"<h3>按{escape(label)}</h3>"
    heads = (label, "企业", "有变化的企业", "变为符合", "不再符合", "结论改变", "只有金额改变", "确定金额的变化")
    lines = [
        (r.label, r.enterprises, r.changed, r.gained, r.lost, r.flipped, r.amounts, signed(*r.difference)) for r in rows
    ]
    some = [row for row in rows if row.changed]
    if some:
        charts = bars(f"按{label}：有变化的企业（家）", some, lambda row: Fraction(row.changed), lambda n: f"{int(n):,}")
        paid = [row for row in some if row.difference[1]]
        money = bars(f"按{label}：确定金额上限的变化", paid, lambda row: row.difference[1], _signed) if paid else ""
        yield f'<div class="charts">{charts}{money}</div>'
    yield f'<div class="wide">{_table(heads, lines)}</div>'


def _signed(number: Fraction) -> str:
    return f"{'+' if number > 0 else '-' if number < 0 else ''}{format_money(abs(number))}"


def bars(title: str, rows: Sequence[Row], value: Callable[[Row], Fraction], text: Callable[[Fraction], str]) -> str:
    """Horizontal bars from a common zero, with their figures; what falls below zero goes to the left."""
    shown = rows[:MOST_BARS]
    values = [value(row) for row in shown]
    low, high = min(*values, Fraction(0)), max(*values, Fraction(0))
    left, room, step = 210, 230, 26
    unit = Fraction(room) / (high - low) if high > low else Fraction(0)
    zero = left + float(-low * unit) + (70 if low < 0 else 0)
    height = 40 + step * len(shown)
    parts = [f'<text x="4" y="18" font-weight="bold" font-size="14">{escape(title)}</text>']
    for n, (row, number) in enumerate(zip(shown, values, strict=True)):
        y, size = 30 + n * step, float(abs(number) * unit)
        x = zero if number >= 0 else zero - size
        side, at = ("start", zero + size + 5) if number >= 0 else ("end", zero - size - 5)
        colour = "#4472a8" if number >= 0 else "#c0504d"
        parts += [
            f'<text x="{left - 8}" y="{y + 15}" text-anchor="end" font-size="12">{escape(clipped(row.label, 30))}'
            f"<title>{escape(row.label)}</title></text>",
            f'<rect x="{x:.1f}" y="{y + 3}" width="{size:.1f}" height="{step - 8}" fill="{colour}"/>',
            f'<text x="{at:.1f}" y="{y + 15}" text-anchor="{side}" font-size="12">{escape(text(number))}</text>',
        ]
    parts.append(f'<line x1="{zero:.1f}" x2="{zero:.1f}" y1="28" y2="{height - 8}" stroke="#8895a7"/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="560" height="{height}" viewBox="0 0 560 {height}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )


def _table(heads: Sequence[str], lines: Sequence[Sequence[object]]) -> str:
    top = "".join(f"<th>{escape(head)}</th>" for head in heads)
    body = "".join("<tr>" + "".join(_cell(cell) for cell in line) + "</tr>" for line in lines)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: object) -> str:
    if isinstance(cell, int):
        return f'<td class="n">{cell:,}</td>'
    return f"<td>{escape(str(cell)) if cell is not None else ''}</td>"
