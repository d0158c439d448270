"""The shape of the code: one-way imports, who may import what, size, docstrings, and complete registrations.

The order of the layers is written down here, lowest first (DESIGN 5). A module imports modules of lower layers
only; a new module has to be given its layer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import pytest

from engine import condition_reader, load_pack
from engine.atom_reader import ALLOWED, OPERANDS, OPERATORS
from engine.compiler import compile_pack
from engine.condition_reader import MARKS
from engine.conditions import (
    All,
    Annual,
    AnnualSum,
    Comparison,
    Count,
    DaysSince,
    Every,
    FieldRef,
    Judgement,
    Node,
    Not,
    Operand,
    Operator,
    Parameter,
    Ratio,
    Reference,
    Sum,
    Total,
)
from engine.conditions import Any as AnyOf
from engine.conditions import Test as Atom
from engine.dependencies import fields_of, leaves_of, operand_fields
from engine.evaluation import evaluate
from engine.operands import Found
from engine.profile import Profile
from engine.reference import ReferenceSolver
from engine.rule_schema import schemas
from engine.spans import Span
from engine.vocabulary import FieldType
from engine.wording import describe, operand_label, typed
from tests.helpers import DAY, ROOT, measure, pack_of

ENGINE = ROOT / "engine"
LAYERS: tuple[tuple[str, str], ...] = (
    ("values, findings, the shape of the answer", "truth spans diagnostics determination clock"),
    ("what is said of YAML and of schemas", "yaml_text schema_labels"),
    ("quantities, positions in files, words", "quantities yaml_source vocabulary official_text flow_yaml"),
    ("regions, code tables, circuits, open points", "regions code_table circuit open_points exact_json"),
    ("nodes and the shapes of the YAML", "conditions documents shape_reader coverage_ledger"),
    ("places, industries, credit codes", "divisions industries credit_code"),
    ("circuits solved: two executors", "reference forward"),
    ("values read by type, what a condition reads", "values dependencies"),
    ("profile, pack, what reading needs", "profile pack reading_context"),
    ("facts, the program, Chinese sentences", "selection facts program wording atom_reader citations schema_names"),
    ("conditions read, the pack compiled", "condition_reader compiler coverage profile_schema"),
    ("leaves decided, what can change, and on which days", "operands changeable turning_days"),
    ("measures read, a profile evaluated, amounts", "measure_reader evaluation amounts condition_schema"),
    ("rules loaded, what stands open", "loader openness rule_schema"),
    ("reasons, worth, lint", "explanation assessment lint"),
    ("totals and readiness", "totals readiness"),
    ("the determination", "screening"),
    ("the executor chosen; a determination made again", "executors verification"),
    ("what users of the engine import; cases", "engine cases"),
    ("cases made by the machine", "generated_cases"),
    ("completions: what would settle it", "completions"),
    ("what to ask next", "questions"),
    ("what would make it eligible", "roadmap"),
    ("other forms of a pack", "jdm"),
    ("lists by columns", "columns"),
    ("messy lists in, results out", "lists"),
    ("two versions of the rules compared", "difference"),
    ("packs drafted from texts", "drafting"),
)
"""What a layer holds, and its modules; the last ones are packages, inside which imports are their own affair."""

PACKAGES = frozenset({"difference", "completions", "questions", "roadmap", "jdm", "columns", "lists", "drafting"})
OWNERS: dict[str, set[str]] = {
    "durable": set(),
    "durable_rules_engine": {"engine.forward"},
    "yaml": {"engine.yaml_source"},
    "polars": {"engine.columns", "engine.lists", "engine.difference"},
    "numpy": {"engine.columns"},
    "pyspark": {"engine.columns.spark"},
    "z3": {"engine.completions"},
    "pdfminer": {"engine.drafting.pdf_text"},
}
"""The only modules (or packages) of the engine that may import a library."""

FACES = ("cli", "web", "flask", "click", "rich", "jinja2", "typer", "sqlite3", "pandas", "duckdb", "ibis")
MOST_LINES = 450


@lru_cache
def modules() -> dict[str, ast.Module]:
    """Every module of the engine by dotted name."""
    found = {}
    for path in sorted(ENGINE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def imports(tree: ast.Module) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it; those given to ``import_module`` too."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Call(func=ast.Attribute(attr="import_module"), args=[ast.Constant(value=str(name)), *_]):
                yield name


def layer_name(module: str) -> str:
    """``engine.columns.kernel`` is in ``columns``; ``engine`` is itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and f"engine.{parts[1]}" in modules() else "engine"


def order() -> dict[str, int]:
    return {name: number for number, (_, names) in enumerate(LAYERS) for name in names.split()}


def test_every_module_has_one_layer() -> None:
    """A new module is written into the table; what is gone is struck out."""
    named = [name for _, names in LAYERS for name in names.split()]
    assert len(named) == len(set(named))
    assert {layer_name(module) for module in modules()} == set(named)


