"""Tags of several videos at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from core.db.models import Video
from core.db.unit_of_work import UnitOfWork
from core.domain.access.lenient_values import refused, text
from core.domain.errors import NotFound
from core.domain.hex_id import is_hex_id
from core.domain.tags import MOST_TAGS, tags_of, too_many

_MOST_VIDEOS = 1000


@dataclass(frozen=True)
class TagChange:
    video_ids: tuple[str, ...]
    tags: tuple[str, ...]

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """`videos` is a list, or text with commas. Raises InvalidInput."""
        given = fields.get("videos")
        items = given if isinstance(given, list) else str(given or "").split(",")
        if len(items) > _MOST_VIDEOS:
            raise refused("videos", f"must not be more than {_MOST_VIDEOS} at once")
        ids = tuple(dict.fromkeys(each for item in items if (each := text(item, "videos", 100))))
        if not ids:
            raise refused("videos", "must be the ids of the videos")
        return cls(ids, tags_of(fields.get("tags")))


async def add_tags(uow: UnitOfWork, organisation_id: str, change: TagChange) -> None:
    """Raises NotFound when one of the videos is not there, InvalidInput when one would have too many tags.

    The caller commits.
    """
    if not change.tags:
        raise refused("tags", "must be the tags to add")
    for video in await _videos(uow, organisation_id, change.video_ids):
        tags = list(dict.fromkeys([*video.tags, *change.tags]))
        if len(tags) > MOST_TAGS:
            raise too_many("tags")
        video.tags = tags


async def replace_tags(uow: UnitOfWork, organisation_id: str, change: TagChange) -> None:
    """No tags: the videos have none then. Raises NotFound when one of the videos is not there. The caller commits."""
    for video in await _videos(uow, organisation_id, change.video_ids):
        video.tags = list(change.tags)


async def _videos(uow: UnitOfWork, organisation_id: str, video_ids: tuple[str, ...]) -> Sequence[Video]:
    found = await uow.catalogue.lock_all(organisation_id, [each for each in video_ids if is_hex_id(each)])
    if len(found) < len(video_ids):
        raise NotFound("There is no such video.")
    return found
