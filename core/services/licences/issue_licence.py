"""A licence that a backend makes: decided here, made there, recorded before it leaves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.challenge import Challenge, ChallengeKind
from core.ports import DeviceReport, IssuedLicence, LicenceBackend, LicenceOrder
from core.services.licences.grant_licence import (
    Applicant,
    Entitlement,
    LicenceFront,
    entitle,
    licence_record,
    open_keys,
)
from core.services.licences.keep_offline import keep_offline, may_keep_offline, release_offline
from core.services.playback.token import PlaybackClaims
from core.services.webhooks.tell_licence import licence_granted


async def issue_licence(
    uow: UnitOfWork,
    front: LicenceFront,
    backend: LicenceBackend,
    applicant: Applicant,
    challenge: Challenge,
    now: datetime,
) -> IssuedLicence:
    """In the system's own form. The caller commits, and answers only after that.

    Raises what `decide`, the ledger and the backend raise. No database connection is held while the backend works.
    """
    if challenge.kind is ChallengeKind.CERTIFICATE:
        return IssuedLicence(await backend.certificate())
    claims = applicant.claims
    entitlement = await entitle(uow, front, applicant, challenge, now)
    if challenge.kind is ChallengeKind.RELEASE:
        return await _release(uow, backend, claims, entitlement, challenge)
    await uow.release()
    inspected = await backend.inspect(challenge, device=entitlement.policy.asks_for_a_device)
    asked = challenge if challenge.kids is not None else replace(challenge, kids=inspected.kids)
    grant = entitlement.grant(asked, inspected.device.capabilities)
    if grant.persistent:
        await may_keep_offline(uow, entitlement, claims.session_id, challenge, inspected.device)
        await uow.release()
    keys = await open_keys(front.vault, entitlement.basis, grant)
    order = LicenceOrder(asked, claims.session_id, claims.target.video_id, grant, keys)
    issued = await backend.issue(order)
    device = _known(issued.device, inspected.device)
    if grant.persistent:
        await keep_offline(uow, entitlement, claims.session_id, challenge, grant, device)
    # In the transaction of the ledger's entry: both are there, or neither.
    await uow.licences.record([licence_record(claims, entitlement.basis, asked, grant, device)])
    await uow.outbox.add(licence_granted(claims, asked.system, grant))
    return issued


async def _release(
    uow: UnitOfWork, backend: LicenceBackend, claims: PlaybackClaims, entitlement: Entitlement, challenge: Challenge
) -> IssuedLicence:
    """Counts once the service, which alone can verify it, has taken it."""
    await uow.release()
    issued = await backend.issue(LicenceOrder(challenge, claims.session_id, claims.target.video_id))
    await release_offline(uow, entitlement, claims.session_id, issued.device)
    return issued


def _known(issued: DeviceReport, inspected: DeviceReport) -> DeviceReport:
    return issued if issued.device_id is not None or issued.model is not None else inspected
