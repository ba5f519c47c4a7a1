"""What the key services need of the database; `core/db/repositories/keys.py` satisfies it structurally."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_audit import KeyUse
from core.domain.drm.key_records import ContentKeyRecord, TenantKeyRecord
from core.domain.media.plan import KeyLabel


class KeyStore(Protocol):
    """Rows of `tenant_keys` and `content_keys` of one organisation. Writes join the caller's transaction."""

    async def active_tenant_key(self, organisation_id: str) -> TenantKeyRecord | None:
        """The one active tenant key, if the organisation has one; it is not retired before the transaction ends."""
        ...

    async def tenant_key(self, organisation_id: str, tenant_key_id: str) -> TenantKeyRecord | None:
        """A tenant key in any state."""
        ...

    async def add_tenant_key(self, record: TenantKeyRecord) -> None:
        """Insert, unless (organisation, version) is there already: then do nothing and keep what is there."""
        ...

    async def content_keys(self, target: VersionRef) -> Sequence[ContentKeyRecord]:
        """All keys of this version in any state."""
        ...

    async def add_content_keys(self, records: Sequence[ContentKeyRecord]) -> None:
        """Insert each record whose (video, version, label, crypto period) is not there yet; keep those that are."""
        ...

    async def destroy_content_keys(self, target: VersionRef, at: datetime) -> int:
        """Empty `wrapped_key` and `iv`, set `destroyed` and `destroyed_at`; return how many rows that changed."""
        ...

    async def record_use(self, organisation_id: str, use: KeyUse, kids: Sequence[str]) -> None:
        """Append to the organisation's audit."""
        ...


class KeyUnitOfWork(Protocol):
    """The part of a unit of work that the key services touch."""

    @property
    def keys(self) -> KeyStore: ...

    async def commit(self) -> None: ...


KeyUnitOfWorkFactory = Callable[[], AbstractAsyncContextManager[KeyUnitOfWork]]


class ContentKeySource(Protocol):
    """Hands the packaging and verification steps their keys in the clear."""

    async def read(self, target: VersionRef) -> Mapping[KeyLabel, ContentKey]:
        """Keys by label, those of later crypto periods in them. Raises KeyUnavailable when any cannot be had."""
        ...
