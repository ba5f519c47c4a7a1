"""Who a session belongs to, told by network address and user agent, and whether a licence request comes from there."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network

from core.domain.access.addresses import address
from core.domain.errors import Forbidden

_USER_AGENT = 500


@dataclass(frozen=True)
class Origin:
    """Where a session was opened for, or where a request comes from. Personal data: never logged."""

    ip_address: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False)


def check_origin(bound: Origin, seen: Origin, *, bind_ip: bool) -> None:
    """Raises Forbidden: USER_AGENT_CHANGED, or IP_CHANGED where the session is bound to its address.

    A session that was opened without a user agent takes any. One that is bound to an address it does not have takes
    none. Addresses of IPv6 are compared by their /64, within which devices change them by themselves (RFC 8981).
    """
    if bound.user_agent is not None and readable_user_agent(seen.user_agent) != bound.user_agent:
        raise Forbidden(
            "The session belongs to another player. Open a session for this one.", code="USER_AGENT_CHANGED"
        )
    if bind_ip and (bound.ip_address is None or _network(bound.ip_address) != _network(seen.ip_address)):
        raise Forbidden(
            "The session belongs to another network address. Open a session for this one.", code="IP_CHANGED"
        )


def readable_user_agent(user_agent: str | None) -> str | None:
    """As it is stored: without NUL, at most 500 characters."""
    return None if user_agent is None else user_agent.replace("\0", "")[:_USER_AGENT]


def readable_address(text: str | None) -> str | None:
    """None for what is no address: a test client or a UNIX socket has none."""
    found = address(text or "")
    return None if found is None else str(found)


def _network(text: str | None) -> str | None:
    readable = readable_address(text)
    if readable is None:
        return None
    return str(ip_network(f"{readable}/{64 if ':' in readable else 32}", strict=False))
