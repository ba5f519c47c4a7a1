"""Posters and storyboard of a version, for another one that shows the same pictures."""

from __future__ import annotations

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.ports import ObjectStorage
from core.services.media.make_storyboard import CUES, FOLDER


async def copy_pictures(storage: ObjectStorage, source: VersionRef, target: VersionRef) -> None:
    """Repeatable. The WebVTT last: its presence means all is there. Raises StorageUnavailable."""
    here, there = object_keys.published_prefix(source), object_keys.published_prefix(target)
    keys = [stat.key for stat in await storage.list(here + FOLDER)]
    for key in sorted(keys, key=lambda each: each == here + CUES):
        content_type = (await storage.stat(key)).content_type
        await storage.put_bytes(there + key.removeprefix(here), await storage.get_bytes(key), content_type)
