"""The clear tracks of a published version, out of what players fetch: mezzanines are removed after publication."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

from core.adapters.packager.layout import folder
from core.adapters.scratch import Job
from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import EncodingPlan, SubtitlePlan
from core.domain.media.segmented_cues import joined_cues
from core.domain.progress import Report, StepProgress
from core.services.keys.required_keys import required_keys
from core.services.keys.store import ContentKeySource
from core.services.media.copy_pictures import copy_pictures
from core.services.media.frame_faults import frame_faults
from core.services.media.mezzanines import Track, protected_tracks, subtitle_key, track_key
from core.services.media.published_tracks import published_folders, published_text, published_track
from core.services.media.regained_track import RegainedTrack
from core.services.media.tools import MediaTools
from core.services.media.transfer import reporting, store, stored
from core.services.media.verification.progress import naming
from core.services.media.verification.published import Published

_TRACKS_SHARE = 0.95
"""Of the step's progress; the rest is the pictures."""


async def regain_tracks(
    tools: MediaTools,
    keys: ContentKeySource,
    target: VersionRef,
    previous: VersionRef,
    plan: EncodingPlan,
    report: Report,
) -> None:
    """Write the mezzanines of `target` that are not stored yet, out of `previous`, which was published by `plan`.

    Nothing is encoded: samples, times and decoder configuration are those of `previous`. Pictures are copied. Raises
    VerificationFailed when what is published is not whole; KeyUnavailable, StorageUnavailable: try again.
    """
    used = await required_keys(keys, previous, plan)
    published = Published(tools.storage, previous)
    folders = await published_folders(published)
    # A subtitle without cues is in the plan but was not published.
    regaining = _Regaining(tools, target, plan, published, len(folders), report)
    for track in protected_tracks(plan):
        await regaining.track(track, used[track.label])
    for subtitle in plan.subtitles:
        await regaining.subtitle(subtitle, shown=folder("text", subtitle.name) in folders)
    await copy_pictures(tools.storage, previous, target)


class _Regaining:
    def __init__(
        self,
        tools: MediaTools,
        target: VersionRef,
        plan: EncodingPlan,
        published: Published,
        tracks: int,
        report: Report,
    ) -> None:
        self._tools = tools
        self._target = target
        self._plan = plan
        self._published = published
        self._tracks = tracks
        self._report = report
        self._done = 0.0

    async def track(self, track: Track, key: ContentKey) -> None:
        target_key, before = track_key(self._target, track), self._done
        if not await stored(self._tools, target_key):
            async with self._tools.scratch.job() as job:
                path = await self._decrypt(track, key, job)
                await self._check(track, path)
                media_type = f"{track.kind}/mp4"
                await store(self._tools, target_key, path, media_type, self._report, self._progress(track.folder))
        self._done = before + 1

    async def _decrypt(self, track: Track, key: ContentKey, job: Job) -> Path:
        shown = await published_track(self._published, track.folder, key)
        header = await self._published.read(shown.init)
        path = job.path / "track.mp4"
        with path.open("wb") as out:
            with naming(shown.init):
                regained = RegainedTrack(header, key, out, shown.iv)
            async with aclosing(self._published.read_ahead(shown.segments)) as segments:
                async for name, data in segments:
                    with naming(name):
                        await asyncio.to_thread(regained.segment, data)
                    self._step(name, len(shown.segments))
            with naming(track.folder):
                await asyncio.to_thread(regained.finish)
        return path

    async def _check(self, track: Track, path: Path) -> None:
        """No frame was lost on the way. Sound has no grid; its times were followed sample by sample."""
        if self._plan.video is None or track.kind != "video":
            return
        with naming(track.folder):
            checking = asyncio.to_thread(frame_faults, path, self._plan.video)
            faults = await reporting(checking, self._report, self._progress(track.folder))
        if faults:
            raise VerificationFailed(f"{track.folder}: {', '.join(faults)}")

    async def subtitle(self, subtitle: SubtitlePlan, *, shown: bool) -> None:
        """One that was not published has no cues, and is empty again."""
        key, before = subtitle_key(self._target, subtitle), self._done
        if not await stored(self._tools, key):
            names = await published_text(self._published, folder("text", subtitle.name)) if shown else ()
            texts = []
            for name in names:
                texts.append(await self._published.read_text(name))
                self._step(name, len(names))
            await self._tools.storage.put_bytes(key, joined_cues(texts).encode(), "text/vtt")
        self._done = before + shown

    def _step(self, name: str, of: int) -> None:
        """One of the track's segments is done; tracks count alike, however long they are."""
        self._done += 1 / of
        self._report(self._progress(name))

    def _progress(self, note: str) -> StepProgress:
        return StepProgress(_TRACKS_SHARE * self._done / max(1, self._tracks), note=note)
