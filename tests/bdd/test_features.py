"""The Chinese features over the real packs; the steps are in conftest.py."""

from pathlib import Path

from pytest_bdd import scenarios

scenarios(str(Path(__file__).parents[2] / "features"))
