"""Putting a version's source into a job's directory, and saying how ffmpeg may open it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.adapters.ffmpeg.arguments import Source
from core.adapters.ffmpeg.errors import ToolFailed
from core.adapters.scratch import Job
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.magic import HEAD_BYTES, MATROSKA, identify
from core.domain.media.plan import EncodingPlan
from core.domain.progress import Report, StepProgress
from core.services.media.tools import MediaTools
from core.services.media.transfer import fetch

_NAME = "source"

#: ffmpeg's words for content that it cannot work with; our own mistakes in a command read differently.
_CONTENT_MARKS = (
    "Invalid data found when processing input",
    "Cannot determine format of input stream",
    "Could not find codec parameters",
    "matches no streams",
    "does not contain any stream",
    "Error while decoding stream",
    "Output file is empty",
)


async def link_original(tools: MediaTools, target: VersionRef, plan: EncodingPlan, job: Job, report: Report) -> Source:
    """The upload itself, restricted to the demuxers of what its first bytes are. Raises VideoRejected as `identify`."""
    path = await fetch(tools, object_keys.original(target), report, StepProgress(0.0, note="fetching the source"))
    head, size = await asyncio.to_thread(_head, path)
    job.link(path, _NAME)
    return Source(_NAME, identify(head, size).demuxers, tools.max_pixels, start=plan.source_start)


async def link_source(tools: MediaTools, target: VersionRef, plan: EncodingPlan, job: Job, report: Report) -> Source:
    """What chunks are cut from: the original, or its seekable remux where the plan asks for one."""
    if plan.index_source:
        return await _link_indexed(tools, target, job, report)
    return await link_original(tools, target, plan, job, report)


async def _link_indexed(tools: MediaTools, target: VersionRef, job: Job, report: Report) -> Source:
    """The seekable remux that `index_source` made; it holds the planned video stream only."""
    path = await fetch(tools, object_keys.indexed_source(target), report, StepProgress(0.0, note="fetching the source"))
    job.link(path, _NAME)
    return Source(_NAME, MATROSKA.demuxers, tools.max_pixels, indexed=True)


def rejected(error: ToolFailed) -> Exception:
    """The source's fault when ffmpeg's words say so; otherwise the error itself, to be tried again."""
    if any(mark in error.tail for mark in _CONTENT_MARKS):
        return VideoRejected(FailureCode.CORRUPT, str(error))
    return error


def _head(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES), path.stat().st_size
