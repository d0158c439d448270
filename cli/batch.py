"""``huiqi batch``: lists of enterprises against the documents."""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.errors import FINDINGS, WORKED
from cli.options import Day, document_option, rules_option

if TYPE_CHECKING:
    from engine.columns.batch import Evaluate, Finished, Options
    from engine.columns.run import Tally
    from engine.lists import LazyList, ListSource
    from engine.pack import Pack

File = click.Path(path_type=Path)


@click.command(options_metavar="[选项]")
@click.argument("lists", metavar="名单...", nargs=-1, type=File)
@click.option("-o", "--output", metavar="文件", type=File, help="结果写到哪里：.xlsx、.csv 或 .parquet。")
@click.option("--as-of", type=Day(), metavar="日期", help="按哪一天判断，默认今天；如 2017-06-30。")
@document_option("只看这份文件，可多次使用。")
@click.option("--measure", "measures", metavar="编号", multiple=True, help="只看这项措施，可多次使用。")
@click.option("--mapping", "mappings", metavar="文件", multiple=True, type=File, help="列和字段的对应关系。")
@click.option("--rejects", metavar="文件", type=File, help="未采用的行和单元格写到哪里：.csv 或 .parquet。")
@click.option("--inspect", "inspecting", is_flag=True, help="只看从名单里认出了什么；加 -o 存成映射文件。")
@click.option("--template", metavar="文件", type=File, help="生成空白名单（.xlsx），填好后再运行。")
@click.option("--resume", is_flag=True, help="接着上次中断的地方做。")
@click.option("--readiness", is_flag=True, help="另外列出先补哪些数据最有用。")
@click.option(
    "--pairs",
    type=click.Choice(["stated", "all"]),
    default="stated",
    show_default=True,
    help="all：连未载明金额的待定对照也写出。",
)
@click.option(
    "--executor",
    type=click.Choice(["columns", "spark"]),
    default="columns",
    show_default=True,
    help="用哪个执行器；结论相同。",
)
@click.option("--master", metavar="地址", default="local[2]", show_default=True, help="Spark 集群的地址。")
@rules_option
def batch(
    lists: tuple[Path, ...],
    output: Path | None,
    as_of: date | None,
    documents: tuple[str, ...],
    measures: tuple[str, ...],
    mappings: tuple[Path, ...],
    rejects: Path | None,
    inspecting: bool,
    template: Path | None,
    resume: bool,
    readiness: bool,
    pairs: str,
    executor: str,
    master: str,
    rules_at: Path | None,
) -> int:
    """把一份名单里的每家企业与政策逐条对照。

    名单是 .xlsx、.xls、.csv、.tsv 或 .parquet，可以给几个文件。先用 --inspect 看认出了什么。
    """
    from cli.screen import select
    from engine.loader import load_pack

    needs_lists()
    from cli import list_tools

    whole = load_pack(rules_at)
    if template is not None:
        return list_tools.template(template, whole)
    context = click.get_current_context()
    if not lists:
        raise click.UsageError("缺少名单。", context)
    if inspecting:
        return list_tools.show(lists, mappings, whole, output, rules_at)
    if output is None:
        raise click.UsageError("缺少选项 -o / --output。", context)
    _check_places(output, rejects, [*lists, *mappings])
    pack = select(whole, documents, measures)
    from engine import clock
    from engine.columns.batch import Options

    source = list_tools.open_or_ask(lists, mappings, pack, rules_at)
    options = Options(
        output,
        every_pair=pairs == "all",
        resume=resume,
        rejects=rejects,
        readiness=readiness,
        notes=source.notes,
        origin=list_tools.origin(lists, mappings),
    )
    found = _evaluate(pack, as_of or clock.today(), source, options, _executor(executor, master, options))
    _show_readiness(found)
    return _report(found.tally, source, options)


