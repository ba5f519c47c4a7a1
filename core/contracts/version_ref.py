"""The name of one version of one video, carried by every message about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VersionRef:
    """Ids are lower-case hex UUIDs without dashes; versions count from 1."""

    organisation_id: str
    video_id: str
    version: int
