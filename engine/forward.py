"""The forward executor: circuits as rules of durable-rules 2.0.28; the only module that knows that library.

Truths go in as facts, rules fire, and what they derive goes in as further facts; a node about which no fact
was asserted is unknown. The library hangs, crashes or answers wrongly when it is used naively (DESIGN.md,
section 3), so little of it is used:

- a fact says "node n is true" or "node n is false" in two small integers, and nothing else;
- a gate has two rules, one for true and one for false. Each is one ``$or`` of conditions on single facts:
  ``count`` makes it wait for all of them, ``cap`` lets any of them do. Nothing is joined: a join costs 10 kB
  of state for each input, a join under "any" a frame for each subset of its facts;
- the gates, in their order, are cut into stages, each a ruleset of its own;
- wide gates become chains of helper gates, which are not reported; a busy node is asserted as several facts.

What limits remain is computed from the rules and checked before the library sees them.
"""

from __future__ import annotations

import importlib
import json
import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from engine.circuit import Circuit, GateKind
from engine.truth import Truth

Signal = tuple[int, bool]
"""A node number and the truth that a fact states of it."""

_Narrow = tuple[int, GateKind, tuple[int, ...]]
"""A gate with its node number."""


_INIT_KEY = 0  # of the fact that fires the `init` rule; the keys of a stage count from 1


class ForwardUnavailable(RuntimeError):
    """durable-rules is not installed, or its C module does not load."""


class ForwardFailure(RuntimeError):
    """The library answered something that it must not answer; the circuit's rulesets were dropped."""


