"""Packs and comparisons that the tests of columns share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine import Pack
from tests.helpers import pack_of, write_rules

TRAPS = Path(__file__).parent / "traps"


TrapPack = Callable[..., Pack]


@pytest.fixture(scope="session")
def trap_pack(tmp_path_factory: pytest.TempPathFactory) -> TrapPack:
    """Makes packs of the traps; other files by short name, as in ``helpers.pack_of``."""
    files = {path.stem: path.read_text("utf-8") for path in TRAPS.glob("*.yaml")}

    def make(**more: str) -> Pack:
        return pack_of(tmp_path_factory.mktemp("traps"), **files, **more)

    return make


@pytest.fixture(scope="session")
def trap_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rules directory of the traps, for another process."""
    files = {f"{path.stem}.yaml": path.read_text("utf-8") for path in TRAPS.glob("*.yaml")}
    return write_rules(tmp_path_factory.mktemp("rules"), files)


@pytest.fixture(scope="session")
def traps(trap_pack: TrapPack) -> Pack:
    """A pack that uses every operand, comparison, mark and kind of benefit."""
    return trap_pack()
