"""Addresses and networks: which of them a list admits, and what is wrong with one that somebody typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.actions.refusal import Refused

NOBODY = "0.0.0.0"  # noqa: S104


def address_of(request: HttpRequest) -> str:
    """The client's address. Trusted proxies have been looked through before the request got here.

    What a proxy reports may be no address at all: that is nobody's, `0.0.0.0`.
    """
    return _address(request.META.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=4096)
def _address(reported: str) -> str:
    try:
        return str(_undressed(ip_address(reported.partition("%")[0])))
    except ValueError:
        return NOBODY


def _undressed(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """IPv4 in IPv6 clothing, as servers that listen to both report it, is IPv4."""
    return getattr(address, "ipv4_mapped", None) or address


def admits(allowed: Sequence[str], address: str) -> bool:
    """Is the address one of those, or in one of the networks? IPv4 in IPv6 clothing is IPv4."""
    try:
        seen = ip_address(address)
    except ValueError:
        return False
    return any(_undressed(seen) in network for network in map(_network, allowed))


def check_address(address: str, field: str = "addresses") -> None:
    """Raises Refused unless this is an IPv4 or IPv6 address or network, written so that it can match."""
    if _can_match(address):
        return
    example = _as_it_would_match(address)
    hint = (
        _("Did you mean %(example)s?") % {"example": example}
        if example
        else _("Write 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32.")
    )
    sentence = _("“%(address)s” is no address or network. %(hint)s") % {"address": address[:80], "hint": hint}
    raise Refused(field, "invalid", sentence)


def _can_match(address: str) -> bool:
    """What is compared with has no zone, and is IPv4 where it can be."""
    try:
        network = ip_network(address, strict=True)
    except ValueError:
        return False
    return "%" not in address and _in_ipv6_clothing(network) is None


@lru_cache(maxsize=4096)
def _network(text: str) -> IPv4Network | IPv6Network:
    return ip_network(text, strict=False)


def _as_it_would_match(address: str) -> str:
    try:
        network = ip_network(address.partition("%")[0], strict=False)
    except ValueError:
        return ""
    inner = _in_ipv6_clothing(network)
    return str(ip_network(f"{inner}/{network.prefixlen - 96}", strict=False) if inner else network)


def _in_ipv6_clothing(network: IPv4Network | IPv6Network) -> IPv4Address | None:
    """The IPv4 address that a network of IPv4 addresses written as IPv6 begins with."""
    if network.version == 4 or network.prefixlen < 96:
        return None
    return network.network_address.ipv4_mapped
