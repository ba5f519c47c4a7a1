"""Bodies of the upload routes. Sizes in bytes, times in seconds."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from api.schemas.text import CleanText, Strict
from core.domain.media.plan import ProtectionScheme
from core.domain.video import VideoState


class SourceFileIn(Strict):
    """What you are about to send. `sha256` is optional; when given, another content is refused."""

    filename: Annotated[CleanText, Field(min_length=1, max_length=500)]
    size: int = Field(ge=0, le=2**53, strict=True)
    content_type: Annotated[CleanText, Field(max_length=200)] = "application/octet-stream"
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    scheme: ProtectionScheme | None = Field(default=None, description="How to encrypt it; the server has a default.")
    crypto_period_seconds: int | None = Field(
        default=None,
        strict=True,
        description="Change the content keys after so many seconds, 60 to 86400; by default they do not change.",
    )


class UploadIn(SourceFileIn):
    """A new video; without a title it gets the file's name."""

    title: Annotated[CleanText, Field(max_length=500)] = ""
    description: Annotated[CleanText, Field(max_length=10_000)] = ""


class UploadOut(BaseModel):
    """Cut the file into `part_count` parts of `part_size` bytes, the last one shorter; an empty file is one part."""

    video_id: str
    version: int
    part_size: int
    part_count: int


class PartsIn(Strict):
    parts: list[Annotated[int, Field(ge=1, le=10_000, strict=True)]] = Field(
        min_length=1, max_length=1000, description="Part numbers, counted from 1."
    )


class PartOut(BaseModel):
    """PUT `size` bytes to `url`, without other headers; repeat as often as needed."""

    number: int
    size: int
    url: str


class PartsOut(BaseModel):
    parts: list[PartOut]
    expires_in: int


class CompletedOut(BaseModel):
    video_id: str
    version: int
    status: VideoState
