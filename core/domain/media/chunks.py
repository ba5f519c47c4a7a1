"""The chunk plan: runs of whole GOPs of nearly equal length, so that workers finish together."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import accumulate
from math import ceil

from core.domain.media.facts import FrameRate
from core.domain.media.plan import Chunk

#: Long enough that starting ffmpeg and decoding up to the first frame cost little, short enough that a crash does too.
TARGET_SECONDS = 24

#: Bounds the workflow's history, about six events a chunk; chunks of longer sources grow instead.
MOST_CHUNKS = 600


def plan_chunks(total_frames: int, gop_frames: int, rate: FrameRate) -> tuple[Chunk, ...]:
    """Tile [0, total_frames) on the GOP grid. Sources of up to 24 s are one chunk; more are an even number.

    Chunk sizes differ by at most one GOP; only the last may end inside a GOP. An even number keeps two cores busy to
    the end.
    """
    gops = ceil(Fraction(total_frames, gop_frames))
    counts = _spread(gops, _chunk_count(gops, gop_frames, rate))
    starts = [gop * gop_frames for gop in accumulate(counts[:-1], initial=0)]
    ends = [*starts[1:], total_frames]
    return tuple(Chunk(index, start, end - start) for index, (start, end) in enumerate(zip(starts, ends, strict=True)))


def encode_order(chunks: Iterable[Chunk]) -> tuple[int, ...]:
    """Indexes with the longest chunk first, so that no core is left alone with a long one at the end."""
    return tuple(chunk.index for chunk in sorted(chunks, key=lambda chunk: (-chunk.frames, chunk.index)))


def _chunk_count(gops: int, gop_frames: int, rate: FrameRate) -> int:
    per_chunk = max(1, round(TARGET_SECONDS / rate.seconds(gop_frames)), ceil(Fraction(gops, MOST_CHUNKS)))
    count = ceil(Fraction(gops, per_chunk))
    return min(gops, count + count % 2) if count > 1 else 1


def _spread(gops: int, parts: int) -> list[int]:
    each, longer = divmod(gops, parts)
    # Longer ones last: the very last ends inside its final GOP, so it is nearest to the others in length.
    return [each] * (parts - longer) + [each + 1] * longer
