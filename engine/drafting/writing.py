"""A draft as the files of a pack."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.drafting.benefits import benefit_of, quantified
from engine.drafting.clauses import Clause
from engine.drafting.entries import LONGEST_PHRASE, Entry, Found
from engine.drafting.figures import piece_at
from engine.drafting.heading import Heading
from engine.drafting.parties import only_charges
from engine.flow_yaml import scalar
from engine.open_points import open_point

_HEAD = "# 由 huiqi rules draft 从原文起草。以 ?? 开头的是待定事项，逐处定下来；huiqi rules lint 会一一列出。"
_MATERIALS = re.compile("材料|申请表|申报书|证明")
_CONTACT = re.compile(r"咨询电话|联系电话|联系人|联系方式|\d{3,4}-\d{7,8}")
_DELEGATES = re.compile(r"《[^《》]+》|按照?[^,，。;；]{2,24}(?:政策|办法|规定|标准)|符合[^,，。;；]{0,6}条件|有关规定|相关规定")
_JUDGED = re.compile(
    "重大|重点|显著|优质|知名|突出|高水平|符合[^,，。;；]{0,6}条件|经[^,，。;；]{1,10}(?:认定|评审|审核|备案)|择优|遴选|领军|龙头"
)


def files_of(id: str, heading: Heading, entries: Iterable[Entry], told: Sequence[Told]) -> dict[str, str]:
    """File name -> text. ``told``: what the text says of applying."""
    made = list(entries)
    measures = [entry for entry in made if entry.promise]
    programmes = [entry for entry in made if not entry.promise]
    files = {"document.yaml": _document(id, heading), "measures.yaml": _file("measures", _measures(measures, told))}
    files["programmes.yaml"] = _file("programmes", (_programme(entry) for entry in programmes))
    return files


def _file(key: str, blocks: Iterable[str]) -> str:
    found = list(blocks)
    body = f"{key}:\n" + "\n".join(found) if found else f"{key}: []\n"
    return f"{_HEAD}\n{body}"


# Document


def _document(id: str, heading: Heading) -> str:
    lines = [
        "document:",
        f"  id: {id}",
        f"  title: {_or_open(heading.title, '文件的标题')}",
        f"  number: {scalar(heading.number) if heading.number else _open('文号：文件没有载明就写 null')}",
        f"  issuer: {_or_open(heading.issuer, '发文单位：文件没有载明就写 null')}",
        f"  issued: {heading.issued or _open('印发日期（落款的日期）：文件没有载明就写 null')}",
        f"  published: {heading.published or 'null'}",
        f"  jurisdiction: {_open('适用的行政区划，例如 廊坊市、北京市大兴区')}",
        *_validity(heading),
        *_repeals(heading),
        "  superseded_by: null",
        f"  stacking: {_stacking(heading)}",
        f"  source: {{text: {id}.txt}}",
        "  notes: []",
        "judgements: {}",
        "instruments: {}",
        "groups: []",
        "quotas: []",
    ]
    return f"{_HEAD}\n" + "\n".join(lines) + "\n"


def _validity(heading: Heading) -> list[str]:
    words = f"文件的话：“{_short(heading.force)}”" if heading.force else "文件没有写施行日期和有效期"
    years = f"；标题里有“{heading.years}”，据此推断的 basis 写 inferred 并写 why" if heading.years else ""
    start = heading.start or (heading.issued if heading.start_at_issue else None)
    begin = start or _open(f"从哪天起有效？{words}{years}")
    end: object = heading.end
    if end is None and heading.start_at_issue and heading.force and "有效期" not in heading.force:
        end = "null"
    end = end or _open(f"到哪天为止？没有期限写 null。{words}{years}")
    stated = start is not None and (heading.end is not None or end == "null")
    basis = "stated" if stated else _open("stated（文件写明）还是 inferred（推断，另写 why）")
    return ["  validity:", f"    from: {begin}", f"    to: {end}", f"    basis: {basis}"]


def _repeals(heading: Heading) -> list[str]:
    if not heading.repeals:
        return ["  supersedes: []"]
    items = [f"    - {{title: {scalar(title)}, number: {scalar(number)}}}" for title, number in heading.repeals]
    return ["  supersedes:", *items]


def _stacking(heading: Heading) -> str:
    if heading.stacking is None:
        return "silent"
    return _open(f"能否叠加：silent、allowed 还是 exclusive？文件的话：“{_short(heading.stacking)}”；也可写 groups")


# Measures


def _measures(measures: list[Entry], told: Sequence[Told]) -> Iterable[str]:
    promises = Counter(entry.clause.label for entry in measures)
    for entry in measures:
        yield _measure(entry, told, alone=promises[entry.clause.label] == 1)


def _measure(entry: Entry, told: Sequence[Told], *, alone: bool) -> str:
    benefit, decided = benefit_of(entry)
    number = "quantified" if decided else "qualitative"
    determinacy = number if decided or not quantified(entry) else _open("写明金额或算法的是 quantified，否则是 qualitative")
    lines = [
        f"  - id: {entry.id}",
        f"    title: {_title(entry, alone)}",
        f"    clause: {scalar(entry.clause.label)}",
        f"    determinacy: {determinacy}",
        f"    summary: {_open('用自己的话写一句：谁、做到什么、得到什么')}",
        "    beneficiary:",
        f"      label: {_or_open(entry.beneficiary, '给谁？文件没有写清')}",
        f"      kinds: {_open('主体的类别，写成 [company]，见字段 applicant_kinds；文件没有限定写 any，另写 why')}",
        f"    payee: {_open('付给谁：applicant（申报单位）、person（个人）还是 team（团队）')}",
        "    conditions:",
        *(f"      - {_open(question)}" for question in _conditions(entry, told)),
        "    benefit:",
        *(f"      {key}: {_inline(value)}" for key, value in benefit),
        f"    departments: [{', '.join(scalar(name) for name in entry.clause.departments)}]",
        *(f"    {key}: {_told(key, entry, told)}" for key in ("contact", "materials", "deadline")),
        *_quotas(entry, "quotas"),
        *_cite(entry),
    ]
    return "\n".join(lines) + "\n"


def _title(entry: Entry, alone: bool) -> str:
    """The clause's own title where it has no other entry; else the operative phrase."""
    title = entry.clause.title if alone else ""
    return scalar(title or (entry.phrases[-1] if entry.phrases else entry.words[:LONGEST_PHRASE]))


