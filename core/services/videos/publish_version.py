"""The switch: in one transaction the version's tracks are listed, and it becomes what new sessions play."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import VideoVariant
from core.db.models.columns import utc_now
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Conflict
from core.domain.media.plan import EncodingPlan
from core.domain.variant import Variant
from core.domain.video import VideoState
from core.ports import ObjectStat
from core.services.files.list_posters import list_posters
from core.services.videos.state_change import LockedVersion, lock_version
from core.services.videos.variants_of import variants_of
from core.services.webhooks.tell_video import tell_state


async def publish_version(
    uow: UnitOfWork, target: VersionRef, plan: EncodingPlan, objects: Sequence[ObjectStat]
) -> None:
    """Repeatable. `objects` is what lies below the published prefix. Raises NotFound, Conflict. The caller commits."""
    if not objects:
        raise Conflict("There is nothing to publish below the version's prefix.")
    locked = await lock_version(uow, target)
    if locked.version.status is VideoState.READY:
        return
    locked.move(VideoState.READY)
    _switch(locked, target, plan)
    await uow.variants.replace(target, [_row(target, variant) for variant in variants_of(target, plan, objects)])
    await list_posters(uow, target, plan, objects)
    await tell_state(uow, locked.video, locked.version)


def _switch(locked: LockedVersion, target: VersionRef, plan: EncodingPlan) -> None:
    locked.version.published_prefix = object_keys.published_prefix(target)
    locked.version.published_at = utc_now()
    locked.video.current_version = target.version
    locked.video.duration = round(plan.duration)
    locked.video.failure_code = locked.video.failure_detail = None


def _row(target: VersionRef, variant: Variant) -> VideoVariant:
    return VideoVariant(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        kind=variant.kind,
        resolution=variant.name[:20],
        width=variant.width,
        height=variant.height,
        bitrate=variant.bitrate,
        codec=variant.codec,
        frame_rate=variant.frame_rate,
        language=variant.language,
        file_url=variant.prefix,
        file_size=variant.size,
    )
