"""Answers of Widevine's common-encryption protocol."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.drm.external_key import ServedKey
from core.domain.drm.playready_header import HeaderKey, header_version, playready_object, wrm_header
from core.domain.drm.pssh import pssh_box
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import WidevinePsshData
from core.domain.media.plan import ProtectionScheme
from core.services.key_server.widevine_request import SYSTEMS, WidevineRequest


@dataclass(frozen=True)
class TrackKey:
    """One track in one crypto period (None: the only one)."""

    track_type: str
    crypto_period: int | None
    key: ServedKey


def granted(request: WidevineRequest, tracks: Sequence[TrackKey]) -> dict[str, str]:
    """Tracks by crypto period, as packagers insist; in each `pssh` all keys of its period, for one licence request."""
    return _envelope(
        {
            "status": "OK",
            "drm": [{"type": kind, "system_id": SYSTEMS[kind].value} for kind in request.drm_types],
            "tracks": [_track(request, each, tracks) for each in sorted(tracks, key=_period)],
            "content_id": _base64(request.content_id),
        }
    )


def refused(status: str, reason: str) -> dict[str, str]:
    return _envelope({"status": status, "status_message": reason})


def _period(track: TrackKey) -> int:
    return track.crypto_period or 0


def _track(request: WidevineRequest, track: TrackKey, tracks: Sequence[TrackKey]) -> dict[str, Any]:
    kids = tuple(dict.fromkeys(each.key.kid for each in tracks if each.crypto_period == track.crypto_period))
    described: dict[str, Any] = {
        "type": track.track_type,
        "key_id": _base64(bytes.fromhex(track.key.kid)),
        "key": _base64(track.key.key),
        "pssh": list(_psshs(request, track, kids)),
    }
    if request.scheme is ProtectionScheme.CBCS and track.key.iv is not None:
        described["iv"] = _base64(track.key.iv)
    if track.crypto_period is not None:
        described["crypto_period_index"] = track.crypto_period
    return described


def _psshs(request: WidevineRequest, track: TrackKey, kids: tuple[str, ...]) -> Iterator[dict[str, str]]:
    for kind in request.drm_types:
        if SYSTEMS[kind] is DrmSystem.WIDEVINE:
            scheme = request.scheme.value
            data = WidevinePsshData(kids, "", request.content_id, track.crypto_period, scheme).encoded()
        else:
            key = HeaderKey(track.key.kid, track.key.key)
            data = playready_object(wrm_header(header_version(request.scheme), request.scheme, [key]))
        yield {"drm_type": kind, "data": _base64(data), "boxes": _base64(pssh_box(SYSTEMS[kind], data))}


def _envelope(response: dict[str, Any]) -> dict[str, str]:
    return {"response": _base64(json.dumps(response).encode())}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