class CircuitTooLarge(ValueError):
    """The circuit is beyond the library's limits; ``problems`` holds a sentence for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("".join(problems))
        self.problems = problems


class _Library(Protocol):
    """The seam: what is used of the untyped C module. Handles and offsets are integers, messages JSON."""

    def create_ruleset(self, name: str, rules: str) -> int: ...
    def delete_ruleset(self, handle: int) -> None: ...
    def delete_state(self, handle: int, sid: str | None) -> None: ...
    def assert_facts(self, handle: int, facts: str) -> tuple[int, int]: ...
    def retract_facts(self, handle: int, facts: str) -> tuple[int, int]: ...
    def start_action_for_state(self, handle: int, state: int) -> tuple[str, str] | None: ...
    def complete_and_start_action(self, handle: int, state: int) -> str | None: ...


def _library() -> _Library:
    try:
        # Never durable.lang or durable.engine: the Host there runs two threads that crash with delete_state.
        return cast(_Library, importlib.import_module("durable_rules_engine"))
    except ImportError as error:
        raise ForwardUnavailable(
            "未安装 durable-rules(2.0.28),forward 执行器不可用;请安装它,或改用 --executor reference。"
        ) from error


def available() -> bool:
    """Whether the forward executor can run here."""
    try:
        return _library() is not None
    except ForwardUnavailable:
        return False


@dataclass(frozen=True, slots=True)
class Shape:
    """How circuits are cut into rules. With the defaults only ``gates`` can be exceeded."""

    inputs: int = 14  # conditions of one rule; wider gates become chains
    fan_out: int = 60  # rules that one fact may reach; a busier node's truth is asserted as several facts
    bucket: int = 24  # facts that share a value of `b`; 16 to 48 are alike, 150 takes half as long again
    stage: int = 128  # gates of one ruleset; 40 to 250 are alike, a single one would end at 2,047
    gates: int = 8_192  # gates of all circuits kept, helpers included; each takes about 45 kB of memory


@dataclass(frozen=True, slots=True)
class _Rule:
    """``derives`` follows once all (``every``) or any of the facts ``keys`` are there."""

    derives: Signal
    every: bool
    keys: tuple[int, ...]


@dataclass(slots=True)
class _Stage:
    """The rules of one ruleset, in the order of their gates, and the facts that reach them."""

    rules: list[_Rule] = field(default_factory=list)
    keys: dict[Signal, list[int]] = field(default_factory=dict)
    produced: set[int] = field(default_factory=set)


def _narrow_gates(circuit: Circuit, widest: int) -> list[_Narrow]:
    """All gates as (node, kind, inputs) with at most ``widest`` inputs; helpers are numbered after the nodes.

    Kleene's "all" and "any" are associative, so a chain of helpers of the same kind means the same.
    """
    narrow: list[_Narrow] = []
    helper = circuit.size
    for node, gate in enumerate(circuit.gates, start=circuit.leaves + 1):
        inputs = tuple(dict.fromkeys(gate.inputs))
        if not inputs or not all(0 < abs(literal) < node for literal in inputs):
            raise ValueError(f"{circuit.name}: gate {node} has no inputs or one that is not before it")
        while len(inputs) > widest:
            helper += 1
            narrow.append((helper, gate.kind, inputs[:widest]))
            inputs = (*inputs[widest:], helper)
        narrow.append((node, gate.kind, inputs))
    return narrow


def _stage_of(gates: list[_Narrow], shape: Shape) -> _Stage:
    """Two rules for each gate: true, and false of the negated normal form."""
    stage = _Stage()
    uses: Counter[Signal] = Counter()
    last_key = _INIT_KEY

    def key_of(signal: Signal) -> int:
        nonlocal last_key
        keys = stage.keys.setdefault(signal, [])
        if uses[signal] % shape.fan_out == 0:
            last_key += 1
            keys.append(last_key)
        uses[signal] += 1
        return keys[-1]

    for node, kind, inputs in gates:
        stage.produced.add(node)
        for truth in (True, False):
            keys = tuple(key_of((abs(literal), (literal > 0) is truth)) for literal in inputs)
            stage.rules.append(_Rule((node, truth), (kind == "all") is truth, keys))
    return stage


def _plan(circuit: Circuit, shape: Shape) -> list[_Stage]:
    gates = _narrow_gates(circuit, shape.inputs)
    return [_stage_of(gates[at : at + shape.stage], shape) for at in range(0, len(gates), shape.stage)]


def _problems(circuit: Circuit, stages: list[_Stage], shape: Shape) -> list[str]:
    """A sentence for each limit of the library, and of the memory, that these stages exceed.

    The library refuses 15 conditions (their ``$or`` fills a table of 32) and hangs or crashes past the other
    limits. Its 255 rules on one condition lie beyond the 64 of a fact, and no facts are joined.
    """
    measured = [("展开后的门数", sum(len(stage.produced) for stage in stages), shape.gates)]
    for stage in stages:
        reached = Counter(key for rule in stage.rules for key in rule.keys)
        in_bucket = Counter(key // shape.bucket for key in (_INIT_KEY, *reached))
        measured += [
            ("一条规则的条件数", max(len(rule.keys) for rule in stage.rules), 14),
            ("一个事实触及的规则数", max(reached.values()), 64),
            ("同一分组内的条件数", max(in_bucket.values()), 511),
            ("分组数", len(in_bucket), 511),
            ("一个规则集的规则数", len(stage.rules) + 1, 4096),
        ]
    sentence = "电路“{}”{}为 {},超过 forward 执行器的上限 {}。"
    return sorted({sentence.format(circuit.name, *limit) for limit in measured if limit[1] > limit[2]})


def limits_exceeded(circuit: Circuit, shape: Shape | None = None) -> list[str]:
    """A Chinese sentence for each limit that ``circuit`` exceeds; empty when it can be solved.

    Raises ``ValueError`` for gates that do not make a circuit.
    """
    shape = shape or Shape()
    return _problems(circuit, _plan(circuit, shape), shape)


def _condition(key: int, bucket: int) -> dict[str, Any]:
    # `b` first: the conditions on one property lie in one run of a table, and a fact is compared with each of
    # them. Without `b` that is every condition of the ruleset, and 512 in one table hang the library.
    return {"$and": [{"b": key // bucket}, {"k": key}]}


def _fact(key: int, bucket: int) -> str:
    # With an id, else the library makes one by hashing the fact; without a sid, which then is always "0".
    return f'{{"id":{key},"b":{key // bucket},"k":{key}}}'


def _rules_json(stage: _Stage, bucket: int) -> str:
    """The rules of a stage, named by number. Of the rules that can fire, the library fires the first.

    INVARIANT: the gates are in order, so when a rule fires, all facts it can get are there, and one firing
    takes them all (``cap`` is the number of conditions). So each rule fires at most once.
    """
    rules: dict[str, Any] = {"init": {"all": [{"m": _condition(_INIT_KEY, bucket)}]}}
    for number, rule in enumerate(stage.rules):
        conditions = [_condition(key, bucket) for key in rule.keys]
        condition = conditions[0] if len(conditions) == 1 else {"$or": conditions}
        times = "count" if rule.every else "cap"
        rules[str(number)] = {"all": [{"m": condition}], times: len(conditions)}
    return json.dumps(rules)


class _Ruleset:
    """One stage inside the library. It holds no facts between runs; after an error it must be released."""

    def __init__(self, library: _Library, stage: _Stage, bucket: int) -> None:
        facts = {signal: ",".join(_fact(key, bucket) for key in keys) for signal, keys in stage.keys.items()}
        outside = sorted({node for node, _ in facts} - stage.produced)
        # A literal serves both rules of its gate, so each node here has both facts.
        self._inputs = [(node, facts[node, True], facts[node, False]) for node in outside]
        self._firings = [(*rule.derives, facts.get(rule.derives)) for rule in stage.rules]
        self._library = library
        self._handle = library.create_ruleset("huiqi", _rules_json(stage, bucket))
        # A state that never ran an action holds uninitialised pointers, which deleting it would free.
        fact = _fact(_INIT_KEY, bucket)
        self._state = self._assert(fact)
        library.start_action_for_state(self._handle, self._state)
        library.complete_and_start_action(self._handle, self._state)
        library.retract_facts(self._handle, f"[{fact}]")

    def _assert(self, facts: str) -> int:
        code, state = self._library.assert_facts(self._handle, f"[{facts}]")
        # 1: no rule asks for a fact, which the plan excludes. 2: its id is already there; ids are compared by
        # 32-bit hash, and those of the numbers up to 60,000 differ.
        if code != 0:
            raise ForwardFailure(f"durable-rules answered {code} to new facts")
        return state

    def run(self, truths: list[Truth], trace: list[Signal]) -> None:
        """Reads the inputs of the stage from ``truths`` (node n at n) and writes what its gates derive."""
        inputs = ((truths[node], if_true, if_false) for node, if_true, if_false in self._inputs)
        held = [if_true if truth else if_false for truth, if_true, if_false in inputs if truth is not None]
        if not held:
            return
        self._assert(",".join(held))
        started = self._library.start_action_for_state(self._handle, self._state)
        message = started[1] if started else None
        while message is not None:
            # The message is {"<rule>":...; the facts in it are known, so it is not parsed.
            node, truth, derived = self._firings[int(message[2 : message.index('"', 2)])]
            if truths[node] is not None:
                raise ForwardFailure(f"node {node} was derived twice")
            truths[node] = truth
            trace.append((node, truth))
            if derived is not None:
                self._assert(derived)
                held.append(derived)
            message = self._library.complete_and_start_action(self._handle, self._state)
        # Retracting takes nothing derived back, so the derived facts are named too.
        self._library.retract_facts(self._handle, f"[{','.join(held)}]")

    def release(self) -> None:
        """Frees the ruleset. Its state goes first, with all its facts: the library leaks it otherwise."""
        self._library.delete_state(self._handle, None)
        self._library.delete_ruleset(self._handle)


class ForwardSolver:
    """Solves circuits by firing rules. Threads may share it: they take turns (the library holds the GIL)."""

    name = "forward"

    def __init__(self, *, shape: Shape | None = None, keep: int = 32) -> None:
        """Keeps the rulesets of the ``keep`` circuits used last.

        ``trace`` holds nodes and truths of the last solve's gates, in the order in which they fired.
        """
        self.trace: list[Signal] = []
        self._shape = shape or Shape()
        self._keep = max(keep, 1)
        self._lock = threading.Lock()
        # By identity, since hashing a circuit hashes all its gates; it is held, so that no other gets its id.
        self._networks: OrderedDict[int, tuple[Circuit, list[_Ruleset], int]] = OrderedDict()

    def solve(self, circuit: Circuit, leaves: Sequence[Truth]) -> list[Truth]:
        """Truths of all nodes, in node order; ``leaves`` holds one truth for each leaf.

        Raises ``ForwardUnavailable``, ``CircuitTooLarge`` (before anything is created) and ``ValueError`` for
        a wrong number of leaves. Whatever is raised, no fact of this solve is left for the next.
        """
        truths, self.trace = self.solve_traced(circuit, leaves)
        return truths

    def solve_traced(self, circuit: Circuit, leaves: Sequence[Truth]) -> tuple[list[Truth], list[Signal]]:
        """Like ``solve``, with the firing log: for threads, which cannot trust ``trace``."""
        if len(leaves) != circuit.leaves:
            raise ValueError(f"{circuit.name}: {len(leaves)} truths for {circuit.leaves} leaves")
        trace: list[Signal] = []
        with self._lock:
            rulesets, nodes = self._network(circuit)
            truths: list[Truth] = [None, *leaves, *([None] * (nodes - circuit.leaves))]
            try:
                for ruleset in rulesets:
                    ruleset.run(truths, trace)
            except BaseException:
                # An action may be under way, which nothing but deleting the state ends safely.
                self._drop(id(circuit))
                raise
        size = circuit.size
        return truths[1 : size + 1], [fired for fired in trace if fired[0] <= size]

    def close(self) -> None:
        """Frees all rulesets; the solver can still be used."""
        with self._lock:
            for key in list(self._networks):
                self._drop(key)

    def _network(self, circuit: Circuit) -> tuple[list[_Ruleset], int]:
        """The rulesets of ``circuit``, made now if need be, and the number of its nodes with helpers."""
        key = id(circuit)
        if key not in self._networks:
            library = _library()
            stages = _plan(circuit, self._shape)
            if problems := _problems(circuit, stages, self._shape):
                raise CircuitTooLarge(problems)
            rulesets: list[_Ruleset] = []
            nodes = circuit.leaves + sum(len(stage.produced) for stage in stages)
            self._networks[key] = (circuit, rulesets, nodes)
            try:
                for stage in stages:
                    rulesets.append(_Ruleset(library, stage, self._shape.bucket))
            except BaseException:
                self._drop(key)
                raise
            gates = [nodes - kept.leaves for kept, _, nodes in self._networks.values()]
            while len(gates) > self._keep or sum(gates) > self._shape.gates:
                self._drop(next(iter(self._networks)))
                del gates[0]
        self._networks.move_to_end(key)
        return self._networks[key][1:]

    def _drop(self, key: int) -> None:
        for ruleset in self._networks.pop(key)[1]:
            ruleset.release()
