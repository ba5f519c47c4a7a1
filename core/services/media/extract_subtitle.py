"""Turn one embedded text track into WebVTT."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.adapters.ffmpeg.arguments_audio import subtitle_command
from core.adapters.ffmpeg.errors import OutputTooLarge, ToolFailed
from core.adapters.ffmpeg.limits import MEBIBYTE, Limits
from core.contracts import object_keys
from core.contracts.publish_video import TrackResult
from core.contracts.version_ref import VersionRef
from core.domain.errors import NotFound
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.cues import NO_CUES, clean_cues
from core.domain.media.plan import EncodingPlan, SubtitlePlan
from core.domain.media.subtitles import empty_subtitle
from core.domain.progress import Report, StepProgress
from core.ports import ObjectStat
from core.services.media.source_file import link_original, rejected
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.transfer import store, stored

_OUTPUT = "subtitle.vtt"
#: A whole day of speech is below 2 MB of text.
_MAX_BYTES = 10 * MEBIBYTE


async def extract_subtitle(tools: MediaTools, target: VersionRef, name: str, report: Report) -> TrackResult:
    """Write the plan's subtitle `name` to `mezzanine/<name>.vtt`, timed from the title's start like the video.

    Raises NotFound, VideoRejected (CORRUPT, also for more than 10 MB); the rest is worth another try.
    """
    encoding = await load_plan(tools.storage, target)
    plan = _subtitle_plan(encoding, name)
    key = object_keys.mezzanine(target, f"{name}.vtt")
    if former := await stored(tools, key):
        return _result(encoding, plan, former, reused=True)
    async with tools.scratch.job() as job:
        source = await link_original(tools, target, encoding, job, report)
        try:
            await tools.runner.run(
                subtitle_command(plan, source, _OUTPUT),
                job,
                limits=Limits(file_bytes=_MAX_BYTES, cpu_seconds=600 + int(encoding.duration)),
                on_progress=lambda reading: report(StepProgress(0.5, speed=reading.speed, note=name)),
            )
        except OutputTooLarge as error:
            raise VideoRejected(FailureCode.CORRUPT, f"{name} has more than {_MAX_BYTES} bytes of text") from error
        except ToolFailed as error:
            raise rejected(error) from error
        await asyncio.to_thread(_clean, job.path / _OUTPUT, encoding.duration)
        stat = await store(tools, key, job.path / _OUTPUT, "text/vtt", report, StepProgress(0.9, note="storing"))
    return _result(encoding, plan, stat, reused=False)


def _result(encoding: EncodingPlan, plan: SubtitlePlan, stored: ObjectStat, *, reused: bool) -> TrackResult:
    """A stored track says for itself whether it is empty, so a repeated step warns like the first one."""
    warnings = (empty_subtitle(plan.stream),) if stored.size <= len(NO_CUES) else ()
    return TrackResult(plan.name, encoding.duration, stored.size, reused, warnings)


def _clean(path: Path, duration: float) -> None:
    path.write_text(clean_cues(path.read_text("utf-8", "replace"), duration), "utf-8")


def _subtitle_plan(plan: EncodingPlan, name: str) -> SubtitlePlan:
    found = next((track for track in plan.subtitles if track.name == name), None)
    if found is None:
        raise NotFound(f"The plan has no subtitle track {name}.")
    return found
