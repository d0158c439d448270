"""What stands in the controls of one field: from profile data, from a sent form, and back to profile data.

A field called ``p.staff_total`` in a form owns these controls: ``p.staff_total`` (text boxes, several mean
alternatives; or the options chosen), ``.unit``, ``.none`` (none of the options), ``.more`` (there may be more options) and
``.pick`` (one of the places that a name may mean, behind the name that it was offered for).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.regions import Several
from engine.spans import half_width
from engine.values import Tables, ValueProblem, read_value
from engine.vocabulary import FieldType, VocabularyField
from engine.yaml_text import readable
from web.texts import gettext as _

Entered = Mapping[str, Sequence[str]]
"""A sent form: the values of each control by its name."""

UNITS: Mapping[FieldType, tuple[str, ...]] = {"money": ("万元", "元", "亿元"), "ratio": ("%", "‰")}
"""Units that can be chosen beside a number; the first is offered first."""

_OWN_UNIT: Mapping[FieldType, str] = {"money": "万亿元圆块币KkWw", "ratio": "%‰分比:/"}
_PLAIN_UNIT: Mapping[FieldType, str] = {"money": "元", "ratio": ""}
"""The unit of a number that is written without one."""

_SPELT = {"万元": "万元", "万": "万元", "亿元": "亿元", "亿": "亿元", "元": "元", "%": "%", "‰": "‰"}
_ENDING = re.compile(rf"(.*?)\s*({'|'.join(_SPELT)})", re.DOTALL)
_FIGURE = re.compile(r".*[\d零〇一二三四五六七八九十百千]", re.DOTALL)

ANY_OF_THEM = "*"
"""The pick that leaves it open which of several places is meant."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the controls of one field. ``chosen`` are option keys; of a choice, one that may join several."""

    texts: tuple[str, ...] = ()
    unit: str = ""
    chosen: tuple[str, ...] = ()
    none: bool = False
    more: bool = False
    pick: str = ""

    @property
    def text(self) -> str:
        """The first text box."""
        return self.texts[0] if self.texts else ""

    @property
    def blank(self) -> bool:
        """Whether nothing was said; a unit alone says nothing."""
        return not (any(text.strip() for text in self.texts) or self.chosen or self.none or self.more)


def shown(field: VocabularyField, raw: Any, tables: Tables) -> Entry:
    """The controls filled with ``raw``, a value that the field accepts. Raises ValueProblem for any other."""
    if field.type in UNITS:
        return _with_unit(field, raw)
    if raw is None:
        return Entry()
    match field.type:
        case "choice" | "yes_no":
            keys = read_value(field, raw, tables)
            return Entry(chosen=(joined(field, keys),)) if isinstance(keys, frozenset) and keys else Entry()
        case "choices":
            return _several(field, read_value(field, raw, tables))
        case "division" | "industry":
            items = raw if isinstance(raw, list) else [raw]
            return Entry(texts=tuple(str(item) for item in items))
    return Entry(texts=(_figure(raw),))


def entered(field: VocabularyField, name: str, form: Entered) -> Entry:
    """What was sent for the field whose controls are called ``name``.

    Invisible characters, such as text processors leave in what is copied, become blanks: no file could hold them.
    """
    values = tuple(readable(value) for value in form.get(name, ()))
    if field.type in ("choice", "yes_no", "choices"):
        chosen = tuple(value for value in values if value)
        return Entry(chosen=chosen, none=f"{name}.none" in form, more=f"{name}.more" in form)
    first = {part: next(iter(form.get(f"{name}.{part}", ())), "") for part in ("unit", "pick")}
    return Entry(texts=values, unit=first["unit"], pick=first["pick"])


def controls(field: VocabularyField, name: str, entry: Entry) -> dict[str, list[str]]:
    """The form that a browser sends where ``entry`` stands: the reverse of ``entered``."""
    form = {name: list(entry.chosen or entry.texts), f"{name}.unit": [entry.unit], f"{name}.pick": [entry.pick]}
    form |= {f"{name}.{part}": ["1"] for part, on in (("none", entry.none), ("more", entry.more)) if on}
    return {key: values for key, values in form.items() if any(values)}


def told(field: VocabularyField, entry: Entry) -> Any:
    """The profile data that the controls say; None where they say nothing. Raises ValueProblem for a contradiction."""
    if entry.blank:
        return None
    match field.type:
        case "choice" | "yes_no":
            return _one_or_list([_named(field, key) for value in entry.chosen[:1] for key in value.split(",")])
        case "choices":
            return _chosen(field, entry)
        case "division" | "industry":
            return _picked(entry) or _one_or_list([text.strip() for text in entry.texts if text.strip()])
    text = entry.text.strip()
    return with_unit(field.type, text, entry.unit) if field.type in UNITS else text


def with_unit(type: FieldType, text: str, unit: str) -> str:
    """The number with the unit chosen beside it, unless it has one of its own."""
    plain = half_width(text).strip()
    own = any(sign in _OWN_UNIT[type] for sign in plain)
    return f"{text}{unit}" if unit and not own and _FIGURE.fullmatch(plain) else text


def code_name(type: FieldType, code: str, tables: Tables) -> str:
    """A place or an industry by a name that is read as it alone: 北京市大兴区, I65 软件和信息技术服务业."""
    return tables.divisions.label(code) if type == "division" else f"{code} {tables.industries.name(code)}"


def joined(field: VocabularyField, keys: Iterable[str]) -> str:
    """Options as the value of one control, in the order of the vocabulary."""
    wanted = set(keys)
    return ",".join(key for key in field.options if key in wanted)


def _with_unit(field: VocabularyField, raw: Any) -> Entry:
    first, plain = UNITS[field.type][0], _PLAIN_UNIT[field.type]
    if raw is None:
        return Entry(unit=first)
    text = _figure(raw)
    ending = _ENDING.fullmatch(text.strip())
    if ending and _SPELT[ending[2]] in UNITS[field.type]:
        unit = _SPELT[ending[2]]
        # Only where putting them together again gives the same.
        if with_unit(field.type, ending[1], unit) == f"{ending[1]}{unit}":
            return Entry(texts=(ending[1],), unit=unit)
    return Entry(texts=(text,), unit=plain if with_unit(field.type, text, plain) != text else "")


def _figure(raw: Any) -> str:
    return f"{raw:f}" if isinstance(raw, Decimal) else str(raw)


def _several(field: VocabularyField, value: Any) -> Entry:
    if not isinstance(value, Several):
        return Entry()
    more = value.possible != value.certain
    chosen = tuple(key for key in field.options if key in value.certain)
    return Entry(chosen=chosen, more=more, none=not chosen and not more)


def _chosen(field: VocabularyField, entry: Entry) -> Any:
    if entry.none and (entry.chosen or entry.more):
        raise ValueProblem("form-none-and-some", _("既选了“都没有”，又选了别的"), _("请去掉其中一个"))
    items = [_named(field, key) for key in entry.chosen]
    return {"partial": True, "items": items} if entry.more else items


def _picked(entry: Entry) -> str:
    """The place picked, if it was offered for what stands in the box."""
    name, _, place = entry.pick.partition("|")
    return place if place != ANY_OF_THEM and name == entry.text.strip() else ""


def _named(field: VocabularyField, key: str) -> str:
    """An option as people read it in a file, where that names it alone."""
    option = field.options.get(key)
    return option.label if option and field.option_of(option.label) == {key} else key


def _one_or_list(items: list[str]) -> Any:
    return items[0] if len(items) == 1 else items
