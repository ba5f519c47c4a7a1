"""Enter a persistent licence in the ledger, or its release."""

from __future__ import annotations

import hashlib
from uuid import uuid4

from core.db.models import OfflineLicence
from core.db.repositories.licences import LicenceBasis
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.challenge import Challenge
from core.domain.drm.licence_decision import LicenceGrant
from core.domain.drm.offline_ledger import Download, OfflineCopy, check_download
from core.ports import DeviceReport
from core.services.licences.grant_licence import Entitlement


async def may_keep_offline(
    uow: UnitOfWork, entitlement: Entitlement, session_id: str, challenge: Challenge, device: DeviceReport
) -> None:
    """Spares the licence service what the ledger would refuse anyway. Raises Forbidden."""
    basis = entitlement.basis
    copies = await uow.offline_licences.copies(basis.organisation_id, basis.video_id, holder_of(basis, session_id))
    wanted = _wanted(basis, challenge, device)
    if wanted.device_id is not None:
        check_download([_copy(row) for row in copies], wanted, entitlement.policy, entitlement.now)


async def keep_offline(
    uow: UnitOfWork,
    entitlement: Entitlement,
    session_id: str,
    challenge: Challenge,
    grant: LicenceGrant,
    device: DeviceReport,
) -> None:
    """The word that counts: under a lock, in the transaction that ends before the licence leaves. Raises Forbidden."""
    basis, holder = entitlement.basis, holder_of(entitlement.basis, session_id)
    rows = await uow.offline_licences.lock_copies(basis.organisation_id, basis.video_id, holder)
    wanted = _wanted(basis, challenge, device)
    check_download([_copy(row) for row in rows], wanted, entitlement.policy, entitlement.now)
    device_id = wanted.device_id or session_id
    row = next((row for row in rows if row.device_id == device_id), None)
    if row is None:
        row = _new(basis, session_id, holder, device_id)
        uow.offline_licences.add(row)
    if row.challenge_hash != wanted.challenge_hash:
        row.downloads += 1
    row.session_id, row.license_type = session_id, challenge.system.value
    row.challenge_hash, row.issued_at, row.expires_at = wanted.challenge_hash, grant.issued_at, grant.until
    row.released_at = None


async def release_offline(uow: UnitOfWork, entitlement: Entitlement, session_id: str, device: DeviceReport) -> None:
    """The device says that it has forgotten its copy. Unknown copies are no error: there may never have been one."""
    basis, holder = entitlement.basis, holder_of(entitlement.basis, session_id)
    rows = await uow.offline_licences.lock_copies(basis.organisation_id, basis.video_id, holder)
    device_id = device.device_id or basis.device_id or session_id
    for row in rows:
        if row.device_id == device_id and row.released_at is None:
            row.released_at = entitlement.now


def holder_of(basis: LicenceBasis, session_id: str) -> str:
    """Whose copies are counted together."""
    return basis.viewer_id or session_id


def _wanted(basis: LicenceBasis, challenge: Challenge, device: DeviceReport) -> Download:
    """What the licence service says of the device counts more than what the player says."""
    return Download(device.device_id or basis.device_id, hashlib.sha256(challenge.body).hexdigest())


def _copy(row: OfflineLicence) -> OfflineCopy:
    return OfflineCopy(
        row.device_id, row.downloads, row.challenge_hash, row.expires_at, released=row.released_at is not None
    )


def _new(basis: LicenceBasis, session_id: str, holder: str, device_id: str) -> OfflineLicence:
    return OfflineLicence(
        id=uuid4().hex,
        organisation_id=basis.organisation_id,
        video_id=basis.video_id,
        session_id=session_id,
        holder=holder,
        device_id=device_id,
        license_type="",
        downloads=0,
        challenge_hash="",
        issued_at=basis.started_at,
        expires_at=basis.expires_at,
    )
