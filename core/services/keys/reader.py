"""Reads a version's content keys, each time from the database: nothing in the clear is kept between two steps,
and no key is handed out before the audit has it."""

from __future__ import annotations

from collections.abc import Mapping

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.media.plan import KeyLabel
from core.ports import RootKeyVault
from core.services.keys.store import KeyUnitOfWorkFactory
from core.services.keys.unwrap_content_keys import unwrap_content_keys


class ContentKeyReader:
    """A ContentKeySource over the database and the vault, for one use. Re-keying reads revoked keys too."""

    def __init__(self, open_unit_of_work: KeyUnitOfWorkFactory, vault: RootKeyVault, use: KeyUse) -> None:
        self._open_unit_of_work = open_unit_of_work
        self._vault = vault
        self._use = use

    async def read(self, target: VersionRef) -> Mapping[KeyLabel, ContentKey]:
        """Keys by label, those of later crypto periods in them. Raises KeyUnavailable."""
        async with self._open_unit_of_work() as unit_of_work:
            keys = await unwrap_content_keys(
                unit_of_work.keys,
                self._vault,
                target,
                self._use,
                even_revoked=self._use.purpose == KeyPurpose.REKEYING,
            )
            await unit_of_work.commit()
        return keys
