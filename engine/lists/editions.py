"""The edition of industry codes in a column: said, or shown by codes that only one edition has, or to be asked."""

from __future__ import annotations

import re

import polars as pl

from engine.code_table import CodeError
from engine.industries import Edition, IndustryTable

_CODE = re.compile(r"[A-T]?\d{2,4}")
ASK = "需要写明版本"


def edition_of(cells: pl.Series, said: Edition | None, table: IndustryTable) -> tuple[Edition | None, str]:
    """The edition, and in Chinese where it comes from; None where it has to be asked.

    Names are of 2017. Codes that mean the same in both editions need no word.
    """
    if said is not None:
        return said, f"{said} 年版"
    codes = [cell for cell in cells.unique().to_list() if _CODE.fullmatch(cell)]
    if not codes:
        return "2017", ""
    only_2011 = [code for code in codes if table.editions(code) == {"2011"}]
    only_2017 = [code for code in codes if table.editions(code) == {"2017"}]
    if bool(only_2011) != bool(only_2017):
        found: Edition = "2011" if only_2011 else "2017"
        example = sorted(only_2011 or only_2017)[0]
        return found, f"{found} 年版（{example} 只在这一版里有）"
    if not only_2011 and all(_same(code, table) for code in codes):
        return "2017", "各代码两版含义相同"
    return None, ASK


def _same(code: str, table: IndustryTable) -> bool:
    try:
        return table.find(code, "2011") == table.find(code, "2017")
    except CodeError:
        return True  # no edition has it: it is rejected either way