@pytest.mark.parametrize("module", modules())
def test_imports_go_one_way(module: str) -> None:
    """Down the layers; inside a package anything that is not a circle."""
    own, layers = layer_name(module), order()
    for imported in imports(modules()[module]):
        if imported.split(".")[0] == "engine":
            other = layer_name(imported)
            inside = other == own and own in PACKAGES
            assert inside or layers[other] < layers[own], f"{module} imports {imported}"


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_packages_have_no_circles(package: str) -> None:
    """Whatever order the modules of a package have, they have one."""
    inner = {name: tree for name, tree in modules().items() if name.startswith(f"engine.{package}")}
    graph: dict[str, set[str]] = {}
    for name, tree in inner.items():
        wanted = {part for full in imports(tree) for part in (full, full.rpartition(".")[0])}
        graph[name] = (wanted & set(inner)) - {name, f"engine.{package}"}
    done: set[str] = set()
    while graph:
        free = [name for name, needs in graph.items() if needs <= done]
        assert free, f"a circle among {sorted(graph)}"
        done.update(free)
        graph = {name: needs for name, needs in graph.items() if name not in done}


@pytest.mark.parametrize("module", modules())
def test_the_engine_knows_no_face_no_database_no_other_dataframes(module: str) -> None:
    """Nor a terminal or a web framework, wherever in the module."""
    assert {name.split(".")[0] for name in imports(modules()[module])} & set(FACES) == set()


@pytest.mark.parametrize("library", OWNERS)
def test_a_library_has_one_door(library: str) -> None:
    """One module (or package) knows it; the others go through that."""
    users = {
        module for module, tree in modules().items() if any(name.split(".")[0] == library for name in imports(tree))
    }
    strangers = {
        user for user in users if not any(user == door or user.startswith(f"{door}.") for door in OWNERS[library])
    }
    # The code tables are data in YAML and read before anything that could report a place.
    assert strangers <= ({"engine.code_table"} if library == "yaml" else set())


READS_FILES: dict[str, str] = {
    "yaml_source": "YAML, for everybody",
    "loader": "the rules directory",
    "code_table": "tables of divisions and industries",
    "citations": "the official texts and the lock beside the rules",
    "coverage": "the inventory of clauses",
}


def test_few_modules_read_files() -> None:
    """Rule files through the loader alone; the packages on lists read lists."""
    calls = {"read_text", "read_bytes", "open", "glob", "rglob", "iterdir"}
    readers = set()
    for module, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in calls and layer_name(module) not in PACKAGES:
                    readers.add(layer_name(module))
    assert readers == set(READS_FILES)


@pytest.mark.parametrize("module", modules())
def test_a_module_can_be_read_in_a_sitting(module: str) -> None:
    path = ROOT.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    assert len(path.read_text("utf-8").splitlines()) <= MOST_LINES


OBVIOUS = {"property", "overload"}


@pytest.mark.parametrize("module", modules())
def test_everything_public_has_a_docstring(module: str) -> None:
    """Modules, classes, functions and methods; a short property says what it is by its name."""
    tree = modules()[module]
    assert ast.get_docstring(tree), module
    missing = [name for name, node in public(tree) if not ast.get_docstring(node) and not self_evident(node)]
    assert missing == []


def public(tree: ast.AST, inside: str = "") -> Iterator[tuple[str, Any]]:
    """Public classes and functions and their public methods."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
            yield f"{inside}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node, f"{node.name}.")


def self_evident(node: ast.AST) -> bool:
    """A property or method of one statement, an interface's stub, a dataclass whose name says it."""
    if isinstance(node, ast.FunctionDef):
        return len(node.body) <= 2
    return isinstance(node, ast.ClassDef) and all(isinstance(part, ast.AnnAssign | ast.Pass) for part in node.body)


# --- registrations of the rule language -----------------------------------------------------------------------------

LANGUAGE = (ROOT / "docs" / "rule-language.md").read_text("utf-8")
SHORTHANDS = ("all", "any", "not", *condition_reader._SHORTHANDS)
WORDS = (*OPERANDS, *OPERATORS, *SHORTHANDS, *MARKS)


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_language_is_documented(word: str) -> None:
    """In docs/rule-language.md, as code."""
    assert re.search(rf"`[^`]*\b{word}\b[^`]*`", LANGUAGE)


@lru_cache
def condition_properties() -> dict[str, Any]:
    """The keys of a condition in the editors' schema."""
    for schema in schemas(load_pack()).values():
        condition = schema.get("$defs", {}).get("condition")
        if condition is not None:
            properties: dict[str, Any] = condition["properties"]
            return properties
    raise AssertionError("no schema has conditions")


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_language_is_in_the_editors_schema(word: str) -> None:
    """With a description that an editor shows."""
    assert condition_properties()[word].get("description")


def test_the_schema_has_no_word_that_the_reader_does_not_know() -> None:
    others = {"where", "that", "tier", "of", "or_above", "year", "years", "since"}
    assert set(condition_properties()) == {*WORDS, *others}


