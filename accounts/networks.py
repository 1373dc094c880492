"""Addresses and networks: which of them a list admits, and what is wrong with one that somebody typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.http import HttpRequest

from accounts.actions.refusal import Refused

NOBODY = "0.0.0.0"  # noqa: S104


def address_of(request: HttpRequest) -> str:
    """The client's address. Trusted proxies have been looked through before the request got here.

    What a proxy reports may be no address at all: that is nobody's, `0.0.0.0`.
    """
    reported = request.META.get("REMOTE_ADDR", "").partition("%")[0]
    try:
        return str(ip_address(reported))
    except ValueError:
        return NOBODY


def admits(allowed: Sequence[str], address: str) -> bool:
    """Is the address one of those, or in one of the networks? IPv4 in IPv6 clothing is IPv4."""
    try:
        seen = ip_address(address)
    except ValueError:
        return False
    seen = getattr(seen, "ipv4_mapped", None) or seen
    return any(seen in network for network in map(_network, allowed))


def check_address(address: str, field: str = "addresses") -> None:
    """Raises Refused unless this is an IPv4 or IPv6 address or network."""
    try:
        ip_network(address, strict=True)
    except ValueError:
        example = _without_host_bits(address)
        hint = (
            f" Did you mean {example}?" if example else " Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32."
        )
        raise Refused(field, "invalid", f"“{address}” is no address or network.{hint}") from None


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text, strict=False)


def _without_host_bits(address: str) -> str:
    try:
        return str(ip_network(address, strict=False))
    except ValueError:
        return ""
