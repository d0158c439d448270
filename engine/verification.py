"""Verification: a determination made again from the profile and the date within it, and compared line by line.

What a determination says follows from three things that it carries: the profile, the as-of date and the version of the
rules. So it is confirmed if making it again gives the same, whoever wrote it; the order of keys says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from engine.compiler import compile_pack
from engine.determination import group_of
from engine.diagnostics import Finding, InputError
from engine.exact_json import read_json
from engine.pack import Pack
from engine.profile import profile_of, records_in
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.selection import select

PartKind = Literal["head", "measure", "programme", "readiness", "total"]
LISTS: dict[str, tuple[PartKind, str]] = {
    "results": ("measure", "measure"),
    "programmes": ("programme", "programme"),
    "readiness": ("readiness", "check"),
}
"""Lists of a determination whose items are told apart by an id: its kind of part and the key of the id."""

KEYS: dict[str, str] = {
    "amount_by_year": "分年金额", "amount_range_yuan": "金额范围", "amount_status": "金额状态", "amount_yuan": "金额",
    "as_of": "评估日", "assumptions": "前提", "beneficiary": "受益人", "benefit": "待遇", "calculation": "计算",
    "check": "编号", "citation": "出处", "clause": "条款", "confirmed": "已确认", "departments": "部门",
    "document": "文件", "frequency": "频次", "goal": "目标", "in_force": "是否在有效期", "items": "逐条结论",
    "judgements": "待认定", "measure": "编号", "missing": "缺少的资料", "name": "企业名称", "note": "说明",
    "notes": "说明", "pack_version": "规则版本", "payee": "付给", "phrases": "原文", "possible": "最多",
    "profile": "画像", "programme": "编号", "programmes": "背景", "readiness": "资质自查", "reasons": "理由",
    "results": "结论", "source": "依据", "stated": "文件写明的条件", "status": "状态", "subject": "评估对象",
    "targets": "进度目标", "title": "名称", "totals": "合计", "verdict": "结论", "waiting_for": "等待",
}  # fmt: skip
"""What people call the keys of a determination."""


class _Absent:
    """Neither null nor empty: not there at all."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that is not what it should be; ``path`` leads to it inside its part. ABSENT where one side has none."""

    path: tuple[str | int, ...]
    told: Any
    derived: Any

    @property
    def key(self) -> str:
        """The first step in Chinese, with the whole path: ``理由 reasons[3].status``; 整项 for the part itself."""
        if not self.path:
            return "整项"
        steps = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")
        label = KEYS.get(str(self.path[0]), "")
        return f"{label} {steps}".strip()


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the verification: the head, a measure, a programme, a readiness check, or a payee's total.

    ``verdict``: the group of a measure as it is made again (its told verdict where it should not be there), the status
    of a check; else empty.
    """

    kind: PartKind
    id: str
    title: str
    verdict: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """A determination beside the one made again. ``version`` is the rules' that are at hand, ``told_version`` its own."""

    told_version: str
    version: str
    as_of: str
    name: str | None
    parts: tuple[Part, ...]

    @property
    def confirmed(self) -> bool:
        """Whether everything is the same."""
        return not self.refuted

    @property
    def refuted(self) -> tuple[Part, ...]:
        """The parts that differ."""
        return tuple(part for part in self.parts if part.differences)


def verify(data: bytes, pack: Pack, file: str, *, most_records: int | None = None) -> Verification:
    """Make the determination in ``data`` (JSON) again with the rules of ``pack`` and compare.

    A determination of chosen documents or measures is compared with one of the same choice. Raises InputError where it
    is no determination, its profile cannot be read by these rules, or has more than ``most_records`` records.
    """
    told = _read(data, file)
    if most_records is not None and records_in(told["profile"]) > most_records:
        hint = "请用命令行 huiqi check --verify"
        raise InputError([Finding(file, 0, 0, "verify-too-long", f"画像里的记录超过 {most_records} 条", hint)])
    profile = profile_of(told["profile"], pack.vocabulary, pack.tables, file)
    program = compile_pack(_same_choice(told, pack))
    made = determine(program, profile, date.fromisoformat(told["as_of"]), ReferenceSolver())
    derived = read_json(made.to_json().encode(), file)
    assert isinstance(derived, dict)
    return Verification(
        told_version=told["pack_version"],
        version=pack.version,
        as_of=told["as_of"],
        name=profile.name,
        parts=tuple(_parts(told, derived, {result.measure: group_of(result) for result in made.results})),
    )


def _read(data: bytes, file: str) -> dict[str, Any]:
    told = read_json(data, file)
    problem = _shape_problem(told)
    if problem is not None or not isinstance(told, dict):
        hint = "请用 huiqi check --format json 或网页下载的认定记录"
        raise InputError([Finding(file, 0, 0, "verify-shape", problem or "这不是认定记录", hint)])
    return told


