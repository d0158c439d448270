"""Two versions of the rules: all their differences."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from engine.completions.differing import MOST
from engine.difference.days import days_between
from engine.difference.measures import MeasureDifference
from engine.difference.model import MeasureChange, PackDifference
from engine.difference.texts import changes_of_packs
from engine.pack import Pack


def differences(
    old: Pack, new: Pack, *, today: date, as_of: date | None = None, measures: Collection[str] = (), most: int = MOST
) -> PackDifference:
    """All differences; at ``as_of``, else on representative days. ``measures``: of these measures only.

    At most ``most`` regions a measure; a measure that has more says that its list is not complete.
    """
    texts = () if measures else tuple(changes_of_packs(old, new))
    changes = tuple(_measures(old, new, today, as_of, measures, most))
    days: dict[str, set[date]] = {}
    for change in changes:
        if change.kind == "both":
            days.setdefault(change.document, set()).update(change.days)
    examined = {document: tuple(sorted(found)) for document, found in days.items()}
    return PackDifference(old.version, new.version, examined, texts, changes)


def _measures(
    old: Pack, new: Pack, today: date, as_of: date | None, chosen: Collection[str], most: int
) -> Iterator[MeasureChange]:
    before = {measure.id: measure for measure in old.measures}
    after = {measure.id: measure for measure in new.measures}
    for id in dict.fromkeys([*before, *after]):
        if chosen and id not in chosen:
            continue
        if id in before and id in after:
            days = [as_of] if as_of else days_between([(old, before[id]), (new, after[id])], today)
            yield MeasureDifference(old, new, id, most).run(days)
        else:
            measure = before.get(id) or after[id]
            yield MeasureChange(id, measure.document, measure.spec.title, "removed" if id in before else "added")
