"""Passwords: argon2id (RFC 9106), a few at a time so that logins cannot eat all memory."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError


@dataclass(frozen=True)
class Checked:
    """`rehashed` is the hash to keep from now on, when the one that was kept is weaker than today's."""

    good: bool
    rehashed: str | None = field(default=None, repr=False)


class Passwords:
    """OWASP's minimum: 19 MiB, two passes, one lane; `at_once` of them in memory."""

    def __init__(self, *, at_once: int = 4) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._places = asyncio.Semaphore(at_once)
        # What nobody's password has: checked for accounts that do not exist, so that the answer takes as long.
        self._nobodys = self._hasher.hash(secrets.token_hex(32))

    async def hash(self, password: str) -> str:
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def check(self, kept: str | None, password: str) -> Checked:
        """`kept` None, for nobody's password, takes as long as any other."""
        async with self._places:
            good = await asyncio.to_thread(self._verify, kept or self._nobodys, password)
        if kept is None or not good:
            return Checked(good=False)
        weak = self._hasher.check_needs_rehash(kept)
        return Checked(good=True, rehashed=await self.hash(password) if weak else None)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (Argon2Error, InvalidHashError):
            return False
