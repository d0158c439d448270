"""The work of a run on disk: finished slices beside the output, so that interrupted work can go on.

INVARIANT: a slice counts as finished once its ``slice-N.json`` is there, which is put in place after all its frames, each
in one step. What a killed run leaves is therefore either complete or not looked at.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from engine.diagnostics import Finding, InputError

RUN = "run.json"


@dataclass(frozen=True, slots=True)
class Done:
    """What is known of a finished slice."""

    number: int
    rows: int
    enterprises: int
    counts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Store:
    """The folder of one run's work."""

    folder: Path

    @classmethod
    def beside(cls, target: Path) -> Store:
        """The folder for an output file, hidden beside it."""
        return cls(target.parent / f".{target.name}.huiqi-work")

    def open(self, run: Mapping[str, Any], *, resume: bool) -> dict[int, Done]:
        """Begin, or go on with ``resume``; the slices that are finished. Raises InputError where the work is another."""
        known = self._run()
        if resume and known is not None:
            changed = sorted(key for key in {*known, *run} if known.get(key) != run.get(key))
            if changed:
                names = "、".join(_NAMES.get(key, key) for key in changed)
                hint = "去掉 --resume 从头再做"
                message = f"不能接着做：{names}与上次不同"
                raise InputError([Finding(str(self.folder), 0, 0, "batch-resume-changed", message, hint)])
            return {done.number: done for done in self.finished()}
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._put(RUN, json.dumps(run, ensure_ascii=False, indent=1).encode())
        return {}

    def _run(self) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = json.loads((self.folder / RUN).read_text("utf-8"))
            return found
        except (OSError, ValueError):
            return None

    def finished(self) -> Iterator[Done]:
        """Finished slices in order."""
        for path in sorted(self.folder.glob("slice-*.json")):
            found = json.loads(path.read_text("utf-8"))
            yield Done(found["number"], found["rows"], found["enterprises"], found["counts"])

    def keep(self, number: int, frames: Mapping[str, pl.DataFrame]) -> None:
        """Put a slice's frames in place. A frame without rows is kept of the first slice only: to tell its columns."""
        for name, frame in frames.items():
            if frame.is_empty() and number:
                continue
            path = self.part(name, number)
            passing = path.with_suffix(".tmp")
            # Statistics and checks cost a third of the writing and nobody prunes by a mask.
            rows = max(frame.height, 1)  # in one group: its parts need not find each other's values again
            frame.write_parquet(passing, compression="zstd", compression_level=1, statistics=False, row_group_size=rows)
            os.replace(passing, path)

    def finish(self, done: Done) -> None:
        """Mark a slice finished."""
        content = {
            "number": done.number, "rows": done.rows, "enterprises": done.enterprises, "counts": dict(done.counts),
        }  # fmt: skip
        self._put(f"slice-{done.number:06d}.json", json.dumps(content, ensure_ascii=False).encode())

    def part(self, name: str, number: int) -> Path:
        """Where a slice's frame lies."""
        return self.folder / f"{name}-{number:06d}.parquet"

    def parts(self, name: str) -> list[Path]:
        """The frames of all finished slices, in order."""
        return [path for done in self.finished() if (path := self.part(name, done.number)).exists()]

    def remove(self) -> None:
        """Forget the work."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _put(self, name: str, data: bytes) -> None:
        passing = self.folder / f"{name}.tmp"
        with passing.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(passing, self.folder / name)


_NAMES = {
    "fingerprint": "名单或对应关系",
    "pack_version": "规则",
    "as_of": "评估日",
    "measures": "所选的措施",
    "format": "输出格式",
    "pairs": "--pairs",
    "version": "程序版本",
}