def _shape_problem(told: object) -> str | None:
    """What keeps it from being a determination at all."""
    if not isinstance(told, dict) or not {"pack_version", "as_of", "profile", "results"} <= set(told):
        return "这不是认定记录"
    if not isinstance(told["pack_version"], str):
        return "认定记录的规则版本（pack_version）不是文字"
    if not isinstance(told["profile"], dict):
        return "认定记录里没有画像（profile），无法重新得出"
    try:
        date.fromisoformat(told["as_of"])
    except (ValueError, TypeError):
        return "认定记录的评估日（as_of）不是“2017-06-30”这样的日期"
    for list_, (_, id) in LISTS.items():
        items = told.get(list_, [])
        if not isinstance(items, list) or not all(isinstance(item, dict) and id in item for item in items):
            return f"认定记录的{KEYS[list_]}（{list_}）不是逐项写着编号的列表"
    return None if isinstance(told.get("totals", {}), dict) else "认定记录的合计（totals）写法不对"


def _same_choice(told: Mapping[str, Any], pack: Pack) -> Pack:
    """The pack with the documents or measures that the determination is about.

    With chosen measures it has no programmes and no readiness checks (``engine.selection``); else it is about every
    measure of the documents in it.
    """
    named = {str(item["measure"]) for item in told["results"]}
    measures = [measure for measure in pack.measures if measure.id in named]
    if not told.get("programmes") and not told.get("readiness"):
        return select(pack, (), [measure.id for measure in measures], lambda *_: "")
    entries = {str(item["programme"]) for item in told.get("programmes", ())}
    of_measures = [measure.document for measure in measures]
    of_entries = [entry.document for entry in pack.programmes if entry.spec.id in entries]
    return select(pack, list(dict.fromkeys([*of_measures, *of_entries])), (), lambda *_: "")


def _parts(told: Mapping[str, Any], derived: Mapping[str, Any], groups: Mapping[str, str]) -> Iterator[Part]:
    apart = {*LISTS, "totals"}
    head = _without(told, apart), _without(derived, apart)
    yield Part("head", "", "认定记录", "", tuple(differences(*head)))
    for list_, (kind, id) in LISTS.items():
        own = groups if kind == "measure" else {}
        yield from _items(kind, id, told.get(list_, ()), derived[list_], own)
    paid, owed = told.get("totals", {}), derived["totals"]
    for payee in {**owed, **paid}:
        pair = paid.get(payee, ABSENT), owed.get(payee, ABSENT)
        yield Part("total", payee, "合计", "", tuple(differences(*pair)))


def _without(whole: Mapping[str, Any], keys: set[str]) -> dict[str, Any]:
    """The head, where a list that is there at all counts as the same: its items are parts of their own."""
    return {key: (None if key in keys else value) for key, value in whole.items()}


def _items(
    kind: PartKind,
    id: str,
    told: Sequence[Mapping[str, Any]],
    derived: Sequence[Mapping[str, Any]],
    groups: Mapping[str, str],
) -> Iterator[Part]:
    """In the order in which they should stand; what should not be there at the end."""
    waiting: dict[str, list[Mapping[str, Any]]] = {}
    for item in told:
        waiting.setdefault(str(item[id]), []).append(item)
    for item in derived:
        name = str(item[id])
        rest = waiting.get(name)
        yield _part(kind, name, rest.pop(0) if rest else ABSENT, item, groups.get(name))
    for name, rest in waiting.items():
        for item in rest:
            yield _part(kind, name, item, ABSENT)


def _part(kind: PartKind, id: str, told: Any, derived: Any, group: str | None = None) -> Part:
    known = told if derived is ABSENT else derived
    verdict = group or known.get("verdict") or known.get("status") or ""
    return Part(kind, id, str(known.get("title", "")), str(verdict), tuple(differences(told, derived)))


def differences(told: Any, derived: Any, path: tuple[str | int, ...] = ()) -> Iterator[Difference]:
    """Every place where two pieces of plain data differ, down to single values; the order of keys does not count.

    Values of different types differ: ``1`` is not ``true``, ``"1"`` not ``1``.
    """
    if isinstance(told, dict) and isinstance(derived, dict):
        for key in {**derived, **told}:
            yield from differences(told.get(key, ABSENT), derived.get(key, ABSENT), (*path, key))
    elif isinstance(told, list) and isinstance(derived, list):
        for index in range(max(len(told), len(derived))):
            one, other = (part[index] if index < len(part) else ABSENT for part in (told, derived))
            yield from differences(one, other, (*path, index))
    elif type(told) is not type(derived) or told != derived:
        yield Difference(path, told, derived)
