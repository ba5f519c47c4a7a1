"""What signing in needs: counted attempts, and mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from core.domain.auth.lockout import Limit


class AttemptsUnavailable(Exception):
    """The store of attempts did not answer. Nobody is let in uncounted."""


class Attempts(Protocol):
    """Counts tries, so that guessing stays slow. Raises AttemptsUnavailable."""

    async def count(self, limits: Sequence[Limit], window: timedelta) -> timedelta | None:
        """Count one more of each; how long to wait where one is over its limit, None where none is."""
        ...

    async def clear(self, limit: Limit) -> None:
        """Begin anew."""
        ...


class MailUnavailable(Exception):
    """No mail can be sent, or this one was not taken."""


@dataclass(frozen=True)
class Mail:
    """Plain text. It may carry a secret: it is never logged."""

    to: str
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Raises MailUnavailable."""
        ...
