"""Differences as plain data: the JSON of the command, with stable keys."""

from __future__ import annotations

from typing import Any

from engine.difference.model import ChangedRegion, MeasureChange, Outcome, PackDifference, TextChange

PROVEN = "没有任何画像的结论或金额改变"


def plain(found: PackDifference) -> dict[str, Any]:
    """All differences; dates as ISO, amounts as decimal strings in yuan."""
    return {
        "old_version": found.old_version,
        "new_version": found.new_version,
        "changed": found.changed,
        "days": {id: [day.isoformat() for day in days] for id, days in found.days.items()},
        "texts": [_text(item) for item in found.texts],
        "measures": [_measure(item) for item in found.measures],
    }


def _measure(item: MeasureChange) -> dict[str, Any]:
    found: dict[str, Any] = {
        "measure": item.id, "document": item.document, "title": item.title, "kind": item.kind, "changed": item.changed,
        "texts": [_text(text) for text in item.texts],
    }  # fmt: skip
    if item.kind == "both":
        found |= {
            "days": [day.isoformat() for day in item.days],
            "complete": item.complete,
            "why": item.why or None,
            "proven": PROVEN if item.complete and not item.regions else None,
            "records": dict(item.records),
            "regions": [_region(region) for region in item.regions],
        }
    return found


def _region(item: ChangedRegion) -> dict[str, Any]:
    return {
        "subject": item.which,
        "conditions": [
            {"text": said.text, "stands_for": list(said.parts) or None} for said in item.conditions
        ],
        "old": _outcome(item.old),
        "new": _outcome(item.new),
        "amount": item.amount,
        "whole": item.whole,
        "days": [day.isoformat() for day in item.days],
        "witness": item.witness,
    }


def _outcome(item: Outcome) -> dict[str, Any]:
    return {"verdict": item.verdict, "amount_yuan": item.amount, "amount_range_yuan": item.range}


def _text(item: TextChange) -> dict[str, Any]:
    return {"what": item.what, "old": item.old, "new": item.new}
