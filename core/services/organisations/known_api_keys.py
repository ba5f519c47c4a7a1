"""Whose API keys were good a moment ago, so that not every request asks the database."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from core.services.organisations.principal import Principal


class KnownApiKeys:
    """In one process, by the key's hash. A revoked key is refused `lasting` later at the latest; refusals are not kept.

    With more than `most`, the one that was looked up longest ago goes.
    """

    def __init__(self, lasting: timedelta, *, most: int = 10_000) -> None:
        self._lasting = lasting
        self._most = most
        self._found: OrderedDict[str, tuple[Principal, datetime]] = OrderedDict()

    def find(self, key_hash: str, now: datetime) -> Principal | None:
        principal, until = self._found.get(key_hash, (None, now))
        return principal if now < until else None

    def remember(self, key_hash: str, principal: Principal, now: datetime) -> None:
        self._found[key_hash] = (principal, now + self._lasting)
        self._found.move_to_end(key_hash)
        while len(self._found) > self._most:
            self._found.popitem(last=False)
