"""A flat pack of 50 measures with 6.5 conditions each on 60 columns, and lists of enterprises for it.

The same seed gives the same rules and the same lists. Columns: 20 amounts, 12 counts, 14 choices, 10 yes/no, 4 dates;
a tenth to a quarter of the cells is null.
"""

from __future__ import annotations

import multiprocessing
import random
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from engine.columns.parquet_join import join_parquet

SEED = 20_260_630
MONEY = [f"money_{n}" for n in range(20)]
COUNTS = [f"count_{n}" for n in range(12)]
CHOICES = [f"choice_{n}" for n in range(14)]
FLAGS = [f"flag_{n}" for n in range(10)]
DATES = [f"date_{n}" for n in range(4)]
OPTIONS = [f"option_{n}" for n in range(8)]
Kind = Literal["plain", "texts", "ranges"]
"""Numbers and Enum; keys and choices as plain text; a third of eight columns of numbers as ranges in words."""
MEASURES, ATOMS = 50, 325
DISTINCT = 160
"""Conditions that the measures draw theirs from: in the five packs too each stands in two measures on average."""

_DOCUMENT = """document:
  id: flat
  title: 测速办法
  number: null
  issuer: 测速单位
  issued: 2020-01-01
  jurisdiction: 全国
  validity: {from: 2020-01-01, to: null, basis: stated}
  stacking: silent
  source: {text: null}
"""


