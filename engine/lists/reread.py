"""A list that was evaluated, read again for one enterprise: what the enterprise had answered.

A result stores verdicts and truths, not answers. It stores where its list lay, what its mapping said and a hash of both,
so that the answers can be shown as long as the list is there and unchanged.
"""

from __future__ import annotations

from collections.abc import Mapping as Dict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from engine.columns.frame import KEY
from engine.diagnostics import Findings
from engine.lists.lazy import LazyList
from engine.lists.mapping import Mapping, MappingFile
from engine.lists.opening import open_list
from engine.lists.problems import refusal
from engine.lists.profiles import profile_data
from engine.lists.source import ListSource
from engine.pack import Pack
from engine.profile import Profile, read_profile
from engine.yaml_source import Source


def origin_of(paths: Sequence[Path], mapping: Mapping) -> dict[str, Any]:
    """What a result has to store so that its list can be read again, as plain data."""
    return {"files": [str(path.resolve()) for path in paths], "said": list(mapping.data)}


def answers_of(
    described: Dict[str, Any], key: str, pack: Pack, *, paths: Sequence[Path] = (), rules: Path | None = None
) -> Profile:
    """The enterprise's answers as a profile; cells that cannot be read are left out, as in the evaluation.

    ``described`` is the description of a result; ``paths``: where the list lies now, by default where it lay. Raises
    InputError where it is gone, changed, or does not hold the key.
    """
    origin = described.get("origin") or {"files": [], "said": []}
    files = list(paths) or [Path(name) for name in origin["files"]]
    if not files:
        raise refusal("名单", "explain-list-unknown", "结果里没有写名单在哪里", "加 --list 写出名单的位置")
    gone = [path for path in files if not path.exists()]
    if gone:
        raise refusal(str(gone[0]), "explain-list-gone", "名单已不在原处", "加 --list 写出名单现在的位置")
    source = open_list(files, pack, _mapping(origin["said"]), rules=rules)
    if source.fingerprint != described["fingerprint"]:
        hint = "请给出当时的名单，或重新运行 huiqi batch"
        raise refusal(str(files[0]), "explain-list-changed", "名单在评估之后改动过", hint)
    found = _profile(source, key, pack)
    if found is None:
        raise refusal(str(files[0]), "explain-list-other", f"名单里没有“{key}”")
    return found


def _profile(source: ListSource | LazyList, key: str, pack: Pack) -> Profile | None:
    for part in source.holding(key):
        keys = part.enterprise.frame[KEY]
        for own in keys.filter(keys.cast(pl.String) == key).head(1).to_list():
            data = profile_data(part, own, pack)
            return read_profile(Source("名单", data), pack.vocabulary, pack.tables, Findings())
    return None


def _mapping(said: Sequence[Any]) -> Mapping:
    shapes = [MappingFile.model_validate(data) for data in said]
    rates = {currency: Decimal(rate) for shape in shapes for currency, rate in shape.rates.items()}
    return Mapping(tuple(table for shape in shapes for table in shape.lists), rates, tuple(said))
