"""The Chinese features of the documents over the real packs; the steps are in conftest.py."""

from pathlib import Path

from pytest_bdd import scenarios

FEATURES = Path(__file__).parents[2] / "features"

# A feature of a face stands beside the documents' folders, or in the workbench's, and has a module with steps of its own.
scenarios(*(str(folder) for folder in sorted(FEATURES.iterdir()) if folder.is_dir() and folder.name != "centre"))
