"""Is a rendition's file what the plan says, frame by frame?"""

from __future__ import annotations

from pathlib import Path

from core.adapters.ffmpeg.arguments import ticks_per_frame
from core.adapters.isobmff.frame_times import frame_times
from core.domain.media.frame_grid import FrameGrid
from core.domain.media.plan import VideoPlan


def frame_faults(path: Path, video: VideoPlan) -> tuple[str, ...]:
    """Every frame of the plan once and on time, key frames at the GOP starts only: rungs can be switched anywhere.

    Blocking. Empty when nothing is wrong. Raises MalformedMedia.
    """
    grid = FrameGrid(video.total_frames, video.gop_frames, ticks_per_frame(video.frame_rate))
    for ticks, key in frame_times(path):
        grid.add(ticks, key=key)
    return grid.faults
