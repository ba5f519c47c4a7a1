"""What cutting costs: the pipeline's own encode in chunks against the same encode in one piece."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.measured import Cost, measure
from core.adapters.containers.examine import read_head
from core.adapters.ffmpeg.arguments import Source
from core.adapters.ffmpeg.arguments_video import chunk_command
from core.domain.media.magic import identify
from core.domain.media.plan import Chunk, EncodingPlan, VideoPlan

_SOURCE = "source"


async def chunking_ratio(plan: EncodingPlan, clip: Path, directory: Path) -> float | None:
    """CPU of all chunks, one after the other, ÷ CPU of the whole. None for a clip that is one chunk."""
    if plan.video is None or len(plan.video.chunks) == 1:
        return None
    directory.mkdir(parents=True)
    (directory / _SOURCE).symlink_to(clip)
    demuxers = identify(*await read_head(clip)).demuxers
    source = Source(_SOURCE, demuxers, 2 * plan.video.source_pixels, start=plan.source_start)
    whole = await _encode(_in_one_piece(plan.video), 0, source, directory)
    parts = [await _encode(plan.video, index, source, directory) for index in range(len(plan.video.chunks))]
    return sum(part.cpu for part in parts) / whole.cpu


async def _encode(plan: VideoPlan, index: int, source: Source, directory: Path) -> Cost:
    return await measure(chunk_command(plan, plan.chunks[index], source, "chunk.mp4"), directory)


def _in_one_piece(plan: VideoPlan) -> VideoPlan:
    """The empty second chunk keeps one thread per encoder, as the others have it: only the cuts may differ."""
    return replace(plan, chunks=(Chunk(0, 0, plan.total_frames), Chunk(1, plan.total_frames, 0)))
