"""What a list gets under two versions, as plain data; amounts are decimal strings in yuan."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from engine.difference.lists import Change, ListDifference, Money
from engine.spans import decimal_string


def plain_list(found: ListDifference) -> dict[str, Any]:
    """Counts, sums and the enterprises that change."""
    old, new = found.tallies or (None, None)
    return {
        "as_of": found.as_of.isoformat(),
        "read": {
            name: {
                "rows": tally.rows, "enterprises": tally.enterprises, "rejected_rows": tally.rejected_rows,
                "rejected_cells": tally.rejected_cells + tally.rejected_other,
            }
            for name, tally in (("old", old), ("new", new))
            if tally is not None
        },
        "whole": _change(found.whole),
        "measures": {id: _change(change) for id, change in found.measures.items()},
        **{
            f"by_{group}": {label: _change(change) for label, change in changes.items()}
            for group, changes in found.groups.items()
        },
        "changed": [
            {
                "key": flip.key, "name": flip.name, "measure": flip.measure, "old": flip.old, "new": flip.new,
                "old_amount_yuan": _ends(flip.old_amount), "new_amount_yuan": _ends(flip.new_amount),
            }
            for flip in found.flips
        ],
        "left_out": found.left_out,
    }  # fmt: skip


def _change(change: Change) -> dict[str, Any]:
    return {
        "enterprises": change.enterprises,
        "changed": change.changed,
        "verdicts": [{"old": old, "new": new, "count": count} for (old, new), count in sorted(change.flips.items())],
        "amount_only": change.amounts,
        "old_confirmed_yuan": _money(change.old),
        "new_confirmed_yuan": _money(change.new),
    }


def _money(money: Money) -> dict[str, Any]:
    return {"low": _yuan(money.low), "high": _yuan(money.high), "without_end": money.endless}


def _yuan(number: Fraction | None) -> str | None:
    return None if number is None else decimal_string(number)


def _ends(amount: tuple[Fraction, Fraction | None] | None) -> list[str | None] | None:
    return None if amount is None else [_yuan(amount[0]), _yuan(amount[1])]
