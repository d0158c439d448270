"""Differences in sentences and tables, for every face: terminal, page and workbook say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from engine.cases import VERDICTS as NAMES
from engine.difference.model import ChangedRegion, MeasureChange, Outcome, PackDifference
from engine.difference.plain import PROVEN
from engine.pack import Pack
from engine.quantities import format_date, format_money

if TYPE_CHECKING:  # lists need dataframes, which a comparison of rules alone does without
    from engine.difference.lists import Change, ListDifference, Money

VERDICT_LABELS = {**NAMES, "absent": "没有这项"}
GROUP_LABELS = {"district": "区县", "industry": "行业门类", "size": "企业规模"}
KINDS = {"added": "新增的措施", "removed": "删去的措施", "both": "改动的措施"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of a list's changes; money in yuan."""

    label: str
    enterprises: int
    changed: int
    gained: int
    lost: int
    flipped: int
    amounts: int
    old: Money
    new: Money

    @property
    def difference(self) -> tuple[Fraction, Fraction]:
        """By how much the confirmed amounts change, low and high ends, as far as they have ends."""
        return self.new.low - self.old.low, self.new.high - self.old.high


def row(label: str, change: Change) -> Row:
    """A change as a line of a table."""
    counts = change.enterprises, change.changed, change.gained, change.lost, change.flipped, change.amounts
    return Row(label, *counts, change.old, change.new)


def group_rows(found: ListDifference, group: str) -> list[Row]:
    """The groups of one kind, those with the most changes first."""
    rows = [row(label, change) for label, change in found.groups[group].items()]
    return sorted(rows, key=lambda item: (-item.changed, -item.enterprises, item.label))


def measure_rows(found: ListDifference) -> list[Row]:
    """The measures in their order, changed ones only."""
    return [row(found.titles[id], change) for id, change in found.measures.items() if change.changed]


def matrix(change: Change) -> list[tuple[str, str, int]]:
    """Old and new verdict of one measure and how many enterprises, changes first."""
    order = {verdict: n for n, verdict in enumerate(("eligible", "undetermined", "ineligible", "not_in_force", "absent"))}
    found = sorted(change.flips.items(), key=lambda i: (i[0][0] == i[0][1], order[i[0][0]], order[i[0][1]]))
    return [(VERDICT_LABELS[old], VERDICT_LABELS[new], count) for (old, new), count in found]


def counted(found: ListDifference) -> list[str]:
    """What was read and what came of it: nothing is lost."""
    lines = [f"评估日{format_date(found.as_of)}。"]
    for name, tally in zip(("旧版", "新版"), found.tallies or (), strict=False):
        told = f"读入{tally.rows:,}行：{tally.enterprises:,}家企业已评估，{tally.rejected_rows:,}行未采用"
        other = tally.rejected_cells + tally.rejected_other
        lines.append(f"{name}{told}；另有{other:,}处内容未采用（按未知处理）。")
    if len(lines) == 3 and lines[1][2:] == lines[2][2:]:
        lines[1:] = [f"新旧两版都{lines[1][2:]}"]
    whole = found.whole
    low, high = row("", whole).difference
    lines.append(
        f"{whole.changed:,}家企业的结论或金额改变：{whole.gained:,}项变为符合，{whole.lost:,}项不再符合，"
        f"其余结论改变{whole.flipped - whole.gained - whole.lost:,}项，只有金额改变{whole.amounts:,}项。"
    )
    lines.append(f"确定金额合计：旧版{money(whole.old)}，新版{money(whole.new)}，{signed(low, high)}。")
    if not found.measures:
        lines.append("这一天两版都没有在有效期内的措施，请用 --as-of 换一个评估日。")
    if found.left_out:
        lines.append(f"逐家明细只列前{len(found.flips):,}项，另有{found.left_out:,}项已计入各表。")
    return lines


def money(found: Money) -> str:
    """A sum of ranges in words."""
    low, high = format_money(found.low), format_money(found.high)
    ended = low if low == high else f"{low}至{high}"
    return ended + (f"（另有{found.endless}项不封顶）" if found.endless else "")


def signed(low: Fraction, high: Fraction) -> str:
    """A change of money in words."""
    if not low and not high:
        return "没有变化"
    one, other = ("增加" if end > 0 else "减少" if end < 0 else "" for end in (low, high))
    if low == high:
        return f"{one}{format_money(abs(low))}"
    return f"下限{one or '不变'}{format_money(abs(low)) if low else ''}，上限{other or '不变'}{format_money(abs(high)) if high else ''}"


# Rules


def outcome(item: Outcome) -> str:
    """A verdict with its amount, as a report says it."""
    told = VERDICT_LABELS[item.verdict]
    if item.range is None:
        return told
    low, high = item.range
    if item.amount is not None:
        return f"{told}，{format_money(Fraction(item.amount))}"
    if high is None:
        return f"{told}，{format_money(Fraction(low))}以上"
    return f"{told}，{format_money(Fraction(low))}至{format_money(Fraction(high))}"


def heading(item: MeasureChange) -> str:
    """What kind of difference a measure has, in a few words."""
    return f"{KINDS[item.kind]}：{item.title}（{item.id}）"


def verdict_line(item: MeasureChange) -> str:
    """What is proven of a measure that both versions have."""
    bound = "、".join(f"{label}{count}条" for label, count in item.records)
    proof = f"（证明时每家企业最多{bound}）" if bound else ""
    if not item.complete:
        return f"以下不完整：{item.why}。"
    if not item.regions:
        return f"{PROVEN}{proof}。" if item.examined else f"{PROVEN}：条件、待遇和有效期的含义相同。"
    return f"{len(item.regions)}类画像的结论或金额改变，其余画像都不变{proof}。"


def whose(region: ChangedRegion, measure: MeasureChange, pack: Pack) -> str:
    """Whose verdict changes."""
    subject = next((m.subject for m in pack.measures if m.id == measure.id), None)
    label = pack.vocabulary.records[subject].label if subject else ""
    return {"enterprise": "企业", "listed": f"每条{label}", "unlisted": f"没有列出的{label}（清单未填或不全）"}[region.which]


def region_title(region: ChangedRegion, measure: MeasureChange, pack: Pack) -> str:
    """Whose verdict changes from what to what."""
    days = "、".join(day.isoformat() for day in region.days)
    on = f"（评估日{days}）" if set(region.days) != set(measure.days) else ""
    kind = "金额" if region.amount else "结论"
    partly = "" if region.whole else "，其中一部分画像"
    old, new = VERDICT_LABELS[region.old.verdict], VERDICT_LABELS[region.new.verdict]
    told = f"{old}（金额改变）" if region.amount else f"{old} → {new}"
    return f"{whose(region, measure, pack)}的{kind}：{told}{partly}{on}"


def examined(found: PackDifference, titles: dict[str, str]) -> Iterator[str]:
    """The days that were examined, by document."""
    for id, days in found.days.items():
        if days:
            yield f"{titles.get(id, id)}：{'、'.join(day.isoformat() for day in days)}"
        else:
            yield f"{titles.get(id, id)}：没有在有效期内的日期"

