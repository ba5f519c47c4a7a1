"""Tenant keys in memory for a short while, so that not every licence asks the KMS. Content keys never come this way."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict

from core.ports import RootKeyVault


class TenantKeyCache:
    """A RootKeyVault before a slower one. Belongs to one event loop.

    What is asked for at the same time is asked once. An entry stands for one exact question (wrapped bytes, context and
    root key), so that a changed row is never answered from memory. It is gone `seconds` after the question; errors are
    not kept. With more than `most`, the one that was not used for longest goes.
    """

    def __init__(self, vault: RootKeyVault, seconds: float, *, most: int = 1000) -> None:
        self._vault = vault
        self._seconds = seconds
        self._most = most
        self._answers: OrderedDict[bytes, asyncio.Task[bytes]] = OrderedDict()

    @property
    def key_id(self) -> str:
        return self._vault.key_id

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        return await self._vault.wrap(plaintext, context)

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        question = _fingerprint(wrapped, context, key_id.encode())
        answer = self._answers.get(question)
        if answer is None:
            answer = asyncio.create_task(self._vault.unwrap(wrapped, context, key_id))
            self._remember(question, answer)
        self._answers.move_to_end(question)
        # Shielded: a caller who goes away must not take the answer from those who wait for it too.
        return await asyncio.shield(answer)

    def _remember(self, question: bytes, answer: asyncio.Task[bytes]) -> None:
        self._answers[question] = answer
        while len(self._answers) > self._most:
            self._answers.popitem(last=False)
        asyncio.get_running_loop().call_later(self._seconds, self._forget, question, answer)
        answer.add_done_callback(lambda done: self._forget(question, done) if _failed(done) else None)

    def _forget(self, question: bytes, answer: asyncio.Task[bytes]) -> None:
        if self._answers.get(question) is answer:
            del self._answers[question]


def _failed(answer: asyncio.Task[bytes]) -> bool:
    return answer.cancelled() or answer.exception() is not None


def _fingerprint(*parts: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(4, "big") + part)
    return digest.digest()
