"""Give a session the keys of its own version: one reading, one audit record, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from core.contracts.version_ref import VersionRef
from core.db.models import DrmLicense
from core.db.repositories.licences import LicenceBasis
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import ContentKeyRecord, TenantKeyRecord
from core.domain.errors import Forbidden, NotFound
from core.domain.playback.binding import Origin, check_origin
from core.domain.playback.session_policy import SessionPolicy
from core.ports import RootKeyVault
from core.services.keys.envelope import open_content_key, open_tenant_key
from core.services.licences.clearkey_request import ClearKey, key_set
from core.services.playback.read_session import PLAYABLE
from core.services.playback.token import PlaybackClaims


async def grant_clearkey(
    uow: UnitOfWork, vault: RootKeyVault, claims: PlaybackClaims, seen: Origin, kids: Sequence[str], now: datetime
) -> dict[str, Any]:
    """A JWK set. Raises as `release_keys`. The caller commits, and answers only after that."""
    keys = await release_keys(uow, vault, claims, seen, kids, now, "clearkey")
    return key_set(ClearKey(key.kid, key.key) for key in keys)


async def release_keys(
    uow: UnitOfWork,
    vault: RootKeyVault,
    claims: PlaybackClaims,
    seen: Origin,
    kids: Sequence[str],
    now: datetime,
    licence_type: str,
) -> list[ContentKey]:
    """Foreign KIDs are silently left out; with none left, Forbidden, as for another player's session.

    Raises NotFound for a video that is gone, KeyUnavailable when a key does not open. The caller commits, and
    answers only after that: no key leaves without its record.
    """
    found = await uow.licences.basis(claims.target.organisation_id, claims.session_id)
    basis = _checked(found, claims, now)
    check_origin(basis.origin, seen, bind_ip=SessionPolicy.from_json(basis.policy).bind_ip)
    keys = await _opened(vault, _granted(basis, kids))
    uow.licences.record(_audit(claims, basis, [key.kid for key in keys], now, licence_type))
    return keys


def _checked(basis: LicenceBasis | None, claims: PlaybackClaims, now: datetime) -> LicenceBasis:
    if basis is None or VersionRef(basis.organisation_id, basis.video_id, basis.version) != claims.target:
        raise Forbidden("There is no such session.", code="SESSION_UNKNOWN")
    if basis.ended_at is not None or basis.expires_at <= now:
        raise Forbidden("The playback session has ended.", code="SESSION_ENDED")
    if not {basis.video_state, basis.version_state} <= PLAYABLE:
        raise NotFound("There is no such video.")
    return basis


def _granted(basis: LicenceBasis, kids: Sequence[str]) -> list[tuple[ContentKeyRecord, TenantKeyRecord]]:
    wanted = set(kids)
    granted = [pair for pair in basis.keys if pair[0].kid in wanted]
    if not granted:
        raise Forbidden("None of the requested keys belongs to this session.", code="KEYS_REFUSED")
    return granted


async def _opened(vault: RootKeyVault, granted: Sequence[tuple[ContentKeyRecord, TenantKeyRecord]]) -> list[ContentKey]:
    """One call to the vault a tenant key, which is one in all but the days after a rotation."""
    tenant_keys = {tenant.id: tenant for _, tenant in granted}
    opened = {key_id: await open_tenant_key(vault, tenant) for key_id, tenant in tenant_keys.items()}
    return [open_content_key(opened[tenant.id], record) for record, tenant in granted]


def _audit(
    claims: PlaybackClaims, basis: LicenceBasis, kids: Sequence[str], now: datetime, licence_type: str
) -> DrmLicense:
    return DrmLicense(
        id=uuid4().hex,
        organisation_id=claims.target.organisation_id,
        video_id=claims.target.video_id,
        session_id=claims.session_id,
        user_id=basis.user_id,
        license_type=licence_type,
        issued_at=now,
        expires_at=basis.expires_at,
        restrictions={"kids": list(kids)},
    )
