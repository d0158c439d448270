"""A list in memory as a source of slices, and one way to run it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from engine import Pack
from engine.columns.batch import Finished, Options, evaluate_list, run_of
from engine.columns.frame import RawSlice
from engine.columns.of_profiles import raw_slice
from engine.columns.plan import plan_of


@dataclass(slots=True)
class Profiles:
    """Profiles as a list; ``size`` of them make a slice. ``read`` notes which slices were asked for.

    ``fails_at``: the slice that cannot be read.
    """

    profiles: Sequence[Mapping[str, Any]]
    pack: Pack
    size: int = 20
    fingerprint: str = "profiles"
    mapping: Mapping[str, Any] = field(default_factory=dict)
    read: list[int] = field(default_factory=list)
    fails_at: int | None = None

    @property
    def rows(self) -> int | None:
        return len(self.profiles)

    def prepare(self, folder: Path) -> None:
        """Nothing has to be prepared."""

    def slices(self, finished: Collection[int] = ()) -> Iterator[RawSlice]:
        for number, start in enumerate(range(0, len(self.profiles), self.size)):
            if number not in finished:
                if number == self.fails_at:
                    raise OSError("the disk went away")
                self.read.append(number)
                part = self.profiles[start : start + self.size]
                yield raw_slice(part, self.pack.vocabulary, number, start)


def run(source: Profiles, target: Path, as_of: date, **options: Any) -> Finished:
    """Evaluate the list into ``target``."""
    chosen = Options(target, **options)
    return evaluate_list(source, run_of(plan_of(source.pack, as_of), chosen), chosen, lambda done: None)
