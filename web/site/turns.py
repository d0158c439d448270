"""One turn of the questionnaire: what was told before, what was sent now, and which question it leads to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.pack import Pack
from web.site.forms.entries import Entered
from web.site.forms.sheet import Problem, Sheet, blank_card, control_name, crowded, filled, kinds_by_list, sent
from web.site.forms.view import control_view
from web.site.state import State
from web.texts import gettext as _


@dataclass(frozen=True, slots=True)
class Turn:
    """The state after an answer. ``key`` is the question to show, None for the one worth most now; ``sheet`` are its
    controls where they are to be shown as they were sent."""

    state: State
    key: str | None = None
    sheet: Sheet | None = None


def take(state: State, form: Entered, pack: Pack) -> Turn:
    """What the sent ``form`` says: ``key`` is the question it is about, ``do`` the button that was pressed."""
    key, action = question_key(_first(form, "key"), pack), _first(form, "do")
    if action == "back":
        return _back(state, pack)
    if not known(key, pack) or key in crowded(state.data, pack):
        # What a page cannot show it cannot ask; as told by the file it stays.
        return Turn(_with_skipped(state, key, pack) if known(key, pack) else state)
    if action == "skip":
        return Turn(_with_skipped(state, key, pack))
    if action == "none" and nothing(key, pack) is not None:
        return Turn(_answered(state, key, nothing(key, pack)))
    if "add" in form and key in kinds_by_list(pack):
        return Turn(state, key, blank_card(replace(sent(form, (key,), pack, state.data), problems={}), key))
    return _answer(state, key, form, pack) if action == "answer" else Turn(state, key)


def known(key: str, pack: Pack) -> bool:
    """Whether it names an enterprise field or a list."""
    field = pack.vocabulary.fields.get(key)
    return key in kinds_by_list(pack) or (field is not None and field.record is None)


def question_key(path: str, pack: Pack) -> str:
    """The question that a field is asked by: its own, or its list's where it is a record's."""
    field = pack.vocabulary.fields.get(path)
    return pack.vocabulary.records[field.record].list if field is not None and field.record is not None else path


def nothing(key: str, pack: Pack) -> Any:
    """How a profile says 没有 to a question; None where that is no answer to it."""
    if key in kinds_by_list(pack):
        return []
    field = pack.vocabulary.fields[key]
    if field.type == "choices":
        return []
    return "没有" if field.least == 0 else None


def opened(key: str, data: Mapping[str, Any], pack: Pack) -> Sheet:
    """The controls of one question; a list that was not told begins with one card."""
    sheet = filled(data, (key,), pack)
    return blank_card(sheet, key) if key in sheet.lists and not sheet.lists[key].cards else sheet


def _answer(state: State, key: str, form: Entered, pack: Pack) -> Turn:
    sheet = sent(form, (key,), pack, state.data)
    if sheet.problems:
        return Turn(state, key, sheet)
    if key not in sheet.data:
        field = pack.vocabulary.fields.get(key)
        if field is None:  # a list whose status is 不清楚
            return Turn(_with_skipped(state, key, pack))
        label, message = pack.vocabulary.label(key), _("还没有填")
        problem = Problem(control_name(key), label, message, _("请填写，或选“不清楚”"))
        return Turn(state, key, replace(sheet, problems={problem.name: problem}))
    if key in sheet.entries:
        control = control_view(key, sheet, pack)
        if control.candidates and not any(item.chosen for item in control.candidates):
            return Turn(state, key, sheet)
    return Turn(_answered(state, key, sheet.data[key]))


def _answered(state: State, key: str, value: Any) -> State:
    """A list that is asked again because records of it have gaps is not asked a third time."""
    again = key in state.data and key in state.asked
    skipped = tuple(item for item in state.skipped if item != key)
    return replace(
        state,
        data={**state.data, key: value},
        skipped=(*skipped, key) if again else skipped,
        asked=_last(state, key),
    )


def _with_skipped(state: State, key: str, pack: Pack) -> State:
    """不清楚: an answer is withdrawn; records that were told stay."""
    kept = key in kinds_by_list(pack) and bool(filled(state.data, (key,), pack).lists[key].cards)
    data = {name: value for name, value in state.data.items() if name != key or kept}
    return replace(state, data=data, skipped=_last_of(state.skipped, key), asked=_last(state, key))


def _back(state: State, pack: Pack) -> Turn:
    """To the question before, which is then as if it had not been skipped."""
    if not state.asked or not known(state.asked[-1], pack):
        return Turn(replace(state, asked=()))
    *before, key = state.asked
    if key in crowded(state.data, pack):
        return Turn(replace(state, asked=tuple(before)))
    skipped = tuple(item for item in state.skipped if item != key)
    return Turn(replace(state, asked=tuple(before), skipped=skipped), key)


def _last(state: State, key: str) -> tuple[str, ...]:
    return _last_of(state.asked, key)


def _last_of(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return (*(item for item in keys if item != key), key)


def _first(form: Entered, name: str) -> str:
    return next(iter(form.get(name, ())), "")
