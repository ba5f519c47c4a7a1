"""How often somebody may try before they have to wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv6Network

from core.domain.access.addresses import address

WINDOW = timedelta(minutes=15)


@dataclass(frozen=True)
class Limit:
    """`most` tries in each window that begins with a try, for whoever has this name."""

    name: str
    most: int


def login_limits(email: str, caller: str | None) -> tuple[Limit, ...]:
    """Of an account, whether it exists or not, and of an address. Many people may share an address."""
    return Limit(f"login:account:{email}", 10), Limit(f"login:address:{_place(caller)}", 100)


def mail_limits(email: str, caller: str | None) -> tuple[Limit, ...]:
    """Of mails that anybody can have sent to somebody."""
    return Limit(f"mail:account:{email}", 3), Limit(f"mail:address:{_place(caller)}", 20)


def code_limit(user_id: str) -> Limit:
    """Of codes of an authenticator, from inside a session."""
    return Limit(f"code:{user_id}", 10)


def _place(caller: str | None) -> str:
    """One customer of a provider has a whole /64 of IPv6."""
    found = address(caller or "")
    if found is None:
        return "unknown"
    return str(found) if found.version == 4 else str(IPv6Network((int(found), 64), strict=False))
