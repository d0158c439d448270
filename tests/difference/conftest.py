"""Changed copies of the Langfang pack."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.loader import BUILT_IN

LANGFANG = BUILT_IN / "packs" / "langfang-2016"
Edited = Callable[..., Path]


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    """``edited((old, new), ...)``: a copy of the pack in which each text, which must be there, is another one."""

    def make(*changes: tuple[str, str], name: str = "changed") -> Path:
        folder = tmp_path / name
        shutil.copytree(LANGFANG, folder)
        for old, new in changes:
            holding = [path for path in sorted(folder.glob("*.yaml")) if old in path.read_text("utf-8")]
            assert holding, old
            for path in holding:
                path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
        return folder

    return make