def needs_lists() -> None:
    """Raise InputError where what lists need is not installed."""
    from engine.diagnostics import Finding, InputError

    missing = [name for name, module in _NEEDED.items() if find_spec(module) is None]
    if missing:
        hint = "请安装：pip install 'huiqi[lists]'"
        raise InputError([Finding("huiqi batch", 0, 0, "batch-not-installed", f"缺少 {'、'.join(missing)}", hint)])


_NEEDED = {
    "numpy": "numpy",
    "polars": "polars",
    "pyarrow": "pyarrow",
    "python-calamine": "python_calamine",
    "rich": "rich",
    "XlsxWriter": "xlsxwriter",
}


def _check_places(output: Path, rejects: Path | None, inputs: list[Path]) -> None:
    context = click.get_current_context()
    if output.suffix.lower() not in (".xlsx", ".csv", ".parquet"):
        raise click.UsageError(f"不认识输出“{output.name}”的格式，请用 .xlsx、.csv 或 .parquet。", context)
    if rejects is not None and rejects.suffix.lower() not in (".csv", ".parquet"):
        raise click.UsageError("--rejects 请用 .csv 或 .parquet。", context)
    for path in inputs:
        for target in (output, rejects):
            if target is not None and target.exists() and path.exists() and target.samefile(path):
                raise click.UsageError("输出文件不能就是输入文件。", context)
    if not output.resolve().parent.is_dir():
        raise FileNotFoundError(2, "", str(output))


def _executor(name: str, master: str, options: Options) -> Evaluate:
    from engine.columns.batch import locally

    if name == "columns":
        return locally
    from engine.columns.spark import spark_executor

    return spark_executor(master, options)


def _evaluate(pack: Pack, as_of: date, source: ListSource | LazyList, options: Options, executor: Evaluate) -> Finished:
    from cli.progress import shown
    from engine.columns import memory
    from engine.columns.batch import evaluate_list, run_of
    from engine.columns.plan import plan_of

    run = run_of(plan_of(pack, as_of), options)
    with shown(source.rows) as progress:
        memory.keep()
        return evaluate_list(source, run, options, progress, executor)


_MOST_FIELDS = 15


def _show_readiness(found: Finished) -> None:
    if not found.clauses:
        return
    click.echo("先补这些数据最有用（待定的对照里）：")
    for item in found.fields[:_MOST_FIELDS]:
        source = f"，{item.register}里有" if item.register else "，须企业申报"
        click.echo(f"  {item.label}：只缺它的 {item.settled:,} 项，还缺别的 {item.open - item.settled:,} 项{source}")
    counts = [sum(clause.by == by for clause in found.clauses) for by in ("data", "declaration", "person")]
    click.echo(
        "措施{}项：凭数据即可判定 {} 项，须企业申报 {} 项，只能由人认定 {} 项。".format(len(found.clauses), *counts)
    )


def _report(tally: Tally, source: ListSource | LazyList, options: Options) -> int:
    for line in _sheet_lines(tally, source):
        click.echo(line)
    rejected = tally.rejected_rows + tally.rejected_cells + tally.rejected_other
    click.echo(f"读入 {tally.rows:,} 行 = {tally.enterprises:,} 家企业已评估 + {tally.rejected_rows:,} 行未采用。")
    if rejected > tally.rejected_rows:
        other = rejected - tally.rejected_rows
        click.echo(f"另有 {other:,} 处内容未采用（按未知处理）。")
    click.echo(f"{tally.someone:,} 家企业至少符合一项措施。结果在 {options.target}。")
    if rejected and options.rejects is not None:
        click.echo(f"未采用的行和内容在 {options.rejects}。")
    return FINDINGS if rejected else WORKED


def _sheet_lines(tally: Tally, source: ListSource | LazyList) -> list[str]:
    """Where the rows of each sheet went; of a long list the files of records, since its own rows are told anyway."""
    from engine.lists import ListSource

    if isinstance(source, ListSource):
        return [count.sentence() for count in source.counts]
    return [
        f"{name}：共 {read:,} 行，其中采用 {read - lost:,} 行，未采用 {lost:,} 行"
        for name, (read, lost) in tally.sheets.items()
    ]
