"""Change what a video is called and how it is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from core.db.unit_of_work import UnitOfWork
from core.domain.access.lenient_values import refused, text
from core.domain.tags import tags_of

LONGEST_TITLE = 500
_LONGEST_DESCRIPTION = 10_000


@dataclass(frozen=True)
class VideoChange:
    """None leaves as it is."""

    title: str | None = None
    description: str | None = None
    tags: tuple[str, ...] | None = None

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Self:
        """Of a request; unknown names are ignored. Raises InvalidInput."""
        title = text(fields.get("title"), "title", LONGEST_TITLE)
        if title is None and fields.get("title") is not None:
            raise refused("title", "must not be empty")
        description = fields.get("description")
        return cls(
            title=title,
            description=None if description is None else text(description, "description", _LONGEST_DESCRIPTION) or "",
            tags=None if fields.get("tags") is None else tags_of(fields["tags"]),
        )


async def update_video(uow: UnitOfWork, organisation_id: str, video_id: str, change: VideoChange) -> None:
    """Raises NotFound. The caller commits."""
    video = await uow.catalogue.lock(organisation_id, video_id)
    if change.title is not None:
        video.title = change.title
    if change.description is not None:
        video.description = change.description
    if change.tags is not None:
        video.tags = list(change.tags)
