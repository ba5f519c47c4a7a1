"""Join the chunks to one clear file per rendition, and prove that nothing was lost or moved on the way."""

from __future__ import annotations

import asyncio

from core.adapters.ffmpeg.arguments_join import concat_script, join_command
from core.adapters.ffmpeg.decoder_configuration import decoder_configurations
from core.adapters.ffmpeg.limits import MEBIBYTE, Limits
from core.adapters.scratch import Job
from core.contracts import object_keys
from core.contracts.publish_video import AssemblyResult
from core.contracts.version_ref import VersionRef
from core.domain.media.plan import Rendition, VideoPlan
from core.domain.progress import Report, StepProgress
from core.services.media.frame_faults import frame_faults
from core.services.media.side_by_side import side_by_side
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.transcode_chunk import video_plan
from core.services.media.transfer import fetch, reporting, store, stored

_SCRIPT = "chunks.ffconcat"


class AssemblyMismatch(Exception):
    """Chunks do not fit together: not from one encoder, or not on the planned grid."""


async def assemble(tools: MediaTools, target: VersionRef, report: Report) -> AssemblyResult:
    """Write `mezzanine/<rendition>.mp4` for every rendition that is not stored yet.

    Raises AssemblyMismatch, ObjectNotFound (a chunk is missing); ToolError and StorageUnavailable: try again.
    """
    video = video_plan(await load_plan(tools.storage, target))
    sizes: dict[str, int] = {}
    for rendition in video.renditions:
        if former := await stored(tools, _key(target, rendition)):
            sizes[rendition.name] = former.size
    missing = [(track, r) for track, r in enumerate(video.renditions) if r.name not in sizes]
    if missing:
        sizes |= await _join(tools, target, video, missing, report)
    return AssemblyResult(
        frames=video.total_frames,
        duration=float(video.frame_rate.seconds(video.total_frames)),
        size=sum(sizes.values()),
    )


async def _join(
    tools: MediaTools, target: VersionRef, video: VideoPlan, missing: list[tuple[int, Rendition]], report: Report
) -> dict[str, int]:
    async with tools.scratch.job() as job:
        total = await _link_chunks(tools, target, video, job, report)
        command = join_command(video, missing, _SCRIPT)
        limits = Limits(file_bytes=total + 64 * MEBIBYTE, open_files=256)
        joining = StepProgress(0.4, note="joining chunks")
        await tools.runner.run(command, job, limits=limits, on_progress=lambda _: report(joining))
        stored = _Storing(tools, target, video, job, report)
        return dict(await side_by_side(stored.rendition(rendition, len(missing)) for _, rendition in missing))


async def _link_chunks(tools: MediaTools, target: VersionRef, video: VideoPlan, job: Job, report: Report) -> int:
    """Put chunks and script into the job; return the chunks' size in bytes."""
    names: list[str] = []
    total = 0
    first: tuple[bytes, ...] | None = None
    for chunk in video.chunks:
        progress = StepProgress(0.4 * chunk.index / len(video.chunks), note="fetching chunks")
        path = await fetch(tools, object_keys.chunk(target, chunk.index), report, progress)
        names.append(f"chunk-{chunk.index:05d}.mp4")
        job.link(path, names[-1])
        total += path.stat().st_size
        configurations = await asyncio.to_thread(decoder_configurations, path)
        if configurations != (first := first or configurations):
            raise AssemblyMismatch(f"chunk {chunk.index} was encoded with other parameter sets than chunk 0")
    (job.path / _SCRIPT).write_text(concat_script(video.chunks, names, video.frame_rate))
    return total


class _Storing:
    """Checks and stores renditions; several at once, because most of it is waiting for the object store."""

    def __init__(self, tools: MediaTools, target: VersionRef, video: VideoPlan, job: Job, report: Report) -> None:
        self._tools = tools
        self._target = target
        self._video = video
        self._job = job
        self._report = report
        self._done = 0

    async def rendition(self, rendition: Rendition, of: int) -> tuple[str, int]:
        """Its name and size in bytes. Raises AssemblyMismatch."""
        path = self._job.path / f"{rendition.name}.mp4"
        progress = StepProgress(0.5 + 0.5 * self._done / of, note=rendition.name)
        faults = await reporting(asyncio.to_thread(frame_faults, path, self._video), self._report, progress)
        if faults:
            raise AssemblyMismatch(f"{rendition.name}: {', '.join(faults)}")
        stat = await store(self._tools, _key(self._target, rendition), path, "video/mp4", self._report, progress)
        self._done += 1
        return rendition.name, stat.size


def _key(target: VersionRef, rendition: Rendition) -> str:
    return object_keys.mezzanine(target, f"{rendition.name}.mp4")
