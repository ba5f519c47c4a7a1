"""From a name to the addresses that are connected to: looked up once, and every one of them judged."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from core.domain.egress.addresses import as_address
from core.domain.egress.destination import Destination, EgressPolicy, checked_addresses
from core.ports import PeerFailed, PeerFailure

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_MOST_TRIED = 4


async def system_resolver(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


async def addresses_of(destination: Destination, policy: EgressPolicy, resolve: Resolve) -> list[str]:
    """In the order to try them. Raises DestinationRefused, PeerFailed (NAME)."""
    if as_address(destination.host) is not None:
        return checked_addresses([destination.host], policy)
    try:
        resolved = await resolve(destination.host, destination.port)
    except (OSError, UnicodeError):
        resolved = ()
    if not resolved:
        raise PeerFailed(PeerFailure.NAME)
    return checked_addresses(resolved, policy)[:_MOST_TRIED]