def _conditions(entry: Entry, told: Iterable[Told]) -> list[str]:
    """What has to be written as conditions, each with the words of the text."""
    questions = [f"写成条件：“{_short(entry.said[0].words, 60)}”"]
    questions += [
        f"“{item.clause.title}”一条（{item.clause.label}）对各项都适用吗？“{_short(item.words, 60)}”"
        for item in told
        if item.key == "scope"
    ]
    thresholds = [figure for figure in entry.figures if figure.role == "threshold"]
    questions += [f"门槛“{_context(entry.said[0], figure.start, figure.end)}”写成条件" for figure in thresholds]
    judged = list(dict.fromkeys(match[0] for match in _JUDGED.finditer(entry.words)))
    if judged:
        questions.append(f"“{'”“'.join(judged)}”由人认定的，写进 judgements，再写 judgement: 编号")
    delegated = list(dict.fromkeys(match[0] for match in _DELEGATES.finditer(entry.words)))
    if delegated:
        questions.append(f"“{'”“'.join(_short(part) for part in delegated)}”由别的文件规定的，写进 instruments，再写 reference: 编号")
    if len(re.findall("支持|奖励|补贴|补助|资助|鼓励", entry.words)) > 1:
        questions.append("这一句不止一处支持或奖励，各写一项措施；只有一项的删去这一条")
    return questions


def _told(key: str, entry: Entry, told: Iterable[Told]) -> str:
    """Null where the text has nothing for the entry: neither in its part nor where it speaks of applying."""
    path = entry.clause.path
    near = [item for item in told if item.key == key and (item.general or item.clause.path[:1] == path[:1])]
    return _open(f"文件另有一处：“{_short(near[0].words)}”；与本项无关写 null") if near else "null"


def _quotas(entry: Entry, key: str) -> list[str]:
    items = []
    for found in entry.said:
        for figure in found.figures:
            if figure.role == "quota":
                text = _context(found, figure.start, figure.end)
                if text not in items:
                    items.append(text)
    if not items:
        return []
    return [f"    {key}:", *(f"      - {{text: {scalar(text)}}}" for text in items)]


# Programmes


def _programme(entry: Entry) -> str:
    lines = [
        f"  - id: {entry.id}",
        f"    clause: {scalar(entry.clause.label)}",
        f"    title: {_title(entry, True)}",
        f"    goal: {_open('用自己的话写一句：要做什么；其实可以申报的，移到 measures.yaml')}",
        f"    departments: [{', '.join(scalar(name) for name in entry.clause.departments)}]",
        *_quotas(entry, "targets"),
        *_cite(entry),
    ]
    return "\n".join(lines) + "\n"


def _cite(entry: Entry) -> list[str]:
    return ["    cite:", *(f"      - {scalar(phrase)}" for phrase in entry.phrases)]


# Words


def _context(found: Found, start: int, end: int) -> str:
    """The piece between commas around a figure, at most ``LONGEST_PHRASE`` characters."""
    low, high = piece_at(found.words, start, end)
    low = max(low, min(start, high - LONGEST_PHRASE))
    return found.words[low : min(high, low + LONGEST_PHRASE)]


def _short(text: str | None, most: int = LONGEST_PHRASE) -> str:
    words = (text or "").strip()
    return words if len(words) <= most else words[:most] + "…"


def _or_open(text: str | None, question: str) -> str:
    return scalar(text) if text else _open(question)


def _open(question: str) -> str:
    return scalar(open_point(question))


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {scalar(item)}" for key, item in value.items()) + "}"
    return scalar(value)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence on contacts, materials, the day to apply by or who is meant at all (``key``), and its clause."""

    key: str
    words: str
    clause: Clause
    general: bool
    """Whether it stands in a clause about applying, so that it may concern every measure."""


def told_in(clauses: Iterable[Clause]) -> list[Told]:
    """What a text says on contacts, materials and deadlines of applications."""
    found: list[Told] = []
    general: tuple[tuple[str, str], ...] | None = None
    for clause in clauses:
        if general is not None and clause.path[: len(general)] != general:
            general = None
        if clause.path and re.search("申报|申请|程序|附则|咨询", clause.title):
            general = clause.path
        scope = clause.path and re.search("支持对象|适用范围|适用对象|支持范围", clause.title)
        for sentence in clause.sentences:
            for key in _keys(sentence.text):
                found.append(Told(key, sentence.text, clause, general is not None))
        if scope:
            found += [Told("scope", sentence.text, clause, True) for sentence in clause.body if not only_charges(sentence)]
    return found


def _keys(text: str) -> Iterator[str]:
    if _CONTACT.search(text):
        yield "contact"
    if _MATERIALS.search(text) and re.search("提交|提供|申报|申请", text):
        yield "materials"
    if re.search("申报|申请|报送|受理|提交", text) and re.search(r"截止|日前|之前|期限|\d月\d", text):
        yield "deadline"
