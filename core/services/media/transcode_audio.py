"""Encode one audio track, whole: chunks would have encoder priming at every joint."""

from __future__ import annotations

from core.adapters.ffmpeg.arguments import Source
from core.adapters.ffmpeg.arguments_audio import audio_command
from core.adapters.ffmpeg.arguments_count import duration_command
from core.adapters.ffmpeg.errors import ToolFailed
from core.adapters.ffmpeg.limits import encode_limits
from core.adapters.ffmpeg.progress import Reading
from core.adapters.scratch import Job
from core.contracts import object_keys
from core.contracts.publish_video import TrackResult
from core.contracts.version_ref import VersionRef
from core.domain.errors import NotFound
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.plan import AudioPlan, EncodingPlan
from core.domain.progress import Report, StepProgress
from core.services.media.source_file import link_original, rejected
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.transfer import store, stored

_OUTPUT = "audio.mp4"
_MISSING_SECONDS = 1.0
_MISSING_SHARE = 0.05


async def transcode_audio(tools: MediaTools, target: VersionRef, name: str, report: Report) -> TrackResult:
    """Encode the plan's audio track `name` to `mezzanine/<name>.mp4`.

    Raises NotFound, VideoRejected (CORRUPT, TRUNCATED); ToolError and StorageUnavailable are worth another try.
    """
    encoding = await load_plan(tools.storage, target)
    plan = _audio_plan(encoding, name)
    key = object_keys.mezzanine(target, f"{name}.mp4")
    if former := await stored(tools, key):
        return TrackResult(name, plan.duration, former.size, reused=True)
    async with tools.scratch.job() as job:
        source = await link_original(tools, target, encoding, job, report)
        duration = await _encode(tools, job, plan, source, report)
        stat = await store(tools, key, job.path / _OUTPUT, "audio/mp4", report, StepProgress(0.97, note="storing"))
    return TrackResult(name, duration, stat.size, reused=False)


async def _encode(tools: MediaTools, job: Job, plan: AudioPlan, source: Source, report: Report) -> float:
    """Seconds encoded. First what the source has, alone: silence after it would hide that some did not decode."""
    for silence in (0.0, plan.silence) if plan.silence else (0.0,):
        try:
            await tools.runner.run(
                audio_command(plan, source, _OUTPUT, silence=silence),
                job,
                limits=encode_limits(plan.duration + silence, plan.duration, 0, plan.bitrate),
                on_progress=lambda reading: report(_progress(reading, plan)),
            )
        except ToolFailed as error:
            raise rejected(error) from error
        duration = await _checked_duration(tools, job, plan)
    return duration


def _audio_plan(plan: EncodingPlan, name: str) -> AudioPlan:
    found = next((track for track in plan.audio if track.name == name), None)
    if found is None:
        raise NotFound(f"The plan has no audio track {name}.")
    return found


async def _checked_duration(tools: MediaTools, job: Job, plan: AudioPlan) -> float:
    """Seconds that were really encoded. Packets that did not decode show as missing time."""
    done = await tools.runner.run(duration_command(_OUTPUT), job)
    text = done.stdout.decode().strip()
    duration = float(text) if text not in {"", "N/A"} else 0.0
    missing = plan.duration - duration
    if duration == 0 or missing > max(_MISSING_SECONDS, plan.duration * _MISSING_SHARE):
        raise VideoRejected(FailureCode.CORRUPT, f"{plan.name}: {duration:.3f} of {plan.duration:.3f} s decode")
    return duration


def _progress(reading: Reading, plan: AudioPlan) -> StepProgress:
    fraction = min(1.0, reading.out_time / plan.duration) if plan.duration else 0.0
    return StepProgress(fraction * 0.97, speed=reading.speed, note=plan.name)
