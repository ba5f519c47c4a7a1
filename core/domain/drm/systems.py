"""DRM systems by their DASH-IF system id (https://dashif.org/identifiers/content_protection/)."""

from __future__ import annotations

from enum import StrEnum

from core.domain.media.plan import ProtectionScheme


class DrmSystem(StrEnum):
    """Values are UUIDs as MPDs and `pssh` boxes carry them."""

    WIDEVINE = "edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"
    PLAYREADY = "9a04f079-9840-4286-ab92-e65be0885f95"
    COMMON = "1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
    FAIRPLAY = "94ce86fb-07ff-4f43-adb8-93d2fa968ca2"
    CLEARKEY = "e2719d58-a985-b3c9-781a-b030af78d30e"
    """DASH-IF's id for W3C ClearKey with a licence server. It has no `pssh`: init segments carry the common one."""


def signalled_systems(scheme: ProtectionScheme) -> tuple[DrmSystem, ...]:
    """Systems that a published version announces. FairPlay knows cbcs only; AES-128 is no DRM system's."""
    if scheme is ProtectionScheme.AES128:
        return ()
    systems = (DrmSystem.WIDEVINE, DrmSystem.PLAYREADY, DrmSystem.COMMON)
    return (*systems, DrmSystem.FAIRPLAY) if scheme is ProtectionScheme.CBCS else systems


def systems_with_pssh(scheme: ProtectionScheme) -> frozenset[DrmSystem]:
    """Systems that put a `pssh` box into the init segment: FairPlay is signalled in playlists alone."""
    return frozenset(signalled_systems(scheme)) - {DrmSystem.FAIRPLAY}