def write_rules(folder: Path) -> Path:
    """The rules directory of the flat pack."""
    for name in ("vocabulary", "derived", "packs/flat"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    fields = ["  name: {type: text, label: 名称}"]
    fields.append("  applicant_kinds: {type: choices, label: 单位类型, options: {company: 企业, other: 其他}}")
    fields += [f"  {name}: {{type: money, unit: 元, label: {name}}}" for name in MONEY]
    fields += [f"  {name}: {{type: count, unit: 个, label: {name}}}" for name in COUNTS]
    options = ", ".join(f"{name}: {name}" for name in OPTIONS)
    fields += [f"  {name}: {{type: choice, label: {name}, options: {{{options}}}}}" for name in CHOICES]
    fields += [f"  {name}: {{type: yes_no, label: {name}}}" for name in FLAGS]
    fields += [f"  {name}: {{type: date, label: {name}}}" for name in DATES]
    records = """records:
  annual: {list: annuals, label: 年度, fields: {fiscal_year: {type: count, unit: 年, label: 年}}}
  finding:
    list: findings
    label: 意见
    fields:
      judgement: {type: text, label: 事项}
      about: {type: text, label: 记录}
      finding: {type: yes_no, label: 结论}
      by: {type: text, label: 谁}
      "on": {type: date, label: 何时}
      why: {type: text, label: 为何}
"""
    (folder / "vocabulary/fields.yaml").write_text("fields:\n" + "\n".join(fields) + "\n" + records, "utf-8")
    (folder / "derived/none.yaml").write_text("derived: []\n", "utf-8")
    (folder / "packs/flat/document.yaml").write_text(_DOCUMENT, "utf-8")
    (folder / "packs/flat/measures.yaml").write_text("measures:\n" + "".join(_measures()), "utf-8")
    return folder


def _measures() -> list[str]:
    draw = random.Random(SEED)
    counts = [ATOMS // MEASURES] * MEASURES
    for number in range(ATOMS - sum(counts)):
        counts[number] += 1
    pool = list(dict.fromkeys(_atom(draw) for _ in range(2 * DISTINCT)))[:DISTINCT]
    return [_measure(number, count, draw, pool) for number, count in enumerate(counts)]


def _measure(number: int, count: int, draw: random.Random, pool: list[str]) -> str:
    atoms = draw.sample(pool, k=count)
    # Two thirds must all hold, the rest are alternatives.
    cut = max(count * 2 // 3, 1)
    conditions = [f"    - {atom}" for atom in atoms[:cut]]
    if count - cut > 1:
        conditions.append(f"    - any: [{', '.join(atoms[cut:])}]")
    elif count - cut == 1:
        conditions.append(f"    - {atoms[-1]}")
    benefit = f"{{kind: award, amount: {draw.randint(1, 50)}万元}}"
    return (
        f"  - id: flat-{number}\n    title: 措施{number}\n    clause: 第{number}条\n    determinacy: quantified\n"
        f"    summary: 测速\n    beneficiary: {{label: 单位, kinds: any, why: 测速}}\n    payee: applicant\n    conditions:\n"
        + "\n".join("  " + line for line in conditions)
        + f"\n    benefit: {benefit}\n    cite: [测速]\n"
    )


def _atom(draw: random.Random) -> str:
    kind = draw.choice(["money", "money", "count", "choice", "choice", "flag", "date", "ratio"])
    match kind:
        case "money":
            operator = draw.choice(["at_least", "below", "above"])
            return f"{{field: {draw.choice(MONEY)}, {operator}: {draw.randint(1, 9)}000万元}}"
        case "count":
            return (
                f"{{field: {draw.choice(COUNTS)}, {draw.choice(['at_least', 'at_most'])}: {draw.randint(10, 500)}个}}"
            )
        case "choice":
            chosen = draw.sample(OPTIONS, k=draw.randint(3, 6))
            return f"{{field: {draw.choice(CHOICES)}, in: [{', '.join(chosen)}]}}"
        case "flag":
            return f"{{field: {draw.choice(FLAGS)}, equals: {draw.choice(['true', 'false'])}}}"
        case "date":
            return f"{{field: {draw.choice(DATES)}, at_least: {draw.randint(2005, 2022)}-0{draw.randint(1, 9)}-15}}"
    of, to = draw.sample(MONEY, k=2)
    return f"{{ratio: {{of: {{field: {of}}}, to: {{field: {to}}}}}, at_least: {draw.choice([1, 3, 5, 10, 60])}%}}"


def write_list(path: Path, rows: int, *, kind: Kind = "plain", slice_rows: int = 250_000) -> Path:
    """A Parquet file of so many enterprises, sorted by key; two processes make its parts."""
    parts = path.with_suffix(".parts")
    parts.mkdir()
    starts = range(0, rows, slice_rows)
    names = [parts / f"{number:04d}.parquet" for number in range(len(starts))]
    # Polars' threads do not survive a fork.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        sizes = [min(slice_rows, rows - start) for start in starts]
        list(pool.map(_write_part, names, sizes, starts, [kind] * len(names)))
    join_parquet(names, path, {})
    shutil.rmtree(parts)
    return path


def _write_part(path: Path, rows: int, start: int, kind: Kind) -> None:
    draw = np.random.default_rng([SEED, start])
    frame = _frame(rows, start, draw, texts=kind == "texts")
    if kind == "ranges":
        frame = frame.with_columns(_bands(frame[name], draw) for name in (*MONEY[:4], *COUNTS[:4]))
    frame.write_parquet(path, compression="zstd", compression_level=1, row_group_size=rows)


def _bands(column: pl.Series, draw: np.random.Generator) -> pl.Series:
    """A third of the numbers as people round them: as a range, or as less or more than something."""
    unit = "元" if column.name in MONEY else "个"
    ends = [10**power * digit for power in range(1, 9) for digit in (1, 2, 5)]
    pairs = zip(ends, ends[2:], strict=False)
    bands = [f"{low}-{high}{unit}" for low, high in pairs] + [f"小于{end}{unit}" for end in ends]
    bands += [f"{end}{unit}以上" for end in ends]
    chosen = pl.Series(bands).gather(pl.Series(draw.integers(0, len(bands), len(column)).astype(np.uint32)))
    banded = pl.Series(draw.random(len(column)) < 1 / 3)
    frame = pl.DataFrame({"n": column.cast(pl.String), "b": chosen, "w": banded})
    shown = pl.when(pl.col("n").is_null()).then(None).when("w").then("b").otherwise("n")
    return frame.select(shown.alias(column.name)).to_series()


def _frame(rows: int, start: int, draw: np.random.Generator, texts: bool) -> pl.DataFrame:
    keys = np.arange(start, start + rows)
    columns: dict[str, pl.Series] = {}
    columns["key"] = pl.Series([f"91110108MA{key:08d}" for key in keys]) if texts else pl.Series(keys)
    for name in MONEY:
        amounts = np.round(10 ** draw.uniform(5, 9.5, rows)).astype(np.int64) * 100
        amounts[draw.random(rows) < 0.05] = 0
        columns[name] = some(pl.Series(amounts), draw, 0.2)
    for name in COUNTS:
        columns[name] = some(pl.Series((10 ** draw.uniform(0, 3.5, rows)).astype(np.int32)), draw, 0.15)
    for name in CHOICES:
        codes = pl.Series(draw.integers(0, len(OPTIONS), rows).astype(np.uint32))
        labels = pl.Series(OPTIONS).gather(codes)
        columns[name] = some(labels if texts else labels.cast(pl.Enum(OPTIONS)), draw, 0.25)
    for name in FLAGS:
        columns[name] = some(pl.Series(draw.random(rows) < 0.5), draw, 0.1)
    for name in DATES:
        columns[name] = some(pl.Series(draw.integers(11_000, 20_500, rows).astype(np.int32)).cast(pl.Date), draw, 0.1)
    return pl.DataFrame(columns)


def some(column: pl.Series, draw: np.random.Generator, missing: float) -> pl.Series:
    """The column with so large a share of nulls."""
    known = pl.Series(draw.random(len(column)) >= missing)
    return pl.DataFrame({"c": column, "k": known}).select(pl.when("k").then("c"))["c"]


def write_workbook(path: Path, rows: int) -> Path:
    """An .xlsx as service centres keep it, for the five packs: names, places, bands, dates, several ways of writing."""
    import xlsxwriter  # type: ignore[import-untyped]

    draw = random.Random(SEED)
    columns: dict[str, list[str]] = {
        "单位类型": ["企业", "公司", "高等院校", "科研院所", "孵化器、众创空间", "投资机构", ""],
        "注册地": ["北京市海淀区", "大兴区", "通州区", "固安县", "廊坊市", "天津市", "北京市朝阳区", ""],
        "成立日期": ["2019-01-02", "1991/4/3", "2008年11月7日", "2023年11月30日", ""],
        "注册资本（万元）": ["500", "1000", "1.2亿", "3000万元", "20000", ""],
        "从业人数": ["小于50人", "100-499人", "50", "1200", ""],
        "所属行业": ["I65", "C27", "M73", "F51", "软件和信息技术服务业", ""],
        "技术与产业领域": ["人工智能", "医药健康", "商业航天", "新材料", "其他领域", ""],
        "正在开展的工作": ["研发创新", "科技成果转化", "国际科技合作", "其他工作", ""],
        "企业规模": ["大型", "中型", "小型", "微型", ""],
        "外资企业": ["是", "否", ""],
        "有上市意向": ["是", "否", ""],
        "注册在中关村示范区内": ["是", "否", ""],
    }
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("企业")
        for column, name in enumerate(["统一社会信用代码", "单位名称", *columns]):
            sheet.write_string(0, column, name)
        for row in range(1, rows + 1):
            sheet.write_string(row, 0, f"91110108MA{row:08d}")
            sheet.write_string(row, 1, f"虚构企业{row}有限公司")
            for column, answers in enumerate(columns.values(), start=2):
                sheet.write_string(row, column, draw.choice(answers))
    return path
