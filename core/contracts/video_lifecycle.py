"""Messages of the workflows that replace and delete a video."""

from __future__ import annotations

from dataclasses import dataclass

from core.contracts.version_ref import VersionRef


@dataclass(frozen=True)
class ReplaceVideoInput:
    """`target` is the new version; `previous` the published one it takes over from."""

    target: VersionRef
    previous: VersionRef
    window: int = 8


@dataclass(frozen=True)
class DeleteVideoInput:
    """`versions` lists every version that may own objects. `immediately` ends running sessions instead of waiting."""

    organisation_id: str
    video_id: str
    versions: tuple[int, ...]
    immediately: bool = False

    def targets(self) -> tuple[VersionRef, ...]:
        return tuple(VersionRef(self.organisation_id, self.video_id, version) for version in self.versions)


@dataclass(frozen=True)
class SessionsInput:
    """Which version's sessions to wait for."""

    target: VersionRef


@dataclass(frozen=True)
class SessionsResult:
    """Seconds until the last open session of the version has expired; 0 when none is left."""

    seconds_left: float
