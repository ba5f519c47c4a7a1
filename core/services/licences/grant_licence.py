"""The front of every licence service: who asks, under which policy, which keys, and the record of it.

One reading of the database, and one writing that licences granted at the same time share. Systems differ only in who
makes the licence afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from core.contracts.version_ref import VersionRef
from core.db.repositories.licences import LicenceBasis, LicenceRecord
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.challenge import Challenge, ChallengeKind, KeySystem
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import ContentKeyRecord
from core.domain.drm.licence_decision import DeviceCapabilities, LicenceGrant, SessionTimes, TrackKey, decide
from core.domain.drm.licence_policy import LicencePolicy
from core.domain.errors import Forbidden, NotFound
from core.domain.media.plan import ProtectionScheme
from core.domain.playback.binding import Origin, check_origin
from core.domain.playback.session_policy import SessionPolicy
from core.ports import DeviceReport, RootKeyVault
from core.services.keys.envelope import open_content_key, open_tenant_key
from core.services.licences.licence_records import LicenceRecords
from core.services.playback.read_session import PLAYABLE
from core.services.playback.token import PlaybackClaims
from core.services.webhooks.tell_licence import licence_granted


class AskCustomer(Protocol):
    """The organisation's own say, where it wants one. May only narrow; raises Forbidden, Unavailable."""

    async def __call__(self, basis: LicenceBasis, challenge: Challenge, now: datetime) -> LicencePolicy: ...


@dataclass(frozen=True)
class LicenceFront:
    vault: RootKeyVault
    ask_customer: AskCustomer
    records: LicenceRecords


@dataclass(frozen=True)
class Applicant:
    """Who asks for a licence: what its token says, and where the request was seen to come from."""

    claims: PlaybackClaims
    seen: Origin


@dataclass(frozen=True)
class Entitlement:
    """A session that may have licences now, and under which policy."""

    basis: LicenceBasis
    policy: LicencePolicy
    now: datetime

    def grant(self, challenge: Challenge, device: DeviceCapabilities) -> LicenceGrant:
        """Raises Forbidden. Foreign key ids are silently left out."""
        session = SessionTimes(self.basis.started_at, self.basis.expires_at, self.now)
        keys = [TrackKey(record.kid, record.label) for record, _ in self.basis.keys if _leaves_by(challenge, record)]
        return decide(self.policy, session, device, challenge.kids, keys, persistent=challenge.persistent)


@dataclass(frozen=True)
class GrantedLicence:
    grant: LicenceGrant
    keys: Mapping[str, ContentKey] = field(repr=False)


async def grant_licence(
    uow: UnitOfWork,
    front: LicenceFront,
    applicant: Applicant,
    challenge: Challenge,
    device: DeviceCapabilities,
    now: datetime,
) -> GrantedLicence:
    """Keys for a licence that we make ourselves, recorded and committed when this returns."""
    await uow.statement_by_statement()
    entitlement = await entitle(uow, front, applicant, challenge, now)
    grant = entitlement.grant(challenge, device)
    keys = await open_keys(front.vault, entitlement.basis, grant)
    # Writing takes a connection of its own: nobody who waits for it may hold another.
    await uow.release()
    await front.records.write(
        licence_record(applicant.claims, entitlement.basis, challenge, grant),
        licence_granted(applicant.claims, challenge.system, grant),
    )
    return GrantedLicence(grant, keys)


async def entitle(
    uow: UnitOfWork, front: LicenceFront, applicant: Applicant, challenge: Challenge, now: datetime
) -> Entitlement:
    """Raises Forbidden for a session that has ended or is another player's, NotFound for a video that is gone."""
    claims = applicant.claims
    found = await uow.licences.basis(claims.target.organisation_id, claims.session_id, challenge.kids)
    basis = _checked(found, claims, now)
    session = SessionPolicy.from_json(basis.policy)
    check_origin(basis.origin, applicant.seen, bind_ip=session.bind_ip)
    policy = LicencePolicy.from_rules(session.licence_rules)
    if basis.callback is not None and challenge.kind is not ChallengeKind.RELEASE:
        # The customer's server may take its time, and must not take a connection with it.
        await uow.release()
        policy = policy.narrowed_by(await front.ask_customer(basis, challenge, now))
    return Entitlement(basis, policy, now)


async def open_keys(vault: RootKeyVault, basis: LicenceBasis, grant: LicenceGrant) -> dict[str, ContentKey]:
    """By key id. One call to the vault a tenant key, which is one in all but the days after a rotation."""
    granted = {track.kid for track in grant.tracks}
    pairs = [pair for pair in basis.keys if pair[0].kid in granted]
    tenant_keys = {tenant.id: tenant for _, tenant in pairs}
    opened = {key_id: await open_tenant_key(vault, tenant) for key_id, tenant in tenant_keys.items()}
    return {content.kid: open_content_key(opened[tenant.id], content) for content, tenant in pairs}


def licence_record(
    claims: PlaybackClaims,
    basis: LicenceBasis,
    challenge: Challenge,
    grant: LicenceGrant,
    device: DeviceReport | None = None,
) -> LicenceRecord:
    """No key leaves before this is committed."""
    known = device or DeviceReport()
    details: dict[str, Any] = {"kids": [track.kid for track in grant.tracks], "kind": challenge.kind.value}
    if grant.persistent:
        details["persistent"] = True
    if known.model is not None:
        details["model"] = known.model
    return LicenceRecord(
        organisation_id=claims.target.organisation_id,
        video_id=claims.target.video_id,
        session_id=claims.session_id,
        user_id=basis.user_id,
        device_id=known.device_id or basis.device_id,
        license_type=challenge.system.value,
        issued_at=grant.issued_at,
        expires_at=grant.until,
        restrictions=details,
    )


def _leaves_by(challenge: Challenge, record: ContentKeyRecord) -> bool:
    """Keys that DRM systems wrap do not leave by the road of HLS AES-128, whose keys go out as they are."""
    return challenge.system is not KeySystem.AES128 or record.scheme is ProtectionScheme.AES128


def _checked(basis: LicenceBasis | None, claims: PlaybackClaims, now: datetime) -> LicenceBasis:
    if basis is None or VersionRef(basis.organisation_id, basis.video_id, basis.version) != claims.target:
        raise Forbidden("There is no such session.", code="SESSION_UNKNOWN")
    if basis.ended_at is not None or basis.expires_at <= now:
        raise Forbidden("The playback session has ended.", code="SESSION_ENDED")
    if not {basis.video_state, basis.version_state} <= PLAYABLE:
        raise NotFound("There is no such video.")
    return basis
