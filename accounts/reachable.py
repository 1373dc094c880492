"""Which addresses we connect to on somebody's word: those of the public internet, and what OUTGOING_NETWORKS adds.

Everything else leads to this machine, to its neighbours, or, dressed as another address, back to them.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings

_Network = IPv4Network | IPv6Network

_SPECIAL_IPV4: tuple[IPv4Network, ...] = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",  # this network, unspecified
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by a carrier's customers
            "127.0.0.0/8",  # this machine
            "168.63.129.16/32",  # Azure's own services, at every machine there
            "169.254.0.0/16",  # link-local, and the metadata of most clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # automatic multicast tunnelling
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
        ),
    )
)

_PUBLIC_IPV6 = IPv6Network("2000::/3")
"""All that is given to the public. Mapped and translated (NAT64) IPv4, local and multicast addresses lie outside."""

_SPECIAL_IPV6: tuple[IPv6Network, ...] = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4, which wraps any IPv4 address
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)


def may_reach(address: str) -> bool:
    """Whether we connect to this address. It is taken as it stands: no other spelling of it, no name."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return is_public(found) or any(found in network for network in allowed())


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _SPECIAL_IPV4)
    if address.scope_id is not None or address not in _PUBLIC_IPV6:
        return False
    return not any(address in network for network in _SPECIAL_IPV6)


def allowed() -> list[_Network]:
    """The networks that the operator opens besides, each meant literally: IPv4 in IPv6 clothing is not IPv4."""
    return [ip_network(text) for text in settings.OUTGOING_NETWORKS]
