"""Files beside a video's versions."""

from __future__ import annotations

from enum import StrEnum


class FileKind(StrEnum):
    CAPTION = "caption"
    POSTER = "poster"
