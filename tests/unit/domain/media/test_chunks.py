from __future__ import annotations

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.media.chunks import MOST_CHUNKS, TARGET_SECONDS, encode_order, plan_chunks
from core.domain.media.facts import FrameRate
from core.domain.media.frame_rates import STANDARD_RATES, gop_duration, gop_frames
from core.domain.media.plan import Chunk

RATES = st.sampled_from(STANDARD_RATES)
#: Frames of twelve hours at 60.
LONGEST = 12 * 3600 * 60


def planned(frames: int, rate: FrameRate) -> tuple[Chunk, ...]:
    return plan_chunks(frames, gop_frames(rate), rate)


@settings(deadline=None)
@given(frames=st.integers(1, LONGEST), rate=RATES)
def test_chunks_tile_the_whole_video_on_the_gop_grid(frames: int, rate: FrameRate) -> None:
    chunks, gop = planned(frames, rate), gop_frames(rate)
    position = 0
    for index, chunk in enumerate(chunks):
        assert chunk.index == index
        assert chunk.first_frame == position
        assert chunk.first_frame % gop == 0
        assert chunk.frames > 0
        position += chunk.frames
    assert position == frames


@settings(deadline=None)
@given(frames=st.integers(1, LONGEST), rate=RATES)
def test_chunks_differ_by_at_most_one_gop_and_stay_near_the_target(frames: int, rate: FrameRate) -> None:
    chunks, gop = planned(frames, rate), gop_frames(rate)
    sizes = [ceil(Fraction(chunk.frames, gop)) for chunk in chunks]
    assert max(sizes) - min(sizes) <= 1
    assert all(chunk.frames % gop == 0 for chunk in chunks[:-1])
    fewest = ceil(Fraction(sum(sizes), MOST_CHUNKS)) * gop_duration(rate)
    assert max(sizes) * gop_duration(rate) <= max(TARGET_SECONDS, fewest) + gop_duration(rate)
    assert len(chunks) == 1 or len(chunks) % 2 == 0


@pytest.mark.parametrize("rate", STANDARD_RATES, ids=str)
def test_source_of_twenty_four_seconds_is_one_chunk_and_a_longer_one_is_two(rate: FrameRate) -> None:
    assert len(planned(rate.frames(24), rate)) == 1
    assert len(planned(rate.frames(24) + gop_frames(rate), rate)) == 2


def test_single_frame_is_one_chunk() -> None:
    assert planned(1, FrameRate(25)) == (Chunk(0, 0, 1),)


def test_long_film_is_cut_evenly_into_an_even_number() -> None:
    chunks = planned(10883, FrameRate(30))
    assert len(chunks) == 16
    assert {chunk.frames for chunk in chunks[:-1]} == {720, 600}


def test_longest_chunk_is_encoded_first() -> None:
    chunks = (Chunk(0, 0, 100), Chunk(1, 100, 300), Chunk(2, 400, 100), Chunk(3, 500, 7))
    assert encode_order(chunks) == (1, 0, 2, 3)


def test_twelve_hours_make_no_more_chunks_than_a_history_can_hold() -> None:
    rate = FrameRate(25)
    chunks = plan_chunks(rate.frames(12 * 3600), 100, rate)
    assert len(chunks) <= MOST_CHUNKS
    assert sum(chunk.frames for chunk in chunks) == rate.frames(12 * 3600)
