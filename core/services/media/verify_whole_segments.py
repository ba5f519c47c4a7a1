"""Decrypt an AES-128 version with our own code, and compare it with the mezzanine before anyone may watch it."""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from core.adapters.isobmff.init_segment import read_init_segment
from core.contracts.publish_video import VerificationResult
from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import KeyLabel
from core.domain.progress import Report
from core.services.media.mezzanines import Track, fetch_track
from core.services.media.tools import MediaTools
from core.services.media.verification.headers import check_clear_header
from core.services.media.verification.progress import SegmentProgress, naming
from core.services.media.verification.published import Published
from core.services.media.verification.samples import SampleComparison
from core.services.media.verification.whole_segments import EncryptedPlaylist, check_playlists, opened


async def verify_whole_segments(
    tools: MediaTools,
    keys: Mapping[KeyLabel, ContentKey],
    target: VersionRef,
    tracks: Sequence[Track],
    text: Sequence[str],
    report: Report,
) -> VerificationResult:
    """`text` are the folders of subtitles. Raises as verify_version, which calls this."""
    published = Published(tools.storage, target)
    protected = {track.folder: keys[track.label] for track in tracks}
    shown, texts = await check_playlists(published, protected, text)
    count = sum(len(track.segments) for track in shown.values()) + sum(len(names) for names in texts.values())
    progress = SegmentProgress(report, count)
    samples = 0
    for track in tracks:
        mezzanine = await fetch_track(tools, target, track)
        samples += await _compare(published, shown[track.folder], protected[track.folder], mezzanine, progress)
    for names in texts.values():
        await _check_text(published, names, progress)
    return VerificationResult(tracks=len(tracks) + len(text), samples=samples)


async def _compare(
    published: Published, track: EncryptedPlaylist, key: ContentKey, path: Path, progress: SegmentProgress
) -> int:
    """Samples of the track, all of them those of its mezzanine."""
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as mezzanine:
        comparison = await _begin(published, track, mezzanine)
        async with aclosing(published.read_ahead(track.segments)) as segments:
            async for name, data in segments:
                with naming(name):
                    # In a thread: heartbeats go on while a large segment is decrypted.
                    await asyncio.to_thread(_segment, comparison, data, key, track.iv)
                progress.step(name)
        with naming(track.init):
            comparison.finish()
    return comparison.samples


async def _begin(published: Published, track: EncryptedPlaylist, mezzanine: mmap.mmap) -> SampleComparison:
    data = await published.read(track.init)
    with naming(track.init):
        init = read_init_segment(data)
        check_clear_header(init, read_init_segment(mezzanine))
        return SampleComparison(init, mezzanine)


def _segment(comparison: SampleComparison, data: bytes, key: ContentKey, iv: bytes) -> None:
    comparison.segment(opened(data, key.key, iv))


async def _check_text(published: Published, names: Sequence[str], progress: SegmentProgress) -> None:
    """Subtitles are published in the clear."""
    for name in names:
        if not (await published.read(name)).startswith(b"WEBVTT"):
            raise VerificationFailed(f"{name}: not WebVTT")
        progress.step(name)
