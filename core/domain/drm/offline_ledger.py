"""Whether a device may keep a copy, given the copies that its viewer has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.domain.drm.licence_policy import LicencePolicy
from core.domain.errors import Forbidden


@dataclass(frozen=True)
class OfflineCopy:
    """One device's copy of one video. `challenge_hash` is of the last download's licence request."""

    device_id: str
    downloads: int
    challenge_hash: str
    expires_at: datetime
    released: bool = False


@dataclass(frozen=True)
class Download:
    """`device_id` None: neither the player nor the licence service says which device it is."""

    device_id: str | None
    challenge_hash: str


def check_download(copies: Sequence[OfflineCopy], wanted: Download, policy: LicencePolicy, now: datetime) -> None:
    """Raises Forbidden: OFFLINE_DEVICE_UNKNOWN, OFFLINE_DEVICES_FULL, OFFLINE_DOWNLOADS_USED.

    A request that is repeated byte for byte is the same download: players repeat after a broken connection.
    """
    limited = policy.offline_devices is not None or policy.offline_downloads is not None
    if limited and wanted.device_id is None:
        raise Forbidden(
            "Offline copies are counted by device, and this one has no name.", code="OFFLINE_DEVICE_UNKNOWN"
        )
    own = next((copy for copy in copies if copy.device_id == wanted.device_id), None)
    others = [copy for copy in copies if copy is not own and not copy.released and copy.expires_at > now]
    if policy.offline_devices is not None and len(others) >= policy.offline_devices:
        raise Forbidden(
            "No further device may keep this video; release it on another one.", code="OFFLINE_DEVICES_FULL"
        )
    if own is None or own.challenge_hash == wanted.challenge_hash or policy.offline_downloads is None:
        return
    if own.downloads >= policy.offline_downloads:
        raise Forbidden("This device may not download the video again.", code="OFFLINE_DOWNLOADS_USED")
