"""Encode one chunk in all renditions, check it, store it. Safe to repeat: a stored chunk is left as it is."""

from __future__ import annotations

import asyncio

from core.adapters.ffmpeg.arguments_video import chunk_command
from core.adapters.ffmpeg.display_matrix import clear_display_matrix
from core.adapters.ffmpeg.errors import ToolFailed
from core.adapters.ffmpeg.limits import Limits, encode_limits
from core.adapters.ffmpeg.progress import Reading
from core.adapters.isobmff.frame_times import frame_counts
from core.adapters.scratch import Job
from core.contracts import object_keys
from core.contracts.publish_video import ChunkResult
from core.contracts.version_ref import VersionRef
from core.domain.errors import InvalidInput
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.plan import Chunk, EncodingPlan, VideoPlan
from core.domain.media.rungs import largest_first
from core.domain.progress import Report, StepProgress
from core.services.media.source_file import link_source, rejected
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.transfer import store, stored

_OUTPUT = "chunk.mp4"
_ENCODED = 0.97
"""Share of a chunk's progress that is encoding; the rest is checking and storing."""


async def transcode_chunk(tools: MediaTools, target: VersionRef, index: int, report: Report) -> ChunkResult:
    """Encode chunk `index` of the stored plan.

    Raises VideoRejected CORRUPT or TRUNCATED when the source does not give the planned frames; ToolError and
    StorageUnavailable are worth another try.
    """
    plan = await load_plan(tools.storage, target)
    video = video_plan(plan)
    chunk = video.chunks[index]
    key = object_keys.chunk(target, index)
    if former := await stored(tools, key):
        return ChunkResult(index, chunk.frames, former.size, reused=True)
    async with tools.scratch.job() as job:
        source = await link_source(tools, target, plan, job, report)
        command = chunk_command(video, chunk, source, _OUTPUT)
        try:
            done = await tools.runner.run(
                command,
                job,
                limits=_limits(plan, video, chunk),
                on_progress=lambda reading: report(_progress(reading, video, chunk)),
            )
        except ToolFailed as error:
            raise rejected(error) from error
        await asyncio.to_thread(clear_display_matrix, job.path / _OUTPUT)
        await _check_frames(job, video, chunk)
        stat = await store(tools, key, job.path / _OUTPUT, "video/mp4", report, StepProgress(_ENCODED, note="storing"))
    return ChunkResult(index, chunk.frames, stat.size, reused=False, decode_errors=done.stderr_lines)


def video_plan(plan: EncodingPlan) -> VideoPlan:
    """The plan's video. Raises InvalidInput for an audio-only version."""
    if plan.video is None:
        raise InvalidInput("The version has no video to encode.")
    return plan.video


async def _check_frames(job: Job, video: VideoPlan, chunk: Chunk) -> None:
    """Every rendition must have exactly the planned frames, whatever ffmpeg's exit code says."""
    counts = await asyncio.to_thread(frame_counts, job.path / _OUTPUT)
    if counts == [chunk.frames] * len(video.renditions):
        return
    failure = FailureCode.TRUNCATED if chunk == video.chunks[-1] else FailureCode.CORRUPT
    raise VideoRejected(failure, f"chunk {chunk.index} should have {chunk.frames} frames and has {counts}")


def _limits(plan: EncodingPlan, video: VideoPlan, chunk: Chunk) -> Limits:
    bits = sum(rendition.max_bitrate for rendition in video.renditions)
    return encode_limits(float(video.frame_rate.seconds(chunk.frames)), plan.duration, video.source_pixels, bits)


def _progress(reading: Reading, video: VideoPlan, chunk: Chunk) -> StepProgress:
    ordered = largest_first(video.renditions)
    rungs = f"{ordered[0].name} to {ordered[-1].name}"
    return StepProgress(
        fraction=min(1.0, reading.frame / chunk.frames) * _ENCODED,
        fps=reading.fps,
        speed=reading.speed,
        note=f"chunk {chunk.index + 1} of {len(video.chunks)}, {rungs}",
    )
