"""The clear tracks of a version, as the packager takes them and as verification compares with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.adapters.packager.layout import folder, input_file
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.media.plan import EncodingPlan, KeyLabel, SubtitlePlan
from core.services.media.tools import MediaTools


@dataclass(frozen=True)
class Track:
    """One track to protect. `kind` is "video" or "audio"; `name` is unique among the tracks of its kind."""

    kind: str
    name: str
    label: KeyLabel

    @property
    def folder(self) -> str:
        """Where it is published, relative to the version's prefix."""
        return folder(self.kind, self.name)


def protected_tracks(plan: EncodingPlan) -> tuple[Track, ...]:
    """Video and audio tracks of the plan, in its order; text is published in the clear."""
    renditions = plan.video.renditions if plan.video else ()
    video = tuple(Track("video", rendition.name, rendition.label) for rendition in renditions)
    return video + tuple(Track("audio", track.name, KeyLabel.AUDIO) for track in plan.audio)


async def fetch_track(tools: MediaTools, target: VersionRef, track: Track) -> Path:
    """Local copy of a track's mezzanine. Raises ObjectNotFound, StorageUnavailable."""
    return await tools.cache.fetch(track_key(target, track))


def track_key(target: VersionRef, track: Track) -> str:
    return object_keys.mezzanine(target, f"{track.name}.mp4")


async def fetch_subtitle(tools: MediaTools, target: VersionRef, subtitle: SubtitlePlan) -> Path:
    """Local copy of a subtitle's WebVTT. Raises ObjectNotFound, StorageUnavailable."""
    return await tools.cache.fetch(subtitle_key(target, subtitle))


def subtitle_key(target: VersionRef, subtitle: SubtitlePlan) -> str:
    return object_keys.mezzanine(target, f"{subtitle.name}.vtt")


async def subtitles_with_cues(tools: MediaTools, target: VersionRef, plan: EncodingPlan) -> tuple[SubtitlePlan, ...]:
    """Subtitles worth publishing: the packager fails on a file without a cue, and viewers gain nothing from one."""
    found = []
    for subtitle in plan.subtitles:
        path = await fetch_subtitle(tools, target, subtitle)
        if b"-->" in path.read_bytes():
            found.append(subtitle)
    return tuple(found)


def job_name(track: Track) -> str:
    """What a track's file is called inside a packaging job."""
    return input_file(track.kind, track.name)
