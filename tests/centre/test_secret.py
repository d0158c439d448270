"""The secret of a workbench: made once, read by its owner alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine import InputError
from web.centre.secret import secret_of


def test_it_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    files = tmp_path / "a" / "files"
    made = secret_of(files, None)
    assert len(made) == 64 and secret_of(files, None) == made
    assert stat.S_IMODE((files / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(files.stat().st_mode) == 0o700
    assert [path.name for path in files.iterdir()] == ["secret"]


def test_many_that_begin_at_once_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: secret_of(tmp_path / "files", None), range(32)))) == 1


def test_one_that_was_given_needs_no_file(tmp_path: Path) -> None:
    assert secret_of(tmp_path / "files", "x" * 32) == "x" * 32
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="太短"):
        secret_of(tmp_path, "x" * 31)


def test_one_that_others_can_read_or_that_was_cut_is_refused(tmp_path: Path) -> None:
    secret_of(tmp_path, None)
    (tmp_path / "secret").chmod(0o640)
    with pytest.raises(InputError, match="chmod 600"):
        secret_of(tmp_path, None)
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "secret").write_text("")
    with pytest.raises(InputError, match="不是完整的密钥"):
        secret_of(tmp_path, None)
