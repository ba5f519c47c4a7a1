"""Pictures for people: posters, and the sprites with their WebVTT that a seek bar shows."""

from __future__ import annotations

from core.adapters.ffmpeg.arguments_images import poster_command, sprites_command
from core.adapters.scratch import Job
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.media.plan import Rendition, StoryboardPlan, VideoPlan
from core.domain.media.rungs import largest_first
from core.domain.media.storyboard_cues import sprite_count, sprite_name, storyboard_cues
from core.domain.progress import Report, StepProgress
from core.services.media.side_by_side import side_by_side
from core.services.media.stored_plan import load_plan
from core.services.media.tools import MediaTools
from core.services.media.transcode_chunk import video_plan
from core.services.media.transfer import fetch, stored

FOLDER = "thumbnails/"
CUES = FOLDER + "storyboard.vtt"
POSTER = FOLDER + "poster.jpg"
SMALL_POSTER = FOLDER + "poster-480.jpg"

_POSTER_WIDTHS = {"poster.jpg": 1280, "poster-480.jpg": 480}
_POSTER_AT = 0.1
"""Share of the duration: past the black and the logos of most beginnings."""


async def make_storyboard(tools: MediaTools, target: VersionRef, report: Report) -> None:
    """Write pictures below `<published>/thumbnails/`; the WebVTT last, so that its presence means all is there.

    Raises ObjectNotFound before assembly; ToolError and StorageUnavailable are worth another try.
    """
    plan = await load_plan(tools.storage, target)
    prefix = object_keys.published_prefix(target)
    if plan.storyboard is None or await stored(tools, prefix + CUES):
        return
    video = video_plan(plan)
    async with tools.scratch.job() as job:
        await _link_renditions(tools, target, video, job, report)
        await side_by_side([_posters(tools, video, job, report), _sprites(tools, video, plan.storyboard, job, report)])
        report(StepProgress(0.8, note="storing pictures"))
        names = [*_POSTER_WIDTHS, *(sprite_name(index) for index in range(sprite_count(plan.storyboard)))]
        await side_by_side(
            tools.storage.put_file(prefix + FOLDER + name, job.path / name, "image/jpeg") for name in names
        )
    duration = float(video.frame_rate.seconds(video.total_frames))
    await tools.storage.put_bytes(prefix + CUES, storyboard_cues(plan.storyboard, duration).encode(), "text/vtt")


def poster_sizes(video: VideoPlan) -> dict[str, tuple[int, int]]:
    """Width and height of each poster, by its name within the folder."""
    top = largest_first(video.renditions)[0]
    return {name: _fitted(top, width) for name, width in _POSTER_WIDTHS.items()}


async def _link_renditions(tools: MediaTools, target: VersionRef, video: VideoPlan, job: Job, report: Report) -> None:
    """The largest, for posters, and the smallest, for sprites; there may be only one."""
    ordered = largest_first(video.renditions)
    for rendition in dict.fromkeys((ordered[0], ordered[-1])):
        key = object_keys.mezzanine(target, f"{rendition.name}.mp4")
        job.link(await fetch(tools, key, report, StepProgress(0.1, note="fetching renditions")), _file(rendition))


async def _posters(tools: MediaTools, video: VideoPlan, job: Job, report: Report) -> None:
    top = largest_first(video.renditions)[0]
    at = float(video.frame_rate.seconds(_poster_frame(video)))
    sizes = [(*size, name) for name, size in poster_sizes(video).items()]
    making = StepProgress(0.2, note="posters")
    await tools.runner.run(poster_command(_file(top), at, sizes), job, on_progress=lambda _: report(making))


def _poster_frame(video: VideoPlan) -> int:
    """The key frame nearest to the wanted instant, for it is the only frame to decode; any frame in a short video."""
    wanted = int(video.total_frames * _POSTER_AT)
    nearest = round(wanted / video.gop_frames) * video.gop_frames
    return nearest or wanted


async def _sprites(tools: MediaTools, video: VideoPlan, plan: StoryboardPlan, job: Job, report: Report) -> None:
    lowest = largest_first(video.renditions)[-1]
    making = StepProgress(0.5, note="storyboard")
    await tools.runner.run(
        sprites_command(plan, _file(lowest), "sprite-%d.jpg"), job, on_progress=lambda _: report(making)
    )


def _file(rendition: Rendition) -> str:
    return f"{rendition.name}.mp4"


def _fitted(rendition: Rendition, width: int) -> tuple[int, int]:
    """Width and height, not above `width` and never enlarged, in the rendition's proportions."""
    fitted = min(width, rendition.width)
    return fitted, max(1, round(rendition.height * fitted / rendition.width))
