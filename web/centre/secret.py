"""The secret that signs cookies and forms: the same after a restart, known to nobody but the server."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from engine.diagnostics import Finding, InputError

VARIABLE = "HUIQI_SECRET"
SHORTEST = 32


def secret_of(files: Path, given: str | None) -> str:
    """``given`` (from the environment), or what the file ``secret`` in ``files`` says; the file is made where it is not.

    Raises InputError where the secret is too short, or others may read the file.
    """
    if given is not None:
        if len(given) < SHORTEST:
            raise _refused(VARIABLE, f"太短，至少 {SHORTEST} 个字符", "可用 openssl rand -hex 32 生成")
        return given
    path = files / "secret"
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise _refused(str(path), "别的用户也能读这个文件", f"请改权限：chmod 600 {path}")
    found = path.read_text("ascii", errors="replace").strip()
    if len(found) < SHORTEST:
        raise _refused(str(path), "不是完整的密钥", "删掉它会重新生成，所有人要重新登录")
    return found


def _make(path: Path) -> None:
    """Whole or not at all; of two that begin at once, one makes it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"secret.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            return
    finally:
        part.unlink()


def _refused(place: str, message: str, hint: str) -> InputError:
    return InputError([Finding(place, 0, 0, "centre-secret", message, hint)])
