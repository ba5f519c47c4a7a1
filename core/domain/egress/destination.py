"""URLs that customers give us to call: taken apart once, strictly, so that no two readers differ about them.

What clients make of odd spellings is where filters are passed by: they are refused, not repaired.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import idna

from core.domain.egress.addresses import Network, as_address, callable_address
from core.domain.errors import InvalidInput

_LONGEST_URL = 4000
_LONGEST_HOST = 253
_DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
#: What resolvers take for an IPv4 address: 127.1, 2130706433, 0x7f.0.0.1, 0177.0.0.1 (WHATWG, "ends in a number").
_ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_KEPT = "%/:@!$&'()*+,;=~-._?"


class DestinationRefused(InvalidInput):
    """Never to be called. Its text holds nothing of the address: there may be credentials in it."""

    code = "ADDRESS_NOT_ALLOWED"

    def __init__(self, reason: str) -> None:
        super().__init__("That address cannot be called.", fields={"url": reason})
        self.reason = reason

    def __str__(self) -> str:
        return f"that address {self.reason}"


@dataclass(frozen=True)
class EgressPolicy:
    """`allowed` are private networks that may be called all the same; `ports` None means any."""

    allowed: tuple[Network, ...] = ()
    ports: frozenset[int] | None = frozenset({21, 80, 443, 8080, 8443})


@dataclass(frozen=True)
class Destination:
    """`host` is an ASCII name or an address without brackets; `target` is path and query as they are sent."""

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def authority(self) -> str:
        """As in a Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def parse_destination(
    url: str, policy: EgressPolicy, *, schemes: Collection[str] = frozenset({"http", "https"})
) -> Destination:
    """Raises DestinationRefused. A name is only spelled right so far: `checked_addresses` judges where it leads."""
    if len(url) > _LONGEST_URL or "\\" in url or any(c.isspace() or not c.isprintable() for c in url):
        raise DestinationRefused("is not an address")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DestinationRefused("is not an address") from None
    if parts.scheme not in schemes:
        raise DestinationRefused(f"must begin with {' or '.join(f'{scheme}://' for scheme in sorted(schemes))}")
    if "@" in parts.netloc:
        raise DestinationRefused("must not hold credentials")
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    if port == 0 or (policy.ports is not None and port not in policy.ports):
        raise DestinationRefused("has a port that may not be called")
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    return Destination(parts.scheme, _host(host, policy.allowed), port, target)


def checked_addresses(resolved: Sequence[str], policy: EgressPolicy) -> list[str]:
    """What a name resolved to, ready to connect to. Raises DestinationRefused if a single one may not be called."""
    judged = [callable_address(literal, policy.allowed) for literal in resolved]
    if None in judged:
        raise DestinationRefused("must not lead to a private network")
    return list(dict.fromkeys(str(address) for address in judged))


def _host(given: str, allowed: Sequence[Network]) -> str:
    host = given.lower() if given.isascii() else _to_ascii(given)
    if as_address(host) is not None:
        address = callable_address(host, allowed)
        if address is None:
            raise DestinationRefused("must not lead to a private network")
        return str(address)
    name = host.removesuffix(".")
    if len(name) > _LONGEST_HOST or not _HOST.fullmatch(name) or _ENDS_IN_A_NUMBER.fullmatch(name):
        raise DestinationRefused("has no proper host name")
    return name


def _to_ascii(host: str) -> str:
    """IDNA 2008 after the mapping of UTS 46, as browsers do."""
    try:
        return idna.encode(host, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        raise DestinationRefused("has no proper host name") from None
