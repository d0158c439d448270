"""The lines of a shortlist: each enterprise by its kept determination, with the reasons made again.

The verdict, the amount and the findings are read as they were kept; the calculation and the reason are derived again
from the profile, by a program of the one measure, which takes a millisecond or some. Personal data is masked: a list
names enterprises, not people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from engine.compiler import compile_pack
from engine.determination import group_of
from engine.diagnostics import InputError
from engine.pack import Pack
from engine.profile import profile_of
from engine.program import Program
from engine.reference import ReferenceSolver
from engine.screening import determine
from engine.values import Tables
from web.centre import keeping, packs
from web.centre.clock import day_of
from web.centre.matters import question_of
from web.centre.outcomes import GROUP_OF, LETTERS
from web.centre.privacy import Veil
from web.centre.store.tables import DeterminationRow, Enterprise, FindingRow, ProfileVersion, Standing, User
from web.summary import GROUPS, summarise
from web.texts import gettext as _

CHUNK = 500
_SOLVER = ReferenceSolver()


@dataclass(frozen=True, slots=True)
class Line:
    """One enterprise. ``group`` is a Chinese word; ``low`` and ``high`` are decimal strings in yuan, ``high`` None
    without a bound and both None without a stated amount; ``explained``: whether calculation and reason were derived."""

    key: str
    name: str
    division: str
    industry: str
    size: str
    group: str
    low: str | None = None
    high: str | None = None
    calculation: str = ""
    findings: str = ""
    reason: str = ""
    as_of: date | None = None
    version: str = ""
    explained: bool = False


@dataclass(frozen=True, slots=True)
class _Rules:
    """One measure by one pack version. ``place``: where its letter stands; None where that version did not have it."""

    pack: Pack
    place: int | None
    program: Program | None
    veil: Veil


@dataclass(slots=True)
class Lines:
    """Makes lines about ``measure``. ``program``: the rules of the site; of the first ``most`` lines the reasons."""

    session: Session
    measure: str
    program: Program
    most: int
    _rules: dict[str, _Rules | None] = field(default_factory=dict)
    _asked: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def of(self, enterprises: Sequence[int]) -> Iterator[Line]:
        """A line for each enterprise that is there, in this order."""
        for begin in range(0, len(enterprises), CHUNK):
            part = enterprises[begin : begin + CHUNK]
            explain = max(min(self.most - begin, len(part)), 0)
            yield from self._part(part[:explain], True)
            yield from self._part(part[explain:], False)

    def _part(self, enterprises: Sequence[int], explain: bool) -> Iterator[Line]:
        rows = {row.id: row for row in self.session.execute(_query(enterprises, explain))}
        found = self._findings(rows.values())
        for number in enterprises:
            if number in rows:
                yield self._line(rows[number], found, explain)

    def _line(self, row: Row[Any], found: Mapping[int, tuple[FindingRow, str]], explain: bool) -> Line:
        head = Line(row.key, row.name, *_places(row, self.program.pack), group=_("还没有对照"))
        if row.verdicts is None:
            return head
        head = replace(head, as_of=row.as_of, version=row.pack_version)
        rules = self._of(row.pack_version)
        if rules is None:
            return replace(head, group=_("规则包读不出"))
        if rules.place is None:
            return replace(head, group=_("当时的规则里没有这项措施"))
        letter = row.verdicts[rules.place]
        low, high = row.amounts.get(self.measure, (None, None))
        counted = [found[number] for number in row.findings]
        said = _("；").join(text for finding, words in counted if (text := self._said(rules, finding, words)))
        line = replace(head, group=GROUPS[GROUP_OF[letter]], low=low, high=high, findings=said)
        return self._explained(line, row, rules, letter, [finding for finding, _words in counted]) if explain else line

    def _explained(self, line: Line, row: Row[Any], rules: _Rules, letter: str, findings: list[FindingRow]) -> Line:
        if row.data is None or rules.program is None:
            return replace(line, reason=keeping.ERASED, explained=True)
        pack = rules.program.pack
        data = keeping.with_findings(row.data, findings)
        made = determine(rules.program, profile_of(data, pack.vocabulary, pack.tables), row.as_of, _SOLVER)
        if LETTERS[group_of(made.results[0])] != letter:
            return replace(line, reason=_("重新推出的结论与保存的不同，请在审计页面核对"), explained=True)
        (told,) = summarise(rules.veil.determination(made), pack).lines
        return replace(line, calculation=_("；").join(told.result.calculation), reason=told.reason, explained=True)

    def _said(self, rules: _Rules, finding: FindingRow, words: str) -> str:
        """A finding that this measure asks for, with who found it."""
        key = (rules.pack.version, finding.judgement)
        if key not in self._asked:
            question = question_of(finding.judgement, rules.pack)
            ours = question is not None and self.measure in {measure.id for measure in question.measures}
            self._asked[key] = question.label if question is not None and ours else None
        label = self._asked[key]
        if label is None:
            return ""
        about = _("（一条记录）") if finding.about else ""
        return f"{label}{about}：{_('成立') if finding.finding else _('不成立')}（{words}）"

    def _findings(self, rows: Iterable[Row[Any]]) -> dict[int, tuple[FindingRow, str]]:
        """The findings that counted by number, with who found and who confirmed them."""
        wanted = sorted({number for row in rows for number in row.findings or ()})
        second, by, also = aliased(FindingRow), aliased(User), aliased(User)
        found: dict[int, tuple[FindingRow, str]] = {}
        for begin in range(0, len(wanted), CHUNK):
            query = (
                select(FindingRow, by.full_name, also.full_name)
                .join(by, by.id == FindingRow.by_id)
                .outerjoin(second, (second.answers_id == FindingRow.id) & (second.stage == "confirmed"))
                .outerjoin(also, also.id == second.by_id)
                .where(FindingRow.id.in_(wanted[begin : begin + CHUNK]))
            )
            for finding, who, other in self.session.execute(query):
                day = day_of(finding.at).isoformat()
                confirmed = _("，复核%s") % other if other else ""
                found[finding.id] = (finding, f"{who}，{day}{confirmed}")
        return found

    def _of(self, version: str) -> _Rules | None:
        """None where they cannot be read any more."""
        if version not in self._rules:
            try:
                pack = packs.program_of(self.session, version, self.program).pack
            except InputError:
                return self._rules.setdefault(version, None)
            ids = packs.measures_of(self.session, version)
            place = ids.index(self.measure) if self.measure in ids else None
            own = tuple(measure for measure in pack.measures if measure.id == self.measure)
            alone = compile_pack(replace(pack, measures=own, programmes=(), checks=())) if own else None
            self._rules[version] = _Rules(pack, place, alone, Veil.of(pack, "clerk"))
        return self._rules[version]


def _query(enterprises: Sequence[int], explain: bool) -> Any:
    columns = [
        Enterprise.id, Enterprise.key, Enterprise.name, Enterprise.division, Enterprise.industry, Enterprise.size,
        DeterminationRow.pack_version, DeterminationRow.as_of, DeterminationRow.verdicts, DeterminationRow.amounts,
        DeterminationRow.findings, *([ProfileVersion.data] if explain else []),
    ]  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(Standing, Standing.enterprise_id == Enterprise.id)
        .outerjoin(DeterminationRow, DeterminationRow.id == Standing.determination_id)
        .where(Enterprise.id.in_(enterprises), Enterprise.erased_on.is_(None))
    )
    return query.outerjoin(ProfileVersion, ProfileVersion.id == DeterminationRow.profile_id) if explain else query


def _places(row: Row[Any], pack: Pack) -> tuple[str, str, str]:
    """Where an enterprise is, its industry and size in words; a code that the rules do not know as it is."""
    tables: Tables = pack.tables
    sizes = pack.vocabulary.fields["size_class"].options if "size_class" in pack.vocabulary.fields else {}
    division, industry, size = row.division or "", row.industry or "", row.size or ""
    return (
        tables.divisions.label(division) if division in tables.divisions else division,
        tables.industries.label(industry) if industry in tables.industries else industry,
        sizes[size].label if size in sizes else size,
    )
