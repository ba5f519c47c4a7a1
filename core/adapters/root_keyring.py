"""Several root keys at once: the current one wraps, the others still open what they wrapped before a rotation."""

from __future__ import annotations

from collections.abc import Iterable

from core.ports import KeyUnavailable, RootKeyVault


class RootKeyring:
    """A RootKeyVault over others, told apart by their ids."""

    def __init__(self, current: RootKeyVault, others: Iterable[RootKeyVault] = ()) -> None:
        self._current = current
        self._known = {vault.key_id: vault for vault in (*others, current)}

    @property
    def key_id(self) -> str:
        return self._current.key_id

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        return await self._current.wrap(plaintext, context)

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        vault = self._known.get(key_id)
        if vault is None:
            raise KeyUnavailable(f"root key {key_id} is not known here, only {', '.join(sorted(self._known))}")
        return await vault.unwrap(wrapped, context, key_id)
