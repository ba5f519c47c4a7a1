"""VdoCipher's video object, and its lists (docs server/videomanagement)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from core.domain.failures import FailureCode
from core.domain.video import VideoState
from core.services.videos.catalogue import CatalogueEntry, CataloguePage, Poster

Status = Literal["PRE-Upload", "Queued", "Processing", "ready", "Encoding error", "Not a media file"]

_STATUS: Mapping[VideoState, Status] = {
    VideoState.PRE_UPLOAD: "PRE-Upload",
    VideoState.QUEUED: "Queued",
    VideoState.PROCESSING: "Processing",
    VideoState.READY: "ready",
}
_NOT_MEDIA = frozenset({FailureCode.NOT_A_VIDEO, FailureCode.EMPTY})


class PosterOut(BaseModel):
    width: int
    height: int
    posterUrl: str  # noqa: N815 - VdoCipher's name, like the others below


class CompatibleVideo(BaseModel):
    """Never with a key `message`: clients take that for an error.

    `public`, `ipGeoRules` and `whitelisthref` are what VdoCipher's clients read; here such rules belong to OTPs.
    """

    id: str
    title: str
    description: str
    upload_time: int = Field(description="Unix seconds.")
    length: int = Field(description="Seconds; 0 until it is known.")
    status: Status
    public: int = 0
    ipGeoRules: list[Any] | None = None  # noqa: N815
    whitelisthref: str | None = None
    posters: list[PosterOut]
    poster: str | None = Field(description="Address of the largest poster.")
    tags: list[str]
    totalSizeBytes: int  # noqa: N815


class CompatibleVideos(BaseModel):
    """`count` is the total of all pages."""

    count: int
    rows: list[CompatibleVideo]


class Message(BaseModel):
    """Clients compare it, letter by letter."""

    message: str


class DeletedOut(Message):
    code: int = 200


def poster_url(public_url: str, poster: Poster) -> str:
    """For ever, and for everybody who knows it."""
    return f"{public_url}/posters/{poster.video_id}/{poster.number}.jpg"


def compatible_video(entry: CatalogueEntry, public_url: str) -> CompatibleVideo:
    posters = [
        PosterOut(width=poster.width, height=poster.height, posterUrl=poster_url(public_url, poster))
        for poster in entry.posters
    ]
    return CompatibleVideo(
        id=entry.id,
        title=entry.title,
        description=entry.description,
        upload_time=int(entry.created_at.timestamp()),
        length=entry.duration or 0,
        status=compatible_status(entry.status, entry.failure_code),
        posters=posters,
        poster=posters[0].posterUrl if posters else None,
        tags=list(entry.tags),
        totalSizeBytes=entry.size,
    )


def compatible_videos(page: CataloguePage, public_url: str) -> CompatibleVideos:
    return CompatibleVideos(count=page.total, rows=[compatible_video(entry, public_url) for entry in page.entries])


def compatible_status(state: VideoState, failure_code: str | None) -> Status:
    """VdoCipher's spelling. What ended without a video, cancelled or failed, is an encoding error there."""
    if state is VideoState.FAILED and failure_code in _NOT_MEDIA:
        return "Not a media file"
    return _STATUS.get(state, "Encoding error")
