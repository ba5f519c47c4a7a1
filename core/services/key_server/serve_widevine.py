"""Answer one request to the Widevine common-encryption key server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from core.db.models import KeyDelivery, KeySigner
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.content_key import ContentKey
from core.domain.drm.external_key import ServedKey, WantedKey, kid_of_track
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.errors import Conflict
from core.domain.media.plan import KeyLabel
from core.ports import RootKeyVault
from core.request_id import current_request_id
from core.services.key_server.external_keys import external_keys
from core.services.key_server.verify_signer import verify_signer
from core.services.key_server.video_keys import video_keys
from core.services.key_server.widevine_answer import TrackKey, granted
from core.services.key_server.widevine_request import WidevineRefused, WidevineRequest, read_envelope, read_request

_LABELS = {
    "AUDIO": KeyLabel.AUDIO,
    "SD": KeyLabel.SD,
    "HD": KeyLabel.HD,
    "UHD1": KeyLabel.UHD,
    "UHD2": KeyLabel.UHD,
}


async def serve_widevine(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, body: bytes, now: datetime
) -> dict[str, str]:
    """The protocol's answer. Raises WidevineRefused, KeyUnavailable. The caller commits before it answers."""
    signed = read_envelope(body)
    signer = await verify_signer(uow, vault, organisation_id, signed)
    request = read_request(signed.request)
    use = KeyUse(KeyPurpose.KEY_SERVER, f"key-signer:{signer.id}", current_request_id())
    try:
        tracks = await _tracks(uow, vault, organisation_id, request, use)
    except Conflict as conflict:
        status = "KEY_ID_MISMATCH" if conflict.code == "KEY_ID_MISMATCH" else "ASSET_NOT_FOUND"
        raise WidevineRefused(conflict.detail, code=status) from None
    uow.external_keys.record_delivery(_delivery(signer, request, tracks, now))
    return granted(request, tracks)


async def _tracks(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, request: WidevineRequest, use: KeyUse
) -> list[TrackKey]:
    ours = await video_keys(uow, vault, organisation_id, request.content_id, use)
    if ours is not None:
        return _of_video(request, ours)
    kids = {
        (track, period): kid_of_track(organisation_id, request.content_id, track, period)
        for period in request.crypto_periods
        for track in request.tracks
    }
    wanted = [WantedKey(kid, track, period) for (track, period), kid in kids.items()]
    keys = await external_keys(uow, vault, organisation_id, request.content_id, wanted, use)
    return [TrackKey(track, period, keys[kid]) for (track, period), kid in kids.items()]


def _of_video(request: WidevineRequest, keys: Mapping[KeyLabel, ContentKey]) -> list[TrackKey]:
    """Packagers ask for every track type there is; those that the video lacks are left out."""
    if request.crypto_periods != (None,):
        detail = "The keys of a video do not rotate."
        raise WidevineRefused(detail, code="NO_REQUESTED_CRYPTO_PERIODS")
    if any(key.scheme is not request.scheme for key in keys.values()):
        raise WidevineRefused("The video's keys are for another protection_scheme.", code="ACCESS_DENIED")
    found = [
        TrackKey(track, None, ServedKey(key.kid, key.key, key.iv))
        for track in request.tracks
        if (key := keys.get(_LABELS[track])) is not None
    ]
    if not found:
        raise WidevineRefused("The video has no such track.", code="ASSET_MISSING_KEY")
    return found


def _delivery(signer: KeySigner, request: WidevineRequest, tracks: list[TrackKey], now: datetime) -> KeyDelivery:
    return KeyDelivery(
        id=uuid4().hex,
        organisation_id=signer.organisation_id,
        protocol="widevine",
        caller=signer.id,
        content_id=request.content_id,
        kids=[track.key.kid for track in tracks],
        delivered_at=now,
    )
