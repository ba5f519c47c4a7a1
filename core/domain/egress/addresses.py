"""Which addresses of the internet protocol are somebody's public server. A table, because Python's own flags err.

IANA's special-purpose registries (RFC 6890 and its updates), and what leads back inside: NAT64, 6to4, Teredo.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

EVERYWHERE: tuple[Network, ...] = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host, on a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)

#: The only block of which IANA gives out global unicast addresses; NAT64 (64:ff9b::/96) and all the rest lie outside.
_GLOBAL_UNICAST_6 = ipaddress.IPv6Network("2000::/3")
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, among them Teredo and ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)


def callable_address(literal: str, allowed: Sequence[Network] = ()) -> Address | None:
    """The address to connect to, unmapped; None when it is none, or neither public nor in an `allowed` network."""
    address = as_address(literal)
    if address is None:
        return None
    inside = any(address in network for network in allowed)
    return address if inside or _is_public(address) else None


def as_address(literal: str) -> Address | None:
    """None for what is no address in the usual spelling; IPv4 within IPv6 (`::ffff:a.b.c.d`) is the IPv4 address."""
    try:
        address = ipaddress.ip_address(literal)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        # A scope names an interface of this host.
        return None if address.scope_id is not None else address.ipv4_mapped or address
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    return address in _GLOBAL_UNICAST_6 and not any(address in network for network in _NOT_PUBLIC_6)
