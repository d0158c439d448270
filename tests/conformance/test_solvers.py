"""Every executor of circuits gives the same truths: ``forward`` against ``reference``, node by node."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import forward
from engine.circuit import Circuit, CircuitBuilder, Gate, GateKind
from engine.forward import CircuitTooLarge, ForwardSolver, ForwardUnavailable, Shape, limits_exceeded
from engine.reference import ReferenceSolver
from engine.truth import Truth

pytestmark = pytest.mark.skipif(not forward.available(), reason="durable-rules is not installed")

REFERENCE = ReferenceSolver()
WEIGHTS = [(5, 2, 3), (8, 1, 1), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 12)]
"""How often a leaf is true, false and unknown."""


@pytest.fixture
def solver() -> Iterator[ForwardSolver]:
    solver = ForwardSolver()
    yield solver
    solver.close()


def some_truths(rng: random.Random, count: int) -> list[Truth]:
    return rng.choices((True, False, None), rng.choice(WEIGHTS), k=count)


def a_pack(rng: random.Random, roots: int, leaves: int, depth: int = 4) -> Circuit:
    """Like a real pack: roots of 3 to 12 literals, one leaf in all of them, shared gates, two wide gates."""
    builder = CircuitBuilder(f"pack-{roots}", leaves)
    shared: list[int] = []

    def literal() -> int:
        node = rng.choice(shared) if shared and rng.random() < 0.15 else rng.randint(1, leaves)
        return node if rng.random() < 0.75 else -node

    def tree(levels: int) -> int:
        if levels == 0 or rng.random() < 0.45:
            return literal()
        gate = builder.gate(rng.choice(("all", "any")), [tree(levels - 1) for _ in range(rng.randint(2, 4))])
        if rng.random() < 0.3:
            shared.append(gate)
        return gate if rng.random() < 0.9 else -gate

    for _ in range(roots):
        literals = [tree(rng.randint(0, depth)) for _ in range(rng.randint(2, 11))]
        builder.gate("all", [1, *literals])
    for kind in ("all", "any"):
        builder.gate(kind, [rng.choice((node, -node)) for node in rng.sample(range(1, leaves + 1), 40)])
    return builder.build()


def agree(solver: ForwardSolver, circuit: Circuit, leaves: list[Truth]) -> None:
    truths = solver.solve(circuit, leaves)
    assert truths == REFERENCE.solve(circuit, leaves)
    fired = [(node, truths[node - 1]) for node, _ in solver.trace]
    assert solver.trace == fired
    known = {node for node in range(circuit.leaves + 1, circuit.size + 1) if truths[node - 1] is not None}
    assert len(fired) == len(known) and {node for node, _ in fired} == known


@pytest.mark.parametrize("roots, leaves, solves", [(60, 250, 40), (124, 400, 25), (224, 700, 15)])
def test_packs_agree_on_every_node(solver: ForwardSolver, roots: int, leaves: int, solves: int) -> None:
    rng = random.Random(roots)
    circuit = a_pack(rng, roots, leaves)
    for _ in range(solves):
        agree(solver, circuit, some_truths(rng, leaves))


def test_many_shapes_agree(solver: ForwardSolver) -> None:
    for seed in range(40):
        rng = random.Random(seed)
        circuit = a_pack(rng, rng.randint(1, 30), rng.randint(40, 80))
        for _ in range(5):
            agree(solver, circuit, some_truths(rng, circuit.leaves))


@st.composite
def circuits(draw: st.DrawFn) -> Circuit:
    """Any gates at all: one input, an input beside its negation, the same input twice."""
    leaves = draw(st.integers(1, 6))
    gates: list[Gate] = []
    for _ in range(draw(st.integers(0, 8))):
        node = st.integers(1, leaves + len(gates))
        literals = draw(st.lists(st.tuples(node, st.sampled_from((1, -1))), min_size=1, max_size=20))
        kind: GateKind = "all" if draw(st.booleans()) else "any"
        gates.append(Gate(kind, tuple(number * sign for number, sign in literals)))
    return Circuit("any", leaves, tuple(gates))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(circuits(), st.data())
def test_any_circuit_agrees(circuit: Circuit, data: st.DataObject) -> None:
    # Small shapes bring helpers, stages, buckets and split facts into small circuits.
    shape = data.draw(st.sampled_from((Shape(), Shape(inputs=2, fan_out=2, bucket=2, stage=3))))
    solver = ForwardSolver(shape=shape)
    truth: st.SearchStrategy[Truth] = st.sampled_from((True, False, None))
    for _ in range(3):
        agree(solver, circuit, data.draw(st.lists(truth, min_size=circuit.leaves, max_size=circuit.leaves)))
    solver.close()


def test_all_leaves_of_a_small_circuit(solver: ForwardSolver) -> None:
    builder = CircuitBuilder("small", 4)
    either = builder.gate("any", [1, -2])
    builder.gate("all", [either, 3, -4])
    builder.gate("any", [-either, builder.gate("all", [1, 2, -3])])
    circuit = builder.build()
    for code in range(3**4):
        agree(solver, circuit, [(True, False, None)[code // 3**place % 3] for place in range(4)])


@pytest.mark.parametrize("inputs", [14, 15, 27, 28, 40, 200])
@pytest.mark.parametrize("kind", ["all", "any"])
def test_wide_gates(solver: ForwardSolver, kind: GateKind, inputs: int) -> None:
    builder = CircuitBuilder("wide", inputs)
    builder.gate(kind, range(1, inputs + 1))
    circuit = builder.build()
    for truth in (True, False):
        leaves: list[Truth] = [truth] * inputs
        agree(solver, circuit, leaves)
        for odd in (not truth, None):
            agree(solver, circuit, [*leaves[:-1], odd])
            agree(solver, circuit, [odd, *leaves[1:]])


@pytest.mark.parametrize("gates", [59, 60, 61, 64, 65, 200, 600])
def test_a_leaf_and_a_gate_shared_by_many_gates(solver: ForwardSolver, gates: int) -> None:
    rng = random.Random(gates)
    builder = CircuitBuilder("shared", 40)
    shared = builder.gate("any", [2, 3])
    for number in range(gates):
        sign = rng.choice((1, 1, -1))
        builder.gate(rng.choice(("all", "any")), [1, sign * shared, 4 + number % 36, -(4 + number * 7 % 36)])
    circuit = builder.build()
    for _ in range(6):
        agree(solver, circuit, some_truths(rng, 40))


def test_circuits_take_turns_and_leave_the_cache() -> None:
    rng = random.Random(7)
    packs = [a_pack(rng, size, 60) for size in (5, 20, 40)]
    solver = ForwardSolver(keep=2)
    for turn in range(24):
        circuit = packs[turn % 2 if turn < 16 else turn % 3]
        agree(solver, circuit, some_truths(rng, circuit.leaves))
    solver.close()
    agree(solver, packs[0], some_truths(rng, 60))
    solver.close()


def test_threads_share_a_solver(solver: ForwardSolver) -> None:
    circuit = a_pack(random.Random(3), 20, 60)
    wrong: list[int] = []

    def work(seed: int) -> None:
        rng = random.Random(seed)
        for _ in range(20):
            leaves = some_truths(rng, 60)
            truths, trace = solver.solve_traced(circuit, leaves)
            if truths != REFERENCE.solve(circuit, leaves) or any(truths[n - 1] is not t for n, t in trace):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


class Interrupting:
    """The library, which raises at the ``at``-th call of ``method`` instead of answering."""

    def __init__(self, method: str, at: int) -> None:
        self.native: Any = forward._library()
        self.method, self.at, self.calls = method, at, 0

    def __getattr__(self, name: str) -> Any:
        if name == self.method:
            self.calls += 1
            if self.calls == self.at:
                raise KeyboardInterrupt
        return getattr(self.native, name)


@pytest.mark.parametrize("at", [3, 4, 9, 30])
@pytest.mark.parametrize("method", ["assert_facts", "complete_and_start_action", "retract_facts"])
def test_an_interrupted_solve_leaves_nothing(monkeypatch: pytest.MonkeyPatch, method: str, at: int) -> None:
    rng = random.Random(at)
    circuit = a_pack(rng, 12, 60)
    library = Interrupting(method, at)
    monkeypatch.setattr(forward, "_library", lambda: library)
    solver = ForwardSolver(shape=Shape(stage=16))
    interrupted = 0
    for _ in range(30):
        leaves = some_truths(rng, 60)
        try:
            assert solver.solve(circuit, leaves) == REFERENCE.solve(circuit, leaves)
        except KeyboardInterrupt:
            interrupted += 1
    assert interrupted == 1
    solver.close()


def a_large_circuit() -> Circuit:
    """300 leaves and 2,100 gates, more than one ruleset holds; one leaf is in nearly all of them."""
    gates = [Gate("all", (1, 2 + n % 290, -(2 + (n // 290 + n) % 290))) for n in range(2099)]
    return Circuit("large", 300, (*gates, Gate("any", tuple(range(1, 41)))))


@pytest.mark.parametrize(
    "shape, what",
    [
        (Shape(inputs=15), "一条规则的条件数为 15,"),
        (Shape(fan_out=65), "一个事实触及的规则数为 65,"),
        (Shape(bucket=512, stage=400), "同一分组内的条件数为 512,"),
        (Shape(bucket=1, stage=400), "分组数"),
        (Shape(stage=2048), "一个规则集的规则数为 4097,"),
        (Shape(gates=1000), "展开后的门数为 2102,"),
    ],
)
def test_limits_are_refused_before_creation(monkeypatch: pytest.MonkeyPatch, shape: Shape, what: str) -> None:
    circuit = a_large_circuit()
    library = Interrupting("create_ruleset", 1)
    monkeypatch.setattr(forward, "_library", lambda: library)
    problems = limits_exceeded(circuit, shape)
    assert any(what in problem for problem in problems), problems
    with pytest.raises(CircuitTooLarge) as error:
        ForwardSolver(shape=shape).solve(circuit, [None] * 300)
    assert error.value.problems == problems and library.calls == 0


@pytest.mark.parametrize("shape", [Shape(), Shape(fan_out=64, bucket=511, stage=2047)])
def test_at_its_limits_the_library_still_answers(shape: Shape) -> None:
    circuit = a_large_circuit()
    assert limits_exceeded(circuit, shape) == []
    solver = ForwardSolver(shape=shape)
    agree(solver, circuit, [True, *some_truths(random.Random(1), 299)])
    agree(solver, circuit, [True, None] * 150)
    solver.close()


@pytest.mark.parametrize("inputs", [(), (0,), (3,), (-3,), (4,)])
def test_gates_that_make_no_circuit(solver: ForwardSolver, inputs: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="gate 3"):
        solver.solve(Circuit("bad", 2, (Gate("all", inputs), Gate("any", (1, 2)))), [None, None])


@pytest.mark.parametrize("solver", [REFERENCE, ForwardSolver()])
def test_the_number_of_leaves_must_fit(solver: Any) -> None:
    with pytest.raises(ValueError, match="1 truths for 2 leaves"):
        solver.solve(Circuit("two", 2, ()), [True])
    assert solver.solve(Circuit("two", 2, ()), [True, None]) == [True, None]


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", missing)
    assert not forward.available()
    with pytest.raises(ForwardUnavailable, match="reference"):
        ForwardSolver().solve(Circuit("one", 1, (Gate("all", (-1,)),)), [True])
