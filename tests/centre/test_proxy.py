"""Whose word about a user counts."""

from __future__ import annotations

import pytest

from web.centre.proxy import is_trusted, name_in, networks


@pytest.mark.parametrize(
    ("peer", "trusted", "counts"),
    [
        ("127.0.0.1", ("127.0.0.1",), True),
        ("127.0.0.2", ("127.0.0.1",), False),
        ("10.1.2.3", ("192.0.2.1", "10.0.0.0/8"), True),
        ("11.1.2.3", ("10.0.0.0/8",), False),
        ("10.1.2.3", ("10.1.2.9/24",), True),
        ("::ffff:10.1.2.3", ("10.0.0.0/8",), True),
        ("::1", ("::1",), True),
        ("::1", ("127.0.0.1",), False),
        ("fd00::5", ("fd00::/8",), True),
        ("10.1.2.3", (), False),
        ("", ("0.0.0.0/0", "::/0"), False),
        ("unix:", ("0.0.0.0/0",), False),
        ("10.1.2.3, 127.0.0.1", ("127.0.0.1",), False),
    ],
)
def test_only_a_named_address_is_believed(peer: str, trusted: tuple[str, ...], counts: bool) -> None:
    assert is_trusted(peer, trusted) == counts


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="localhost"):
        networks(("localhost",))


@pytest.mark.parametrize(
    ("header", "name"),
    [("wang", "wang"), (" wang ", "wang"), ("王某".encode().decode("latin-1"), "王某"), ("wang,root", ""), ("\xff\xfe", "")],
)
def test_a_name_is_read(header: str, name: str) -> None:
    assert name_in(header) == name
