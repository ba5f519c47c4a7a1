"""Revoke a content key: from now on nobody gets it. There is no way back; re-keying gives the video new ones."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.drm.key_records import KeyState
from core.domain.errors import Conflict, NotFound


async def revoke_content_key(uow: UnitOfWork, organisation_id: str, kid: str, actor: str, request_id: str) -> None:
    """Does nothing when it is revoked already. The caller commits.

    Licences leave the key out from then on, and packaging, verification and key servers refuse the version. What
    players hold already stays good as long as their licences say. Raises NotFound, Conflict for a destroyed key.
    """
    record = await uow.keys.content_key(organisation_id, kid)
    if record is None:
        raise NotFound("There is no such key.")
    if record.state is KeyState.DESTROYED:
        raise Conflict("The key is destroyed: nobody can get it any more.")
    if record.state is KeyState.REVOKED:
        return
    await uow.keys.revoke_content_key(organisation_id, kid)
    await uow.keys.record_use(organisation_id, KeyUse(KeyPurpose.REVOCATION, actor, request_id), [kid])
