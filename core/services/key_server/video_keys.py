"""The keys of one of our own videos, for a packager that packages it elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.content_key import ContentKey
from core.domain.drm.external_key import video_id_of
from core.domain.drm.key_audit import KeyUse
from core.domain.errors import Conflict, NotFound
from core.domain.media.plan import KeyLabel
from core.domain.video import VideoState
from core.ports import RootKeyVault
from core.services.keys.unwrap_content_keys import unwrap_content_keys


async def video_keys(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, content_id: bytes, use: KeyUse
) -> Mapping[KeyLabel, ContentKey] | None:
    """Keys of the current version by label; None when the content id names no video of the organisation.

    Raises Conflict (VIDEO_NOT_READY) for a video without keys to give, (VIDEO_KEYS_ROTATE) for one whose keys change
    inside it, KeyUnavailable when one does not open.
    """
    video_id = video_id_of(content_id)
    if video_id is None:
        return None
    try:
        video = await uow.videos.get(organisation_id, video_id)
    except NotFound:
        return None
    if video.status is not VideoState.READY or video.current_version is None:
        raise Conflict(f"The video is {video.status.value}: it has no keys to give.", code="VIDEO_NOT_READY")
    target = VersionRef(organisation_id, video_id, video.current_version)
    if (await uow.videos.version(target)).crypto_period_seconds is not None:
        # Where its periods begin is decided by our own segments.
        raise Conflict("The video's keys change inside it: only Sealcast packages it.", code="VIDEO_KEYS_ROTATE")
    return await unwrap_content_keys(uow.keys, vault, target, use)
