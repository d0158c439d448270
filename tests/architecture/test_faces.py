"""The shape of the faces: the command line and the site, with the workbench in layers of its own.

What a face is made of is read as the engine's modules are (``test_architecture``). The layers of the workbench are
written down here, lowest first: a module of it imports those below it only.
"""

from __future__ import annotations

import ast
from functools import lru_cache

import pytest

from tests.architecture.test_architecture import MOST_LINES, imports, public, self_evident
from tests.helpers import ROOT

FACES = ("cli", "web")
GENERATED = "web.centre.store.migrations.versions."


@lru_cache
def modules() -> dict[str, ast.Module]:
    """Every module of the faces by dotted name, without migrations, which nobody edits."""
    found = {}
    for face in FACES:
        for path in sorted((ROOT / face).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            if not name.startswith(GENERATED):
                found[name] = ast.parse(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("module", modules())
def test_a_module_can_be_read_in_a_sitting(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", modules())
def test_everything_public_has_a_docstring(module: str) -> None:
    tree = modules()[module]
    assert ast.get_docstring(tree), module
    assert [name for name, node in public(tree) if not ast.get_docstring(node) and not self_evident(node)] == []


def test_the_workbench_has_no_circles() -> None:
    """Whatever order its modules have, they have one."""
    inner = {name: tree for name, tree in modules().items() if name.startswith("web.centre")}
    graph: dict[str, set[str]] = {}
    for name, tree in inner.items():
        wanted = {part for full in at_once(tree) for part in (full, full.rpartition(".")[0])}
        graph[name] = (wanted & set(inner)) - {name, "web.centre"}
    done: set[str] = set()
    while graph:
        free = [name for name, needs in graph.items() if needs <= done]
        assert free, f"a circle among {sorted(graph)}"
        done.update(free)
        graph = {name: needs for name, needs in graph.items() if name not in done}


def at_once(tree: ast.Module) -> set[str]:
    """What a module imports as it is imported; a package's own ``__init__`` gathers what lies below it."""
    return {name for node in tree.body for name in imports(ast.Module([node], []))}


@pytest.mark.parametrize("module", [name for name in modules() if name.startswith("web.centre")])
def test_only_pages_know_requests_and_html(module: str) -> None:
    """The rest of the workbench can be used by a command, a job or a test without a request."""
    known = {name.split(".")[0] for name in imports(modules()[module])}
    own = module.startswith("web.centre.pages")
    assert own or not known & {"flask", "werkzeug"}
    assert own or not any(name.startswith("web.centre.pages") for name in imports(modules()[module]))
