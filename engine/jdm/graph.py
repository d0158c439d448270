"""A pack's measures as one JDM graph: a line of expression nodes from the input to the results.

Nodes: ``start`` (the clock, the lists, the findings), one for the findings about each kind of record, one
for each derived fact, one for the filters of each kind of record, one for each subject, and ``results``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any as Json

from engine.compiler import compile_pack
from engine.conditions import Count, Judgement, Node, Reference, Sum, Test
from engine.dependencies import fields_of, leaves_of, operand_fields
from engine.diagnostics import Finding
from engine.jdm import zen
from engine.jdm.leaves import LeafWriter
from engine.jdm.sheet import Place, Sheet, filters_in
from engine.jdm.worth import Worth, write_subject, write_total
from engine.jdm.zen import AS_OF, START, Refused
from engine.pack import Derived, Measure, Pack
from engine.program import Stage
from engine.vocabulary import RecordKind

CONTENT_TYPE = "application/vnd.gorules.decision"


@dataclass(frozen=True, slots=True)
class Exported:
    """A graph, the measures in it, and a finding for each measure that it cannot say exactly."""

    graph: dict[str, Json]
    measures: tuple[str, ...]
    refused: tuple[Finding, ...]


def export(pack: Pack) -> Exported:
    """The measures of ``pack`` as one graph; those that cannot be exported exactly are left out and named."""
    kept, refused = [], []
    for measure in pack.measures:
        try:
            _Graph(replace(pack, measures=(measure,), checks=(), programmes=())).build()
            kept.append(measure)
        except Refused as why:
            place = measure.place
            message = f"{measure.id} 不能导出：{why.reason}"
            refused.append(Finding(place.file, place.line, place.column, "jdm-refused", message))
    whole = _Graph(replace(pack, measures=tuple(kept), checks=(), programmes=()))
    return Exported(whole.build(), tuple(measure.id for measure in kept), tuple(refused))


@dataclass(slots=True)
class _Graph:
    pack: Pack
    place: Place = field(init=False)
    sheets: list[tuple[Sheet, bool]] = field(default_factory=list)
    """Each node, and whether it passes on what it was given."""
    subjects: dict[str, tuple[Sheet, str, Worth | None]] = field(default_factory=dict)
    """Measure -> the sheet of its subject, the key of its truth, its amount."""

    def __post_init__(self) -> None:
        self.place = Place(self.pack)

    def build(self) -> dict[str, Json]:
        program = compile_pack(self.pack)
        kinds = self._kinds(program.stages)
        self._start(kinds)
        self._reviews()
        judged = self._judged(program.stages)
        for kind in kinds:
            if kind.name in judged:
                self._said(kind)
            self._terms(kind)
        self._unlisted(kinds)
        for stage in program.stages:
            self._stage(stage)
        for subject in dict.fromkeys(measure.subject for measure in self.pack.measures):
            self._subject(subject)
        self._results()
        return self._document()

    def _judged(self, stages: Iterable[Stage]) -> set[str]:
        """The record kinds about which a person is asked something."""
        nodes = [(measure.subject, measure.condition) for measure in self.pack.measures]
        nodes += [(stage.derived.record, when) for stage in stages for when, _ in stage.derived.cases]
        bases = [measure.base for measure in self.pack.measures if isinstance(measure.base, Sum)]
        nodes += [(base.path.partition(".")[0], base.where) for base in bases if base.where is not None]
        nodes += [(kind, where) for _, node in nodes for kind, where in filters_in(node)]
        return {
            kind
            for kind, node in nodes
            if kind and any(isinstance(leaf, Judgement | Reference) for leaf in leaves_of(node))
        }

    def _kinds(self, stages: Iterable[Stage]) -> list[RecordKind]:
        """The record kinds that anything reads."""
        nodes = [measure.condition for measure in self.pack.measures]
        nodes += [when for stage in stages for when, _ in stage.derived.cases]
        vocabulary = self.pack.vocabulary
        read = {vocabulary.fields[path].record for node in nodes for path in fields_of(node)}
        read |= {kind for node in nodes for kind, _ in filters_in(node)}
        read |= {stage.derived.record for stage in stages}
        for measure in self.pack.measures:
            read.add(measure.subject)
            if measure.base is not None:
                read |= {vocabulary.fields[path].record for path in operand_fields(measure.base)}
        for leaf in (leaf for node in nodes for leaf in leaves_of(node)):
            if isinstance(leaf, Test) and isinstance(leaf.operand, Count):
                read.add(leaf.operand.kind)  # without a filter it reads no field
        return [kind for name, kind in vocabulary.records.items() if name in read and name != "finding"]

    # Nodes

    def _sheet(
        self, name: str, kind: str | None = None, *, listed: str | None = None, passing: bool = True
    ) -> Sheet:
        before = self.sheets[-1][0].name if self.sheets else "input"
        sheet = Sheet(name, kind, before, listed or (f"records.{kind}" if kind else None))
        self.sheets.append((sheet, passing))
        return sheet

    def _start(self, kinds: list[RecordKind]) -> None:
        sheet = self._sheet("start")
        sheet.add("year", "d(as_of).year()")
        for kind in kinds:
            name = kind.name
            sheet.add(f"records.{name}", f'map(lists.{kind.list} ?? [], {{"{name}": #}})')
            sheet.add(f"missing.{name}", f"lists.{kind.list} == null")
            sheet.add(
                f"open.{name}", f"lists.{kind.list} == null or {zen.text(kind.list)} in (partial ?? [])"
            )
        finding = '{"judgement": #.judgement, "about": #.about, "finding": #.finding, "day": date(#.on)}'
        sheet.add("reviews", f"map(filter(findings ?? [], d(#.on) <= d(as_of)), {finding})")

    def _reviews(self) -> None:
        """The latest findings: on one day they may contradict each other, which leaves the judgement open."""
        sheet = self._sheet("latest", "reviews", listed="reviews")
        same = "#.judgement == judgement and #.about == about"
        # The day first: most findings are of one day, and this is tested once for every pair.
        sheet.add("latest", f"not some({START}.reviews, #.day > day and {same})")
        sheet = self._sheet("said")
        sheet.add("general", "filter(reviews, #.latest and #.about == null)")
        for answer in ("yes", "no"):
            wanted = "true" if answer == "yes" else "false"
            sheet.add(answer, f"map(filter($.general, #.finding == {wanted}), #.judgement)")

    def _said(self, kind: RecordKind) -> None:
        """What was found about each record: findings that name it come before those that name none."""
        sheet, name = self._sheet(f"said_{kind.name}", kind.name), kind.name
        about = f"{name}.id != null and #.about == {name}.id"
        sheet.add("own", f"filter($nodes.latest.reviews, #.latest and {about})")
        sheet.add("named", "map($.own, #.judgement)")
        sheet.add("rest", "filter($nodes.said.general, not (#.judgement in $.named))")
        sheet.add("all_said", "flatten([$.own, $.rest])")
        for answer in ("yes", "no"):
            wanted = "true" if answer == "yes" else "false"
            sheet.add(answer, f"map(filter($.all_said, #.finding == {wanted}), #.judgement)")

    def _terms(self, kind: RecordKind) -> None:
        paths = [field_.path for field_ in kind.fields.values() if field_.spec.term is not None]
        if paths:
            sheet = self._sheet(f"terms_{kind.name}", kind.name)
            for path in paths:
                self._term(sheet, kind, path)

    def _unlisted(self, kinds: list[RecordKind]) -> None:
        """For lists that may go on: a record of which nothing is known, as any that is not listed may be."""
        sheet = self._sheet("unlisted")
        for kind in kinds:
            blank = f'{{"{kind.name}": {{}}, "yes": $nodes.said.yes, "no": $nodes.said.no}}'
            sheet.add(f"unlisted.{kind.name}", f"{START}.open.{kind.name} ? [{blank}] : []")

    def _term(self, sheet: Sheet, kind: RecordKind, path: str) -> None:
        """An end date that was not given, from the start date and the term of the option."""
        term = kind.fields[path.partition(".")[2]].spec.term
        if term is None:
            return
        start, by = f"{kind.name}.{term.start}", f"{kind.name}.{term.by}"
        options = self.pack.vocabulary.fields[by].options
        by_years: dict[int, list[str]] = {}
        for key, option in options.items():
            if option.term_years is not None:
                by_years.setdefault(option.term_years, []).append(key)
        chain = "null"
        for years, keys in by_years.items():
            ended = f'd({start}).add({12 * years}, "month").format("%Y-%m-%d")'
            chain = f"(all({by}, # in {zen.texts(keys)}) ? {ended} : {chain})"
        key = self.place.key("d")
        sheet.add(key, f"{path} != null ? {path} : ({start} == null or {by} == null ? null : {chain})")
        self.place.derived[path] = key

    def _filters(self, nodes: Iterable[Node], extra: Iterable[tuple[str, Node]] = ()) -> None:
        """A node for each kind of record with the truths of the filters that ``nodes`` apply to it."""
        wanted: dict[tuple[str, Node], None] = {}
        for node in nodes:
            wanted.update(filters_in(node))
        wanted.update(dict.fromkeys(extra))
        new = [item for item in wanted if item not in self.place.filters]
        for kind in dict.fromkeys(kind for kind, _ in new):
            sheet = self._sheet(self.place.key("filters"), kind)
            writer = LeafWriter(sheet, self.place)
            for _, where in (item for item in new if item[0] == kind):
                self.place.filters[(kind, where)] = writer.tree(where).removeprefix("$.")

    def _stage(self, stage: Stage) -> None:
        derived = stage.derived
        self._filters(when for when, _ in derived.cases)
        name = f"derived_{derived.field.replace('.', '_')}_{self.place.key('')}"
        sheet = self._sheet(name, derived.record)
        writer = LeafWriter(sheet, self.place)
        stated = writer.reference(derived.field)
        value = sheet.add(self.place.key("v"), self._first(derived, writer))
        both = sheet.add(
            self.place.key("v"),
            f"{stated} == null or {value} == null ? null : filter({stated}, # in {value})",
        )
        known = f"len({both}) > 0 ? {both} : flatten([{stated}, {value}])"
        clash = f"{both} != null and len({both}) == 0"
        merged = f"{value} == null ? {stated} : ({stated} == null ? {value} : ({known}))"
        if derived.record is None:
            sheet.add(f"derived.{derived.field}", merged)
            sheet.add(f"clash.{derived.field}", clash)
            self.place.derived[derived.field] = name
            self.place.clashes[derived.field] = f"$nodes.{name}.clash.{derived.field}"
        else:
            key = self.place.key("d")
            sheet.add(key, merged)
            self.place.derived[derived.field] = key
            self.place.clashes[derived.field] = self.place.key("c")
            sheet.add(self.place.clashes[derived.field], clash)

    def _first(self, derived: Derived, writer: LeafWriter) -> str:
        """The options of the first case that holds, with those of the cases before it that may hold."""
        if self.pack.vocabulary.fields[derived.field].type not in ("choice", "yes_no"):
            raise Refused(f"推导的“{derived.field}”不是选项")
        rest = _options(derived.otherwise)
        for when, value in reversed(derived.cases):
            truth, own = writer.tree(when), _options(value)
            later = writer.sheet.add(self.place.key("v"), rest)
            wider = f"({later} == null ? null : flatten([{own}, {later}]))"
            rest = f"{truth} == true ? {own} : ({truth} == null ? {wider} : {later})"
        return rest

    def _subject(self, subject: str | None) -> None:
        measures = [measure for measure in self.pack.measures if measure.subject == subject]
        sums = [
            (measure.base.path.partition(".")[0], measure.base.where)
            for measure in measures
            if isinstance(measure.base, Sum) and measure.base.where is not None
        ]
        self._filters([measure.condition for measure in measures], sums)
        sheet = self._sheet(f"subject_{subject or 'enterprise'}", subject)
        writer = LeafWriter(sheet, self.place)
        for measure in measures:
            truth = writer.tree(measure.condition).removeprefix("$.")
            self.subjects[measure.id] = (sheet, truth, write_subject(measure, writer))
        if subject is not None:
            blank = self._sheet(f"unlisted_{subject}", subject, listed=f"unlisted.{subject}")
            blank.rows = sheet.rows

    # Results

    def _results(self) -> None:
        sheet = self._sheet("results", passing=False)
        found = [self._result(measure, sheet) for measure in self.pack.measures]
        last = self._sheet("answer", passing=False)
        last.add("pack_version", zen.text(self.pack.version))
        last.add("as_of", AS_OF)
        last.add("results", f"[{', '.join(key.removeprefix('$.') for key in found)}]")

    def _result(self, measure: Measure, sheet: Sheet) -> str:
        subject, truth, _ = self.subjects[measure.id]
        validity = self.pack.documents[measure.document].document.validity
        bounds = [f"d({AS_OF}) >= {zen.day(validity.start)}"]
        bounds += [f"d({AS_OF}) <= {zen.day(validity.end)}"] if validity.end else []
        if measure.subject is None:
            ref = f"$nodes.{subject.name}.{truth}"
            eligible, undetermined, ended = f"{ref} == true", f"{ref} == null", "false"
        else:
            records = f"$nodes.{subject.name}.records.{measure.subject}"
            more = f"some($nodes.unlisted_{measure.subject}.unlisted.{measure.subject}, #.{truth} != false)"
            eligible = f"some({records}, #.{truth} == true)"
            undetermined, ended = f"some({records}, #.{truth} == null) or {more}", more
        verdict = sheet.add(
            self.place.key("r"),
            f'not ({" and ".join(bounds)}) ? "not_in_force" : ({eligible} ? "eligible" : '
            f'({undetermined} ? "undetermined" : "ineligible"))',
        )
        amount = self._amount(measure, sheet, verdict, ended)
        listed = {"measure": zen.text(measure.id), "document": zen.text(measure.document)}
        fields = {**listed, "verdict": verdict, "payee": zen.text(measure.spec.payee), **amount}
        body = ", ".join(f'"{name}": {value}' for name, value in fields.items())
        return sheet.add(self.place.key("r"), f"{{{body}}}")

    def _amount(self, measure: Measure, sheet: Sheet, verdict: str, ended: str) -> dict[str, str]:
        subject, truth, worth = self.subjects[measure.id]
        if worth is None:
            return {"amount_yuan": "null", "amount_range_yuan": "null"}
        if measure.subject is None:
            low, high = (f"$nodes.{subject.name}.{key.removeprefix('$.')}" for key in (worth.low, worth.high))
        else:
            records = f"$nodes.{subject.name}.records.{measure.subject}"
            counted = sheet.add(
                self.place.key("c"),
                f'{verdict} == "eligible" ? filter({records}, #.{truth} == true) : '
                f'({verdict} == "undetermined" ? filter({records}, #.{truth} == null) : [])',
            )
            open_ended = f'({verdict} == "undetermined" and {ended})'
            low, high = write_total(measure, sheet, self.place, records, counted, open_ended, worth)
        shown = f"{high} == null ? null : string({high})"
        ends = (
            f'{verdict} == "eligible" ? [string({low}), {shown}] : '
            f'({verdict} == "undetermined" ? ["0", {shown}] : null)'
        )
        single = f'{verdict} == "eligible" and {high} != null and {low} == {high} ? string({low}) : null'
        result = {"amount_yuan": f"({single})", "amount_range_yuan": f"({ends})"}
        if worth.by_year is not None:
            result["amount_by_year"] = f"({_by_year(subject.name, worth.by_year, verdict)})"
        return result

    # The file

    def _document(self) -> dict[str, Json]:
        nodes: list[dict[str, Json]] = [_plain("input", "inputNode", 0)]
        nodes += [
            _node(sheet, passing, number) for number, (sheet, passing) in enumerate(self.sheets, start=1)
        ]
        nodes.append(_plain("output", "outputNode", len(nodes)))
        edges = [
            {
                "id": f"{one['id']}-{other['id']}",
                "type": "edge",
                "sourceId": one["id"],
                "targetId": other["id"],
            }
            for one, other in pairwise(nodes)
        ]
        return {"contentType": CONTENT_TYPE, "nodes": nodes, "edges": edges}


def _options(value: object) -> str:
    if value is None:
        return "null"
    if not isinstance(value, frozenset):
        raise Refused("推导的值不是选项")
    return zen.texts(value)


def _by_year(node: str, ends: dict[int, tuple[str, str]], verdict: str) -> str:
    def shown(key: str) -> str:
        ref = f"$nodes.{node}.{key.removeprefix('$.')}"
        return f"({ref} == null ? null : string({ref}))"

    sure = ", ".join(f'"{year}": [{shown(low)}, {shown(high)}]' for year, (low, high) in ends.items())
    open_ = ", ".join(f'"{year}": ["0", {shown(high)}]' for year, (_, high) in ends.items())
    return f'{verdict} == "eligible" ? {{{sure}}} : ({verdict} == "undetermined" ? {{{open_}}} : null)'


def _plain(name: str, kind: str, column: int) -> dict[str, Json]:
    position = {"x": 260 * column, "y": 0}
    return {"id": name, "name": name, "type": kind, "content": {}, "position": position}


def _node(sheet: Sheet, passing: bool, column: int) -> dict[str, Json]:
    rows = [
        {"id": f"{sheet.name}-{number}", "key": key, "value": value}
        for number, (key, value) in enumerate(sheet.rows, start=1)
    ]
    content: dict[str, Json] = {"expressions": rows, "passThrough": passing, "executionMode": "single"}
    if sheet.kind is not None:
        content |= {"executionMode": "loop", "inputField": sheet.listed, "outputPath": sheet.listed}
    return {**_plain(sheet.name, "expressionNode", column), "content": content}
