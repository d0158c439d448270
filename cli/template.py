"""The empty profile as commented YAML.

It is valid as written (every field is there without a value, which says: not known; every list is missing)
and stays valid as it is filled in. A record is commented out whole: without the leading ``# `` it is one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from cli.columns import width
from engine.conditions import Judgement, Reference
from engine.dependencies import fields_of, leaves_of, operand_fields
from engine.documents import Proportional
from engine.pack import Measure, Pack
from engine.vocabulary import RecordKind, VocabularyField

WIDTH = 100
HEAD = """\
# 企业画像。每行写“字段: 值”，冒号后面留一个空格；不清楚的留空，留空表示未知，不表示没有。
# 可以写范围：2000-5000万、100-499人、小于50人。
# 单选题拿不准时可写几个：[甲, 乙]，表示其中之一；多选题写几个表示都有。
# 清单（认定、合同……）：去掉行首的“# ”就是一条记录，多条就复制几份；没有写 []；留空表示未知。
# 清单没有列全时写成：
#   contracts:
#     partial: true
#     items:
#       - {amount: 500万元, date: 2017-03-01}
"""
EXAMPLES = {
    "money": "例如 500万元、1.2亿、2000-5000万",
    "count": "例如 50、100-499、小于50",
    "ratio": "例如 5%、1‰",
    "date": "例如 2023-11-30、2023年11月",
    "division": "写到区县，例如 廊坊市固安县",
    "industry": "写国民经济行业的代码或名称",
    "yes_no": "是 / 否",
}


def template(pack: Pack, *, only_used: bool) -> str:
    """The profile of a pack's vocabulary; with ``only_used`` of the fields that its measures read."""
    used = used_fields(pack) if only_used else frozenset(pack.vocabulary.fields)
    return "\n".join([HEAD, *_enterprise(pack, used), *_records(pack, used)]) + "\n"


def used_fields(pack: Pack) -> frozenset[str]:
    """Every field that a measure reads, the fields they are derived from, and what names a record."""
    used = {"name"}
    for measure in pack.measures:
        used.update(_read_by(measure))
        if any(isinstance(leaf, Judgement | Reference) for leaf in leaves_of(measure.condition)):
            used.update(path for path, field in pack.vocabulary.fields.items() if field.record == "finding")
        if measure.subject:
            used.add(f"{measure.subject}.id")
    known = 0
    while known != len(used):
        known = len(used)
        for derived in pack.derived:
            if derived.field in used:
                used.update(path for when, _ in derived.cases for path in fields_of(when))
        used.update(path for name in tuple(used) for path in _term_fields(pack, name))
    kinds = {pack.vocabulary.fields[name].record for name in used}
    return frozenset(used | {f"{kind}.id" for kind in kinds if kind})


def _read_by(measure: Measure) -> Iterator[str]:
    yield from fields_of(measure.condition)
    if measure.base is not None:
        yield from operand_fields(measure.base)
    if isinstance(measure.spec.benefit, Proportional) and measure.spec.benefit.per_year:
        yield measure.spec.benefit.per_year


def _term_fields(pack: Pack, name: str) -> Iterator[str]:
    """The fields from which an end date follows where it is not given."""
    field = pack.vocabulary.fields[name]
    if field.spec.term and field.record:
        yield f"{field.record}.{field.spec.term.start}"
        yield f"{field.record}.{field.spec.term.by}"


def _enterprise(pack: Pack, used: frozenset[str]) -> Iterator[str]:
    fields = [field for field in pack.vocabulary.enterprise if field.path in used]
    groups = list(dict.fromkeys(field.spec.group for field in fields))
    fields.sort(key=lambda field: groups.index(field.spec.group))
    for group, members in groupby(fields, key=lambda field: field.spec.group):
        yield f"# ======== {group} ========"
        yield ""
        for field in members:
            yield from _comment("# ", _told(field))
            yield f"{field.name}:"
            yield ""


def _records(pack: Pack, used: frozenset[str]) -> Iterator[str]:
    for kind in pack.vocabulary.records.values():
        fields = [field for field in kind.fields.values() if field.path in used]
        if fields:
            yield from _record(kind, fields)


def _record(kind: RecordKind, fields: Iterable[VocabularyField]) -> Iterator[str]:
    yield f"# ======== {kind.label} ========"
    yield from _comment("# ", (line for line in (kind.spec.question, kind.spec.help) if line))
    yield f"{kind.list}:"
    lead = "- "
    for field in fields:
        # Two signs, so that taking "# " off the record's lines leaves its explanations comments.
        yield from _comment("##  ", _told(field))
        yield f"# {lead}{field.name}:"
        lead = "  "
    yield ""


def _told(field: VocabularyField) -> Iterator[str]:
    """Label and question, help, unit or example, options: a line each."""
    yield f"{field.label}：{field.spec.question}" if field.spec.question else field.label
    if field.spec.help:
        yield f"  {field.spec.help}"
    if field.type in ("choice", "choices"):
        several = "可多选，写成 [甲, 乙]" if field.type == "choices" else "选一项"
        yield f"  {several}：{' | '.join(option.label for option in field.options.values())}"
    elif field.type in EXAMPLES:
        unit = f"（单位：{field.spec.unit}）" if field.spec.unit and field.type == "count" else ""
        yield f"  {EXAMPLES[field.type]}{unit}"


def _comment(lead: str, lines: Iterable[str]) -> Iterator[str]:
    """Comment lines, the long ones wrapped."""
    for line in lines:
        rest, indent = line, " " * (len(line) - len(line.lstrip()))
        while width(rest) > WIDTH:
            # Options part at their bars, prose anywhere.
            cut = next(n for n in range(len(rest), 0, -1) if width(rest[:n]) <= WIDTH)
            cut = rest.rfind(" | ", 0, cut) + 3 if " | " in rest[:cut] else cut
            yield f"{lead}{rest[:cut].rstrip()}"
            rest = f"{indent}  {rest[cut:]}"
        yield f"{lead}{rest}"
