"""What each DRM system's `pssh` box holds for a track of ours, as Shaka Packager writes it."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.drm.content_key import ContentKey
from core.domain.drm.playready_header import HeaderKey, header_version, playready_object, wrm_header
from core.domain.drm.pssh import pssh_box
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import WidevinePsshData


def playready_data(key: ContentKey) -> bytes:
    """A PlayReady Object that names the track's key."""
    return playready_object(wrm_header(header_version(key.scheme), key.scheme, [HeaderKey(key.kid, key.key)]))


def system_boxes(key: ContentKey, kids: Sequence[str]) -> dict[DrmSystem, bytes]:
    """Whole boxes for a track under `key`; `kids` are all keys that one licence request may ask for."""
    widevine = WidevinePsshData(tuple(kids), scheme=key.scheme.value).encoded()
    return {
        DrmSystem.COMMON: pssh_box(DrmSystem.COMMON, kids=kids),
        DrmSystem.WIDEVINE: pssh_box(DrmSystem.WIDEVINE, widevine),
        DrmSystem.PLAYREADY: pssh_box(DrmSystem.PLAYREADY, playready_data(key)),
    }
