"""Who a reverse proxy says is there: believed only where the proxy itself speaks, at an address that was named."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


@lru_cache(maxsize=8)
def networks(trusted: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and networks, such as ``127.0.0.1`` and ``10.0.0.0/8``. Raises ValueError."""
    return tuple(ip_network(text, strict=False) for text in trusted)


def is_trusted(peer: str, trusted: Iterable[str]) -> bool:
    """Whether ``peer``, from whom the connection itself comes, is at one of these addresses."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    # A socket that listens for both kinds tells ::ffff:127.0.0.1.
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in network for network in networks(tuple(trusted)))


def name_in(header: str) -> str:
    """The user name in a header, which arrives byte by byte; empty where it is none.

    A comma shows that the header came twice, so that one of them is not the proxy's.
    """
    try:
        name = header.encode("latin-1").decode("utf-8").strip()
    except UnicodeError:
        return ""
    return "" if "," in name else name
