"""Decrypt what was published with our own code, and compare it with the mezzanine before anyone may watch it."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

from core.adapters.isobmff.fragments import read_fragments
from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.packager.layout import folder
from core.contracts.publish_video import VerificationResult
from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey, kids_by_period
from core.domain.drm.counter_ranges import CounterRanges
from core.domain.drm.verification import VerificationFailed
from core.domain.media.crypto_periods import CryptoPeriods
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.progress import Report
from core.services.keys.required_keys import required_keys
from core.services.keys.store import ContentKeySource
from core.services.media.mezzanines import Track, fetch_track, protected_tracks, subtitles_with_cues
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.verification.crypto_periods import TrackComparison, TrackProtection, check_shown
from core.services.media.verification.headers import check_header
from core.services.media.verification.manifests import DashTrack
from core.services.media.verification.progress import SegmentProgress, naming
from core.services.media.verification.published import Published, check_manifests
from core.services.media.verification.samples import SampleComparison
from core.services.media.verify_whole_segments import verify_whole_segments


async def verify_version(
    tools: MediaTools, keys: ContentKeySource, target: VersionRef, report: Report
) -> VerificationResult:
    """Read every published object back from storage. Memory stays below a few segments however long the title is.

    Raises VerificationFailed naming the place; KeyUnavailable, StorageUnavailable and ObjectNotFound (a mezzanine is
    gone) when no verdict was possible.
    """
    plan = await load_plan(tools.storage, target)
    used = await required_keys(keys, target, plan)
    tracks = protected_tracks(plan)
    text = [folder("text", track.name) for track in await subtitles_with_cues(tools, target, plan)]
    if plan.scheme is ProtectionScheme.AES128:
        return await verify_whole_segments(tools, used, target, tracks, text, report)
    published = Published(tools.storage, target)
    protected = {track.folder: used[track.label] for track in tracks}
    shown = await check_manifests(published, protected, text)
    progress = SegmentProgress(report, sum(len(track.segments) for track in shown.values()))
    verification = _Verification(published, plan.crypto_periods, used, progress)
    for track in tracks:
        mezzanine = await fetch_track(tools, target, track)
        await verification.track(track, shown[track.folder], mezzanine)
    for place in text:
        await verification.text(shown[place])
    verification.check_counters()
    return VerificationResult(tracks=len(tracks) + len(text), samples=verification.samples)


class _Verification:
    def __init__(
        self,
        published: Published,
        periods: CryptoPeriods,
        keys: Mapping[KeyLabel, ContentKey],
        progress: SegmentProgress,
    ) -> None:
        self.samples = 0
        self._published = published
        self._periods = periods
        self._keys = keys
        self._kids = kids_by_period(keys.values())
        self._progress = progress
        self._counters: dict[tuple[KeyLabel, int], CounterRanges] = {}

    async def track(self, track: Track, shown: DashTrack, path: Path) -> None:
        """One protected track against its mezzanine."""
        with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as mezzanine:
            comparison = await self._begin(track, shown, mezzanine)
            async with aclosing(self._published.read_ahead(shown.segments)) as segments:
                async for name, data in segments:
                    with naming(name):
                        # In a thread: heartbeats go on while a large segment is decrypted.
                        await asyncio.to_thread(comparison.segment, data)
                    self._progress.step(name)
            with naming(track.folder):
                comparison.finish()
        self.samples += comparison.samples

    async def _begin(self, track: Track, shown: DashTrack, mezzanine: mmap.mmap) -> TrackComparison:
        key = self._keys[track.label]
        data = await self._published.read(shown.init)
        with naming(shown.init):
            init = read_init_segment(data)
            encryption = check_header(init, read_init_segment(mezzanine), key, self._kids[0])
            check_shown(init, shown)
        counters = [self._counters.setdefault((key.label, n), CounterRanges()) for n in range(len(key.periods))]
        protection = TrackProtection(encryption, key, self._kids, counters)
        return TrackComparison(SampleComparison(init, mezzanine), init, self._periods, protection, shown)

    async def text(self, shown: DashTrack) -> None:
        """Subtitles are published in the clear, in two forms: WebVTT in MP4 for DASH, plain files for HLS."""
        data = await self._published.read(shown.init)
        with naming(shown.init):
            init = read_init_segment(data)
            if [entry.coding for entry in init.entries] != ["wvtt"]:
                raise VerificationFailed("not a WebVTT track")
        for name in shown.segments:
            fragment = await self._published.read(name)
            plain = await self._published.read(name.removesuffix(".m4s") + ".vtt")
            with naming(name):
                self.samples += sum(1 for _ in read_fragments(fragment, init))
                if not plain.startswith(b"WEBVTT"):
                    raise VerificationFailed("its plain form is not WebVTT")
            self._progress.step(name)

    def check_counters(self) -> None:
        """Over all tracks of a key: a counter used twice gives away the difference of two plaintexts."""
        for (label, _), counters in self._counters.items():
            if counters.overlap():
                raise VerificationFailed(f"an IV was used twice under the key of label {label}")
