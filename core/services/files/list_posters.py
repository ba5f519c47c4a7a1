"""The posters that were made of a published version, among the video's files."""

from __future__ import annotations

from collections.abc import Sequence

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import VideoFile
from core.db.unit_of_work import UnitOfWork
from core.domain.media.plan import EncodingPlan
from core.domain.video_file import FileKind
from core.ports import ObjectStat
from core.services.media.make_storyboard import FOLDER, poster_sizes


async def list_posters(uow: UnitOfWork, target: VersionRef, plan: EncodingPlan, objects: Sequence[ObjectStat]) -> None:
    """Those of the version before make way, but keep their numbers: pages may show them by these.

    What the owner uploaded stays in front. The caller commits.
    """
    known = await uow.files.posters(target.organisation_id, target.video_id)
    ours = {file.name: file for file in known if file.version is not None}
    chosen = any(file.enabled for file in known if file.version is None)
    sizes, stored = poster_sizes(plan.video) if plan.video else {}, {found.key: found for found in objects}
    prefix = object_keys.published_prefix(target) + FOLDER
    for name, (width, height) in sizes.items():
        if (found := stored.get(prefix + name)) is None:
            continue
        file = ours.pop(name, None) or VideoFile(
            organisation_id=target.organisation_id,
            video_id=target.video_id,
            kind=FileKind.POSTER,
            name=name,
            object_key=found.key,
            size=found.size,
            enabled=not chosen,
        )
        file.version, file.object_key, file.size = target.version, found.key, found.size
        file.width, file.height = width, height
        await uow.files.add(file)
    for former in ours.values():
        await uow.files.remove(former)
