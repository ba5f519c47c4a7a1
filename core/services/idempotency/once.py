"""Do what a request asks for once, however often it comes (draft-ietf-httpapi-idempotency-key-header)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.db.models import IdempotentRequest
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict, InvalidInput

REMEMBERED = timedelta(hours=24)
_ABANDONED = timedelta(minutes=2)
"""No request of ours runs longer: whoever began it is gone."""

_NONCE_BYTES = 12


@dataclass(frozen=True)
class IdempotentRequests:
    """`key` seals the answers at rest: some hold tokens."""

    uow: UnitOfWorkFactory
    key: bytes = field(repr=False)

    async def begin(
        self, organisation_id: str, key: str, request_hash: str, now: datetime
    ) -> bytes | IdempotentRequest:
        """The former answer, or the request to `finish` or `drop` afterwards.

        Raises Conflict (IDEMPOTENCY_IN_FLIGHT) while the first one runs, InvalidInput (IDEMPOTENCY_KEY_REUSED) when
        it asked for something else.
        """
        request = IdempotentRequest(
            organisation_id=organisation_id,
            key=key,
            request_hash=request_hash,
            attempt=secrets.token_hex(16),
            started_at=now,
        )
        async with self.uow() as uow:
            if await uow.idempotency.begin(request, forgotten=now - REMEMBERED, abandoned=now - _ABANDONED):
                await uow.commit()
                return request
            former = await uow.idempotency.get(organisation_id, key)
        if former is not None and former.request_hash != request_hash:
            raise InvalidInput(
                "This idempotency key was used for another request. Use a new one.", code="IDEMPOTENCY_KEY_REUSED"
            )
        if former is None or former.answer is None:
            raise Conflict(
                "The first request with this idempotency key is still running. Try again in a moment.",
                code="IDEMPOTENCY_IN_FLIGHT",
            )
        return self._open(former)

    async def finish(self, request: IdempotentRequest, answer: bytes) -> None:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        async with self.uow() as uow:
            await uow.idempotency.answer(request, nonce + AESGCM(self.key).encrypt(nonce, answer, _binding(request)))
            await uow.commit()

    async def drop(self, request: IdempotentRequest) -> None:
        """Nothing was done: the same key may be tried again."""
        async with self.uow() as uow:
            await uow.idempotency.drop(request)
            await uow.commit()

    def _open(self, former: IdempotentRequest) -> bytes:
        sealed = former.answer or b""
        try:
            return AESGCM(self.key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _binding(former))
        except (InvalidTag, ValueError):
            # The signing key was changed since: what was answered is not known, but that it was done is.
            raise Conflict(
                "The request with this idempotency key was done; its answer can no longer be read.",
                code="IDEMPOTENCY_ANSWER_LOST",
            ) from None


def _binding(request: IdempotentRequest) -> bytes:
    return f"{request.organisation_id}\n{request.key}\n{request.request_hash}".encode()
