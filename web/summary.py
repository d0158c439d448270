"""A determination as people read it: grouped, amounts in words, one decisive reason each, what to supply next.

Pure: no terminal, no HTML. The text report and the page are two renderings of one ``Summary``.

Groups (``GROUPS``, in this order; each result is in exactly one):

- ``eligible``: every condition that the document states is met, and nothing is open;
- ``pending``: nothing that the enterprise could fill in holds it back: what the text states is met (``stated`` is
  ``met``), or it waits for judgements and other policies alone. A doubtful (soft) condition that came out false waits
  for a judgement while ``stated`` is unknown: that is for the department too, and its line says so;
- ``facts``: it waits for at least one fact;
- ``ineligible``; and ``not_in_force``, which is told by document.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.determination import Determination, Item, Reason, Result, Status, Verdict, Waiting
from engine.pack import Pack
from engine.quantities import format_date, format_money
from engine.spans import Number
from web.amounts import amount_in_words, payee_label, yuan

GroupKey = Literal["eligible", "pending", "facts", "ineligible", "not_in_force"]
GROUPS: dict[GroupKey, str] = {
    "eligible": "可享受",
    "pending": "条件已满足待认定",
    "facts": "缺资料",
    "ineligible": "不符合",
    "not_in_force": "不在有效期",
}