def test_every_type_says_which_comparisons_it_takes() -> None:
    """And every comparison is taken by some type."""
    assert set(ALLOWED) == set(get_args(FieldType))
    assert {operator for operators in ALLOWED.values() for operator in operators} == set(OPERATORS)


def test_written_operators_become_those_of_nodes() -> None:
    """``equals`` and ``not_equals`` are written with the others."""
    assert set(get_args(Operator)) == set(OPERATORS) - {"equals", "not_equals"}


@lru_cache
def vocabulary_pack(folder: Path) -> Any:
    return pack_of(folder, measure("{field: staff, at_least: 1}"))


SAMPLES: dict[type, Operand] = {
    FieldRef: FieldRef("staff"),
    Annual: Annual("annual.revenue", -1),
    AnnualSum: AnnualSum("annual.revenue", 3),
    Count: Count("contract", None),
    Sum: Sum("contract.amount", None),
    Ratio: Ratio(FieldRef("staff"), FieldRef("staff")),
    DaysSince: DaysSince("founded_on"),
    Total: Total(("staff", "staff")),
}
AT_LEAST = Comparison("at_least", (Span.exactly(1),))
NODES: dict[type, Node] = {
    Atom: Atom(FieldRef("staff"), (AT_LEAST,)),
    Every: Every("contract", None, Judgement("major")),
    Judgement: Judgement("major"),
    Reference: Reference("funds"),
    All: All((Judgement("major"),)),
    AnyOf: AnyOf((Judgement("major"),)),
    Not: Not(Judgement("major")),
}


def test_there_is_a_sample_of_every_operand_and_node() -> None:
    """A new one fails here first, and then wherever it is not registered."""
    assert set(SAMPLES) == set(get_args(Operand))
    assert set(NODES) == set(get_args(Node))
    assert len(OPERANDS) == len(SAMPLES)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return vocabulary_pack(tmp_path_factory.mktemp("rules"))


REGISTERED: dict[str, Callable[[Operand, Any], Any]] = {
    "dependencies.operand_fields": lambda operand, pack: list(operand_fields(operand)),
    "wording.typed": typed,
    "wording.operand_label": operand_label,
    "operands": lambda operand, pack: reader(pack).operand(operand, {}),
    "operands, missing": lambda operand, pack: reader(pack).read(Atom(operand, (AT_LEAST,)), {}).missing,
    "wording.describe": lambda operand, pack: describe(Atom(operand, (AT_LEAST,)), pack),
    "condition_reader, fallback": lambda operand, pack: condition_reader._subject_of(Atom(operand, (AT_LEAST,))),
}
"""Where an operand has to be known, besides the readers of lists and other forms, which have suites of their own."""


def reader(pack: Any, day: date = DAY) -> Any:
    return evaluate(compile_pack(pack), Profile({}, {}), day, ReferenceSolver()).reader


@pytest.mark.parametrize("place", REGISTERED)
@pytest.mark.parametrize("operand", SAMPLES.values(), ids=lambda operand: type(operand).__name__)
def test_an_operand_is_registered_everywhere(pack: Any, place: str, operand: Operand) -> None:
    """Nothing is left out, and of nothing known something is missing."""
    found = REGISTERED[place](operand, pack)
    if place == "operands":
        assert isinstance(found, Found)
    elif place == "operands, missing":
        assert found
    else:
        assert found or isinstance(operand, Count)


@pytest.mark.parametrize("node", NODES.values(), ids=lambda node: type(node).__name__)
def test_a_node_is_registered_everywhere(pack: Any, node: Node) -> None:
    assert list(leaves_of(node))
    assert isinstance(list(fields_of(node)), list)
    assert describe(node, pack)
    assert reader(pack).tree(node, {}).truth is None


@pytest.mark.parametrize("operator", get_args(Operator))
def test_an_operator_is_registered_everywhere(pack: Any, operator: Any) -> None:
    """It has a meaning and a wording."""
    point, code = Span.exactly(5), frozenset({"1310"})
    thresholds: dict[str, tuple[Any, ...]] = {
        "in": (code,), "within": (code,), "rank": (frozenset({"county"}),), "between": (point, point), "known": (),
    }  # fmt: skip
    path = "home" if operator in ("in", "within", "rank") else "staff"
    test = Atom(FieldRef(path), (Comparison(operator, thresholds.get(operator, (point,))),))
    assert describe(test, pack) not in ("", pack.vocabulary.fields[path].label)
    if operator != "known":
        assert reader(pack).region(test.comparisons) is not None


def test_a_threshold_of_every_kind_has_a_wording() -> None:
    """Parameters are called by their label."""
    pack = load_pack()
    parameter = next(iter(pack.parameters))
    kind = pack.parameters[parameter].spec.type
    path = next(path for path, field in pack.vocabulary.fields.items() if field.type == kind and field.record is None)
    test = Atom(FieldRef(path), (Comparison("at_least", (Parameter(parameter),)),))
    assert pack.parameters[parameter].spec.label in describe(test, pack)
