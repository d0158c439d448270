"""Serves a workbench to try out on http://127.0.0.1:8000/centre/, with invented data: ``python -m scripts.serve_centre``.

It lies in build/centre-demo and is made there where there is none; delete that folder to begin anew.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from scripts.centre_demo import PASSWORD, PEOPLE, fill
from web.centre import accounts
from web.centre.office import Office
from web.centre.settings import CentreSettings
from web.centre.store import schema
from web.centre.store.database import address_of, connect
from web.service import Service
from web.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "build" / "centre-demo"
DATABASE, FILES = "centre.db", "files"


def make(folder: Path) -> None:
    """A filled workbench in ``folder``: whole, or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix="centre-demo-", dir=folder.parent))
    try:
        engine = connect(address_of(str(part / DATABASE)))
        schema.migrate(engine)
        engine.dispose()
        settings = CentreSettings(str(part / DATABASE), part / FILES)
        office = Office(settings, Service(Settings(executor="reference", centre=settings)))
        counts = fill(office)
        office.engine.dispose()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    print(f"已建立示例工作台：{counts['enterprises']}家虚构企业，{counts['people']}个账号。", file=sys.stderr)


def main() -> None:
    """Make it where it is not, say who can log in, and serve."""
    if not (DEMO / DATABASE).exists():
        shutil.rmtree(DEMO, ignore_errors=True)
        make(DEMO)
    names = "、".join(f"{name}（{accounts.ROLES[role]}）" for name, _, role in PEOPLE)
    print(f"用户名：{names}；密码都是 {PASSWORD}", file=sys.stderr, flush=True)
    command = [str(Path(sys.executable).with_name("huiqi")), "serve", "--centre"]
    options = ["--database", str(DEMO / DATABASE), "--files", str(DEMO / FILES), *sys.argv[1:]]
    os.execv(command[0], [*command, *options])


if __name__ == "__main__":
    main()
