"""Who holds the root key, and commercial services that make content keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import KeyLabel, ProtectionScheme


class RootKeyVault(Protocol):
    """The KMS that holds the root key. Wraps tenant keys; the root key itself never leaves it.

    All raise KeyServiceUnavailable when it does not answer, or refuses us.
    """

    @property
    def key_id(self) -> str:
        """Of the root key that wraps. It is kept beside what it wrapped, at most 200 characters."""
        ...

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        """Authenticated encryption; `context` is bound as associated data."""
        ...

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        """Raises KeyUnavailable when `key_id` is not known here, or it or the context is not what wrapped it."""
        ...


class KeyUnavailable(Exception):
    """A key could not be unwrapped. Fail closed."""


class KeyServiceUnavailable(KeyUnavailable):
    """Whoever holds the root key did not answer, or does not let us in: worth another try later. Fail closed."""


class KeySource(Protocol):
    """Where new content keys come from when we do not draw them ourselves: somebody's key service."""

    async def fetch(
        self, target: VersionRef, labels: Sequence[KeyLabel], scheme: ProtectionScheme
    ) -> Mapping[KeyLabel, ContentKey]:
        """One key for each label, the same ones when asked again. Raises KeyUnavailable."""
        ...
