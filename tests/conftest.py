"""Options and order of the whole suite.

``--forbid-skips`` (make test): a skipped test fails the run, so that nothing is left out unnoticed. Tests
marked ``shared`` need the folder ``../shared`` and are left out, not skipped, where it is absent. ``slow``
ones run last. ``--accept``: tests that compare with stored results store them anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# What the user has set must not reach the tests.
for name in ("HUIQI_RULES", "HUIQI_DEBUG"):
    os.environ.pop(name, None)


class Compiled(BytecodeCache):
    """Templates compiled once for all the applications that the tests make."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Called by jinja before it compiles."""
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Called by jinja after it compiled."""
        self.kept[bucket.key] = bucket.bytecode_to_string()


Flask.jinja_options = {"bytecode_cache": Compiled()}

# How long an example takes says something of the machine only.
settings.register_profile("huiqi", deadline=None)
settings.load_profile("huiqi")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forbid-skips", action="store_true", help="a skipped test fails the run")
    parser.addoption("--accept", action="store_true", help="store what is found as what is expected")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Whether this run stores results instead of comparing them."""
    return bool(request.config.getoption("--accept"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not SHARED.is_dir():
        left_out = [item for item in items if item.get_closest_marker("shared")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--forbid-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    if config.getoption("--forbid-skips") and skipped:
        terminalreporter.write_line(f"有 {len(skipped)} 个测试被跳过；这里不允许跳过。", red=True)
