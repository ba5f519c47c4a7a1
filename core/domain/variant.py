"""A track of a published video, as it is listed for owners and chosen by players."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class VariantKind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"


@dataclass(frozen=True)
class Variant:
    """`name` is the track in the plan; `prefix` holds its objects; bytes, pixels, bits per second."""

    kind: VariantKind
    name: str
    prefix: str
    size: int = 0
    width: int | None = None
    height: int | None = None
    bitrate: int | None = None
    codec: str | None = None
    frame_rate: str | None = None
    language: str | None = None
