"""Options that several commands share, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day as people write it: 2017-06-30, 2017年6月30日, 20170630."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """The date that was written, as a profile's dates are; refused where it is no day."""
        from engine.quantities import QuantityError, parse_date

        if isinstance(value, date):
            return value
        try:
            span = parse_date(value)
        except QuantityError as error:
            self.fail(f"{error.message}。{error.hint.partition('；')[0]}。", param, ctx)
        if not span.is_point or not isinstance(span.low, date):
            self.fail(f"“{value}”不是某一天，请写到日，例如 2017-06-30。", param, ctx)
        return span.low


def rules_option(command: Command) -> Command:
    """``--rules DIR``: other rules than the built-in ones; HUIQI_RULES does the same."""
    return click.option(
        "--rules",
        "rules_at",
        metavar="文件夹",
        type=click.Path(path_type=Path),
        envvar="HUIQI_RULES",
        show_envvar=True,
        help="使用这个文件夹里的规则，而不是自带的规则。",
    )(command)


def document_option(help: str) -> Callable[[Command], Command]:
    """``--document ID``, which may be given several times."""
    return click.option("--document", "documents", metavar="编号", multiple=True, help=help)
