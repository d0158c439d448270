"""Amounts in units as exact yuan."""

from __future__ import annotations

from fractions import Fraction

import polars as pl

from engine.spans import decimal_string, rounded

SAFE = 10**15
"""Numbers of units below this many keep every digit in a spreadsheet's cell."""


def yuan_text(units: int, unit: int) -> str:
    """99999.999; 约 before what has no finite decimal form."""
    about, value = rounded(Fraction(units, unit))
    return about + decimal_string(value)


def yuan_column(units: pl.Series, unit: int) -> pl.Series:
    """Exact yuan as text; null stays null. Amounts are never negative."""
    places = len(str(unit)) - 1
    if unit != 10**places:
        known = {value: yuan_text(value, unit) for value in units.drop_nulls().unique().to_list()}
        texts = [None if value is None else known[value] for value in units.to_list()]
        return pl.Series(units.name, texts, dtype=pl.String)
    frame = pl.DataFrame({"u": units}).select(
        whole=(pl.col("u") // unit).cast(pl.String),
        rest=(pl.col("u") % unit).cast(pl.String).str.zfill(places).str.strip_chars_end("0"),
    )
    text = pl.when(pl.col("rest") == "").then(pl.col("whole")).otherwise(pl.col("whole") + "." + pl.col("rest"))
    return frame.select(text.alias(units.name))[units.name]
