"""Remux a source that cannot be seeked exactly, once, before its chunks are cut."""

from __future__ import annotations

from core.adapters.ffmpeg.arguments_join import index_command
from core.adapters.ffmpeg.errors import ToolFailed
from core.adapters.ffmpeg.limits import MEBIBYTE, Limits
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.media.plan import EncodingPlan
from core.domain.progress import Report, StepProgress
from core.services.media.source_file import link_original, rejected
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.transcode_chunk import video_plan
from core.services.media.transfer import store, stored

_OUTPUT = "source.mkv"


async def index_source(tools: MediaTools, target: VersionRef, report: Report) -> None:
    """Store the planned video stream as Matroska with cues. Nothing to do when the plan does not ask for it.

    Raises VideoRejected (CORRUPT); ToolError and StorageUnavailable are worth another try.
    """
    plan = await load_plan(tools.storage, target)
    key = object_keys.indexed_source(target)
    if not plan.index_source or await stored(tools, key):
        return
    async with tools.scratch.job() as job:
        source = await link_original(tools, target, plan, job, report)
        size = (job.path / source.name).stat().st_size
        try:
            await tools.runner.run(
                index_command(video_plan(plan).stream, source, _OUTPUT),
                job,
                limits=Limits(file_bytes=2 * size + 64 * MEBIBYTE, cpu_seconds=300 + int(plan.duration)),
                on_progress=lambda reading: report(_progress(reading.out_time, plan)),
            )
        except ToolFailed as error:
            raise rejected(error) from error
        await store(tools, key, job.path / _OUTPUT, "video/x-matroska", report, StepProgress(0.9, note="storing"))


def _progress(out_time: float, plan: EncodingPlan) -> StepProgress:
    return StepProgress(min(0.9, out_time / max(plan.duration, 0.001)), note="indexing the source")
