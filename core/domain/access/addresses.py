"""Addresses as rules and requests spell them, brought to one form."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network

from core.domain.access.locations import Address, Network

_MAPPED = IPv6Network("::ffff:0:0/96")
_LONGEST = 64
_MOST_HOPS = 16


def address(text: str) -> Address | None:
    """None for what is no address. An IPv4-mapped IPv6 address (RFC 4291, section 2.5.5.2) becomes the IPv4 one."""
    try:
        found = ipaddress.ip_address(text.strip().partition("%")[0] if len(text) <= _LONGEST else "")
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def network(text: str) -> Network | None:
    """An address or a CIDR block, host bits ignored; None for what is neither."""
    try:
        found = ipaddress.ip_network(text.strip() if len(text) <= _LONGEST and "%" not in text else "", strict=False)
    except ValueError:
        return None
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        low = int(found.network_address) & 0xFFFFFFFF
        return IPv4Network((low, found.prefixlen - 96))
    return found


def client_address(peer: str | None, forwarded: str, trusted: Sequence[Network]) -> Address | None:
    """Who connected: the peer, or what a trusted proxy says in X-Forwarded-For. None when that cannot be known.

    Read from the right, since each proxy appends the address it saw: the first that is not a trusted proxy itself
    is the client, and whatever the client wrote to the left of it is not read.
    """
    current = address(peer or "")
    hops = forwarded.split(",") if forwarded.strip() else []
    for hop in reversed(hops[-_MOST_HOPS:]):
        if current is None or not any(current in block for block in trusted):
            break
        current = address(_without_port(hop))
    return current


def _without_port(hop: str) -> str:
    """Some proxies append the port: `192.0.2.1:443`, `[2001:db8::1]:443`."""
    text = hop.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
