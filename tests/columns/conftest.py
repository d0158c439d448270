"""Packs and comparisons that the tests of columns share."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import Pack
from tests.helpers import pack_of

TRAPS = Path(__file__).parent / "traps"


@pytest.fixture(scope="session")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack that uses every operand, comparison, mark and kind of benefit."""
    files = {path.stem: path.read_text("utf-8") for path in TRAPS.glob("*.yaml")}
    return pack_of(tmp_path_factory.mktemp("traps"), **files)
