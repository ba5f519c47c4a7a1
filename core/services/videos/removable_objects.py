"""Which objects go with a version that nobody plays any more."""

from __future__ import annotations

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork


async def removable_objects(uow: UnitOfWork, target: VersionRef) -> tuple[str, ...]:
    """Prefixes. The source goes with the last version that was made from it, wherever it lies. Raises NotFound."""
    version = await uow.videos.version(target)
    if await uow.videos.source_is_shared(version):
        return object_keys.interim_prefix(target), object_keys.published_prefix(target)
    return object_keys.version_prefix(target), version.source_key
