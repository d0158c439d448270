"""The entry point, and the table of commands."""

from __future__ import annotations

import importlib
import io
import os
import sys
from typing import Any

import click

from cli import __version__
from cli.columns import ChineseHelp
from cli.errors import guarded
from cli.localisation import speak_chinese

COMMANDS = {
    # Name -> module:function. Imported only when used, so that `check` never waits for what it does not need.
    "check": "cli.check:check",
    "ask": "cli.ask:ask",
    "batch": "cli.batch:batch",
    "explain": "cli.explain:explain",
    "new": "cli.new:new",
    "serve": "cli.serve:serve",
    "rules": "cli.rules:rules",
    "centre": "cli.centre:centre",
}
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

speak_chinese()
click.Context.formatter_class = ChineseHelp


class LazyGroup(click.Group):
    """A group whose commands are named by ``module:function``, and whose faults end in one Chinese line."""

    def __init__(self, *args: Any, table: dict[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported only now; None where there is none."""
        if cmd_name not in self.table:
            return None
        module, _, name = self.table[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; an unknown name is refused before its module is looked for, with what it may have meant."""
        if args and not args[0].startswith("-") and args[0] not in self.table:
            raise click.NoSuchCommand(args[0], possibilities=self.table, ctx=ctx)
        return super().resolve_command(ctx, args)

    def main(self, *given: Any, **settings: Any) -> Any:
        """Run and exit with a code of the contract (``cli.errors``); click's own would say 1 too often.

        Takes what click's ``main`` takes of ``args`` and ``prog_name``.
        """
        args, name, *_ = (*given, settings.pop("args", None), settings.pop("prog_name", None), None)
        typed = list(sys.argv[1:] if args is None else args)

        def run() -> object:
            with self.make_context(name or "huiqi", typed, **settings) as context:
                return self.invoke(context)

        sys.exit(guarded(run, debug="HUIQI_DEBUG" in os.environ))


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    context_settings=SETTINGS,
    options_metavar="[选项]",
    subcommand_metavar="命令 [参数]...",
    epilog="第一次使用：huiqi new -o 我的企业.yaml，填好后 huiqi check 我的企业.yaml。",
)
@click.version_option(__version__, prog_name="huiqi")
def huiqi() -> None:
    """惠企：把企业情况与惠企政策逐条对照，给出结论、金额、理由和出处。"""


def main() -> None:
    """The command ``huiqi``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character gets a question mark, not an error.
            stream.reconfigure(errors="replace")
    huiqi()


if __name__ == "__main__":
    main()
