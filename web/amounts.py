"""Amounts in words: what a result brings, and what each payee gets in all."""

from __future__ import annotations

from fractions import Fraction

from engine.determination import Result, Total, YuanRange
from engine.quantities import format_money

PAYEES = {"applicant": "申报单位", "person": "个人", "team": "团队"}
FREQUENCIES = {"once": "一次性", "yearly": "每年"}


def payee_label(payee: str) -> str:
    """Who is paid, in Chinese."""
    return PAYEES.get(payee, payee)


def yuan(amount: str) -> str:
    """A decimal string of the contract as people write it: ``100000`` is 10万元."""
    return format_money(Fraction(amount))


def range_in_words(ends: YuanRange) -> str:
    """最高10万元 where it starts at zero, 5万元至10万元, 5万元以上, 金额未定 where nothing is known."""
    low, high = ends
    if high is None:
        return f"{yuan(low)}以上" if Fraction(low) else "金额未定"
    if Fraction(low) == Fraction(high):
        return yuan(low)
    return f"{yuan(low)}至{yuan(high)}" if Fraction(low) else f"最高{yuan(high)}"


def amount_in_words(result: Result) -> str:
    """What a result brings: a figure or a range where the document states one, else what it promises."""
    if result.amount_status in ("not_stated", "not_applicable"):
        return result.benefit
    if result.amount_range_yuan is None:
        return ""
    words = range_in_words(result.amount_range_yuan)
    return f"{words}（{FREQUENCIES[result.frequency]}）" if result.frequency else words


def confirmed_in_words(total: Total) -> str:
    """The certain part of a total."""
    low, high = total.confirmed
    return "0元" if high is not None and not Fraction(high) else range_in_words((low, high))


def possible_in_words(total: Total) -> str:
    """The most that a total may become once everything open is settled."""
    return "上限未知" if total.possible is None else f"最多{yuan(total.possible)}"
