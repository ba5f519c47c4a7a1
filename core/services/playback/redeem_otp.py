"""Open a session for whoever holds an OTP, if its policy lets them.

Order of the rules: the OTP itself, then `core/domain/access/admission.py`, then a repeat by the same player, then
the uses left, then the video and the session's own limits.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from core.contracts.version_ref import VersionRef
from core.db.models import Otp, OtpRedemption, PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.access.admission import Refusal, refusal
from core.domain.access.otp_policy import OtpPolicy
from core.domain.access.otp_request import otp_policy
from core.domain.access.playback_info import video_of
from core.domain.errors import DomainError, Forbidden, InvalidInput
from core.ports import CountryLookup, Leases
from core.services.playback.grant import PlaybackGrant
from core.services.playback.open_session import Viewer, open_session
from core.services.playback.otp_secret import hash_of, organisation_of
from core.services.playback.read_session import read_session
from core.services.playback.redeem_request import RedeemRequest, attempt_of, session_policy
from core.services.playback.signing_keys import SigningKeys
from core.services.playback.token import PlaybackClaims

_log = structlog.get_logger(__name__)

RETRY_WINDOW = timedelta(seconds=60)
"""How long a player whose answer got lost may ask again, with the same nonce, and be given the same session."""


async def redeem_otp(
    uow: UnitOfWork,
    keys: SigningKeys,
    countries: CountryLookup | None,
    leases: Leases | None,
    public_url: str,
    request: RedeemRequest,
    session_ttl: timedelta,
    now: datetime,
) -> PlaybackGrant:
    """Raises Forbidden with a Refusal's code, and what opening a session raises. The caller commits."""
    otp = await _known(uow, request)
    with _refusals_logged(otp):
        policy = _policy(otp)
        reason = refusal(policy, otp.expires_at, attempt_of(request, policy, countries, now))
        if reason is not None:
            raise _refused(reason)
        earlier = await _earlier(uow, otp, request, now)
        if earlier is not None:
            return await _again(uow, keys, public_url, earlier, now)
        if otp.uses_left is not None and not await uow.otps.count_use(otp.organisation_id, otp.id):
            raise _refused(Refusal.OTP_USED)
        viewer = Viewer(request.ip_address, request.user_agent, policy.viewer_id, request.device_id)
        grant = await open_session(
            uow,
            keys,
            public_url,
            otp.organisation_id,
            otp.video_id,
            viewer,
            session_ttl,
            now,
            policy=session_policy(policy, request, now),
            leases=leases,
            otp=otp.id,
        )
        await uow.otps.record(_redemption(otp, grant, request, now))
        return grant


async def _known(uow: UnitOfWork, request: RedeemRequest) -> Otp:
    """One answer for an OTP that is malformed, unknown, another tenant's or another video's."""
    organisation_id, video_id = organisation_of(request.otp), video_of(request.playback_info)
    if organisation_id is not None and video_id is not None:
        digest = hash_of(request.otp)
        otp = await uow.otps.by_hash(organisation_id, digest)
        if otp is not None and hmac.compare_digest(otp.otp_hash, digest) and otp.video_id == video_id:
            return otp
    _log.warning("otp refused", code=Refusal.OTP_INVALID.name, organisation=organisation_id, video=video_id)
    raise _refused(Refusal.OTP_INVALID)


@contextmanager
def _refusals_logged(otp: Otp) -> Iterator[None]:
    """Never the OTP, nor anything about who tried."""
    try:
        yield
    except DomainError as error:
        _log.warning(
            "otp refused", code=error.code, organisation=otp.organisation_id, video=otp.video_id, otp_id=otp.id
        )
        raise


def _policy(otp: Otp) -> OtpPolicy:
    """What cannot be read, permits nothing; what it said is the customer's affair, not the viewer's."""
    try:
        return otp_policy(otp.policy)
    except InvalidInput as error:
        _log.exception("otp policy not readable", fields=sorted(error.fields), otp_id=otp.id)
        raise _refused(Refusal.OTP_INVALID) from None


async def _earlier(uow: UnitOfWork, otp: Otp, request: RedeemRequest, now: datetime) -> PlaybackSession | None:
    fingerprint = request.fingerprint
    if fingerprint is None:
        return None
    # The first request may still be at work: only its answer was lost.
    await uow.otps.wait_for_twin(otp.id, fingerprint)
    return await uow.otps.session_of(otp.organisation_id, otp.id, fingerprint, now - RETRY_WINDOW)


async def _again(
    uow: UnitOfWork, keys: SigningKeys, public_url: str, session: PlaybackSession, now: datetime
) -> PlaybackGrant:
    target = VersionRef(session.organisation_id, session.video_id, session.version)
    claims = PlaybackClaims(target, session.id, int(session.expires_at.timestamp()))
    return await read_session(uow, keys, public_url, claims, now)


def _redemption(otp: Otp, grant: PlaybackGrant, request: RedeemRequest, now: datetime) -> OtpRedemption:
    return OtpRedemption(
        id=uuid4().hex,
        organisation_id=otp.organisation_id,
        otp_id=otp.id,
        session_id=grant.session_id,
        fingerprint=request.fingerprint,
        redeemed_at=now,
    )


def _refused(reason: Refusal) -> Forbidden:
    """With VdoCipher's number, for players that know only those."""
    return Forbidden(reason.sentence, code=reason.name, fields={"vdocipher_code": str(reason.number)})
