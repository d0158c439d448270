"""Controls as a template draws them: texts from the vocabulary, options, problems, and what was understood."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine.pack import Pack
from engine.regions import Value
from engine.vocabulary import RecordKind, VocabularyField
from engine.wording import show
from web.site.forms.cards import Card, Cards, record_name
from web.site.forms.entries import ANY_OF_THEM, UNITS, Entry, code_name, joined
from web.site.forms.sheet import Problem, Sheet, control_name, kinds_by_list, value_of
from web.texts import gettext as _

Shape = Literal["quantity", "text", "place", "radio", "select", "checks"]

FEW = 6
"""Up to so many options are shown side by side, more in a drop-down."""
MOST_CANDIDATES = 12
BLANK = 999999

EXAMPLES = {
    "money": _("例如 500、2000-5000、不超过 3000"),
    "count": _("例如 50、100-499、小于50"),
    "ratio": _("例如 5、3-5"),
    "date": _("例如 2023-11-30、2023年11月、2023年"),
    "division": _("例如 北京市大兴区、廊坊固安"),
    "industry": _("例如 软件和信息技术服务业、I65"),
    "credit_code": _("18 位数字和大写字母"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """An option of a control."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """One field with everything that a template writes about it."""

    field: VocabularyField
    name: str
    shape: Shape
    entry: Entry
    units: tuple[str, ...]
    choices: tuple[Choice, ...]
    problem: Problem | None
    understood: str
    candidates: tuple[Choice, ...]

    @property
    def id(self) -> str:
        """The id of the control in a page."""
        return self.name.replace(".", "-")

    @property
    def broad(self) -> bool:
        """Whether it needs the whole width among others."""
        return self.shape == "checks"

    @property
    def example(self) -> str:
        return EXAMPLES.get(self.field.type, "")


@dataclass(frozen=True, slots=True)
class CardView:
    """One record: what it is called, the fields to be seen first, the others."""

    token: str
    name: str
    title: str
    first: tuple[Control, ...]
    folded: tuple[Control, ...]
    problem: Problem | None

    @property
    def opened(self) -> bool:
        """Whether something in the folded part has to be seen."""
        return any(control.problem is not None for control in self.folded)


@dataclass(frozen=True, slots=True)
class ListView:
    """A record list."""

    kind: RecordKind
    name: str
    status: str
    cards: tuple[CardView, ...]
    problem: Problem | None

    @property
    def id(self) -> str:
        """The id of the list in a page."""
        return self.name.replace(".", "-")


def control_view(key: str, sheet: Sheet, pack: Pack) -> Control:
    """An enterprise field of a sheet."""
    return _control(pack.vocabulary.fields[key], control_name(key), sheet.entries[key], sheet.problems, pack)


def list_view(key: str, sheet: Sheet, pack: Pack, matter: Collection[str], first: int = 1) -> ListView:
    """A list of a sheet. ``matter`` are the paths of the record fields to be shown first; cards count from ``first``."""
    kind, cards = kinds_by_list(pack)[key], sheet.lists[key]
    drawn = tuple(_card(kind, key, card, number, sheet, pack, matter) for number, card in enumerate(cards.cards, first))
    name = control_name(key)
    return ListView(kind, name, cards.status, drawn, sheet.problems.get(name))


def blank_list_view(kind: RecordKind, pack: Pack, matter: Collection[str]) -> ListView:
    """A list with one new card: what a browser adds copies of, with a token and a number for ``BLANK``."""
    sheet = Sheet({}, {kind.list: Cards("all", (Card(f"n{BLANK}", {}),))})
    return list_view(kind.list, sheet, pack, matter, first=BLANK)


def _card(
    kind: RecordKind, key: str, card: Card, number: int, sheet: Sheet, pack: Pack, matter: Collection[str]
) -> CardView:
    name = control_name(key, card.token)
    drawn = [
        _control(field, f"{name}.{field.name}", card.entries.get(field.name, Entry()), sheet.problems, pack)
        for field in kind.fields.values()
    ]
    seen = {item.name for item in drawn if item.field.path in matter or not item.entry.blank}
    first = tuple(item for item in drawn if item.name in seen or not seen)
    folded = tuple(item for item in drawn if seen and item.name not in seen)
    title = record_name(kind.label, number) + _called(drawn)
    return CardView(card.token, name, title, first, folded, sheet.problems.get(name))


def _called(drawn: Sequence[Control]) -> str:
    """What tells a record from the others: its name, else the first option chosen."""
    for control in drawn:
        if control.entry.text and control.field.name == "id":
            return f"：{control.entry.text}"
        chosen = [item.label for item in control.choices if item.chosen]
        if chosen:
            return f"：{chosen[0]}"
    return ""


def _control(field: VocabularyField, name: str, entry: Entry, problems: Mapping[str, Problem], pack: Pack) -> Control:
    problem = problems.get(name)
    value = value_of(field, entry, pack) if problem is None and not entry.blank else None
    return Control(
        field,
        name,
        _shape(field),
        entry if entry.unit or field.type not in UNITS or not entry.blank else Entry(unit=UNITS[field.type][0]),
        UNITS.get(field.type, ()),
        tuple(_choices(field, entry)),
        problem,
        in_words(field, value, pack) if not _open(field, value) else "",
        _candidates(field, entry, value, pack),
    )


def _shape(field: VocabularyField) -> Shape:
    match field.type:
        case "money" | "count" | "ratio":
            return "quantity"
        case "division" | "industry":
            return "place"
        case "choices":
            return "checks"
        case "yes_no" | "choice":
            many = len(field.options) > FEW or (field.record is not None and field.type == "choice")
            return "select" if many else "radio"
    return "text"


def _choices(field: VocabularyField, entry: Entry) -> Iterator[Choice]:
    """Options, then the names that leave it open between several, then an alternative that has no name."""
    chosen = set(entry.chosen)
    named: dict[str, str] = {key: option.label for key, option in field.options.items()}
    if field.type in ("choice", "yes_no"):
        for name, keys in field.spec.synonyms.items():
            if len(set(keys)) > 1:
                labels = _("或").join(named[key] for key in keys if key in named)
                named.setdefault(
                    joined(field, keys), _("%(name)s（%(labels)s，分不清）") % {"name": name, "labels": labels}
                )
        for value in entry.chosen:
            if value not in named and all(key in field.options for key in value.split(",")):
                named[value] = _("或").join(field.options[key].label for key in value.split(","))
    for value, label in named.items():
        yield Choice(value, label, value in chosen)


def in_words(field: VocabularyField, value: Value | None, pack: Pack) -> str:
    """What the text in a box was taken for; "" where it is known, or says it itself."""
    return "" if value is None or field.type in ("text", "choice", "choices", "yes_no") else show(value, field, pack)


def _candidates(field: VocabularyField, entry: Entry, value: Value | None, pack: Pack) -> tuple[Choice, ...]:
    """The places that one name may mean, where it means several."""
    if value is None or not _open(field, value) or not isinstance(value, frozenset) or len(entry.texts) > 1:
        return ()
    text = entry.text.strip()
    names = [code_name(field.type, code, pack.tables) for code in sorted(value)[:MOST_CANDIDATES]]
    offered = [(f"{text}|{name}", name) for name in names]
    offered.append((f"{text}|{ANY_OF_THEM}", _("说不准，都有可能")))
    return tuple(Choice(value, label, entry.pick == value) for value, label in offered)


def _open(field: VocabularyField, value: Value | None) -> bool:
    return field.type in ("division", "industry") and isinstance(value, frozenset) and len(value) > 1
