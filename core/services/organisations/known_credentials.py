"""Which credentials were good a moment ago, so that not every request asks the database."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta

from core.services.organisations.credential import Credential


def session_name(session_id: str) -> str:
    """How a member's session is known here."""
    return f"session:{session_id}"


class KnownCredentials:
    """In one process, by a hash of the secret. What is revoked is refused `lasting` later at the latest; what has
    expired, at once. Refusals are not kept. With more than `most`, the one that was looked up longest ago goes.
    """

    def __init__(self, lasting: timedelta, *, most: int = 10_000) -> None:
        self._lasting = lasting
        self._most = most
        self._found: OrderedDict[str, tuple[Credential, datetime]] = OrderedDict()

    def find(self, name: str, now: datetime) -> Credential | None:
        credential, until = self._found.get(name, (None, now))
        return credential if credential is not None and now < until and credential.lives(now) else None

    def remember(self, name: str, credential: Credential, now: datetime) -> None:
        self._found[name] = (credential, now + self._lasting)
        self._found.move_to_end(name)
        while len(self._found) > self._most:
            self._found.popitem(last=False)

    def forget(self, name: str) -> None:
        """For this process, at once."""
        self._found.pop(name, None)
