"""The keys that sign access tokens: made, rotated, and found by their ids."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.db.models import TokenKey
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.auth.key_schedule import ScheduledKey, due, lost, signing_keys, verifying_keys
from core.ports import KeyServiceUnavailable, KeyUnavailable, RootKeyVault

_RELOAD = timedelta(seconds=60)
#: A token with a key that we do not know may be of a key made just now; and it may be anything.
_UNKNOWN = timedelta(seconds=5)
_CONTEXT = b"sealcast token key "

Needed = Callable[[Sequence[ScheduledKey], str, datetime], datetime | None]


class TokenKeys:
    """Of one process. Keys are read again every minute, which is when a rotation that is due is made, too."""

    def __init__(self, uow: UnitOfWorkFactory, vault: RootKeyVault) -> None:
        self._uow = uow
        self._vault = vault
        self._known: Sequence[ScheduledKey] = ()
        self._read_at: datetime | None = None
        self._opened: dict[str, Ed25519PrivateKey] = {}
        self._reading = asyncio.Lock()

    async def signing(self, now: datetime) -> tuple[str, Ed25519PrivateKey]:
        """Raises KeyUnavailable."""
        await self._refresh(now, _RELOAD)
        found = await self._first_opened(now)
        if found is None:
            self._known = await self._made(now, lost)
            found = await self._first_opened(now)
        if found is None:
            raise KeyUnavailable("no key that signs access tokens can be opened")
        return found

    async def verifying(self, kid: str, now: datetime) -> Ed25519PublicKey | None:
        """None for a key that is not ours, or not any more."""
        await self._refresh(now, _RELOAD)
        if not any(key.kid == kid for key in self._known):
            await self._refresh(now, _UNKNOWN)
        found = [key for key in verifying_keys(self._known, now) if key.kid == kid]
        return Ed25519PublicKey.from_public_bytes(found[0].public_key) if found else None

    async def published(self, now: datetime) -> list[ScheduledKey]:
        await self._refresh(now, _RELOAD)
        return verifying_keys(self._known, now)

    async def _first_opened(self, now: datetime) -> tuple[str, Ed25519PrivateKey] | None:
        """Raises KeyServiceUnavailable: that one may come back."""
        for key in signing_keys(self._known, now):
            if key.kid in self._opened:
                return key.kid, self._opened[key.kid]
            try:
                private = await self._vault.unwrap(key.wrapped_key, _CONTEXT + key.kid.encode(), key.root_key_id)
            except KeyServiceUnavailable:
                raise
            except KeyUnavailable:
                continue
            self._opened = {key.kid: Ed25519PrivateKey.from_private_bytes(private)}
            return key.kid, self._opened[key.kid]
        return None

    async def _refresh(self, now: datetime, every: timedelta) -> None:
        if self._read_at is not None and now - self._read_at < every:
            return
        async with self._reading:
            if self._read_at is not None and now - self._read_at < every:
                return
            async with self._uow() as uow:
                keys = [_scheduled(row) for row in await uow.token_keys.newest()]
            if due(keys, self._vault.key_id, now) is not None:
                keys = await self._made(now, due)
            self._known, self._read_at = keys, now

    async def _made(self, now: datetime, needed: Needed) -> list[ScheduledKey]:
        """With a new one, unless another process was first."""
        async with self._uow() as uow:
            await uow.token_keys.lock()
            keys = [_scheduled(row) for row in await uow.token_keys.newest()]
            active_from = needed(keys, self._vault.key_id, now)
            if active_from is None:
                return keys
            row = await self._new(now, active_from)
            uow.token_keys.add(row)
            await uow.commit()
        return [*keys, _scheduled(row)]

    async def _new(self, now: datetime, active_from: datetime) -> TokenKey:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        kid = hashlib.sha256(public).hexdigest()[:16]
        return TokenKey(
            kid=kid,
            public_key=public,
            wrapped_key=await self._vault.wrap(private.private_bytes_raw(), _CONTEXT + kid.encode()),
            root_key_id=self._vault.key_id,
            created_at=now,
            active_from=active_from,
        )


def _scheduled(row: TokenKey) -> ScheduledKey:
    return ScheduledKey(row.kid, row.public_key, row.wrapped_key, row.root_key_id, row.active_from)
