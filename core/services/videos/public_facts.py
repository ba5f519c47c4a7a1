"""What anybody may know of a published video whose id they have."""

from __future__ import annotations

from dataclasses import dataclass

from core.contracts.version_ref import VersionRef
from core.db.models import VideoVariant
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.services.videos.catalogue import Poster, read_entry


@dataclass(frozen=True)
class PublicFacts:
    """`duration` in whole seconds; `aspect_ratio` is width by height, None without a picture."""

    title: str
    duration: int
    aspect_ratio: float | None
    posters: tuple[Poster, ...]


async def public_facts(uow: UnitOfWork, video_id: str) -> PublicFacts:
    """Raises NotFound, also for a video that has nothing to play."""
    organisation_id = await uow.videos.owner_of(video_id)
    if organisation_id is None:
        raise NotFound("There is no such video.")
    entry = await read_entry(uow, organisation_id, video_id)
    if entry.current_version is None:
        raise NotFound("There is no such video.")
    variants = await uow.variants.of_version(VersionRef(organisation_id, video_id, entry.current_version))
    ratio = next((_ratio(each) for each in variants if each.width and each.height), None)
    return PublicFacts(entry.title, entry.duration or 0, ratio, entry.posters)


def _ratio(variant: VideoVariant) -> float:
    return round((variant.width or 0) / (variant.height or 1), 4)
