"""Amounts in units as exact yuan."""

from __future__ import annotations

from collections.abc import Sequence
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


def yuan_by_year(years: Sequence[tuple[int, pl.Series, pl.Series]], unit: int) -> pl.Series:
    """Amounts of each year (year, low, high; a high of null has no bound) as a determination gives them, in JSON:
    {"2016": "5000", "2017": ["0", null]}. Years that bring nothing are left out.
    """
    parts = []
    for year, low, high in years:
        frame = pl.DataFrame(
            {
                "low": '"' + yuan_column(low, unit) + '"',
                "high": ('"' + yuan_column(high, unit) + '"').fill_null("null"),
                "point": (low == high).fill_null(False),
                "something": (high > 0).fill_null(True),
            }
        )
        bounds = pl.concat_str(pl.lit("["), "low", pl.lit(", "), "high", pl.lit("]"))
        value = pl.when("point").then("low").otherwise(bounds)
        shown = pl.when("something").then(pl.concat_str(pl.lit(f'"{year}": '), value))
        parts.append(frame.select(shown.alias(str(year))).to_series())
    joined = pl.concat_str(pl.all(), separator=", ", ignore_nulls=True)
    return pl.DataFrame(parts).select(pl.concat_str(pl.lit("{"), joined, pl.lit("}")).alias("by_year")).to_series()
