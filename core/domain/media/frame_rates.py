"""The output frame rate: one constant, standard rate for every source, however strange its own timing is."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from core.domain.media.facts import FrameRate

#: Film, PAL and NTSC rates with their halves, and the low rates of screen recordings.
STANDARD_RATES: tuple[FrameRate, ...] = (
    FrameRate(10),
    FrameRate(12),
    FrameRate(25, 2),
    FrameRate(15),
    FrameRate(20),
    FrameRate(24000, 1001),
    FrameRate(24),
    FrameRate(25),
    FrameRate(30000, 1001),
    FrameRate(30),
    FrameRate(48),
    FrameRate(50),
    FrameRate(60000, 1001),
    FrameRate(60),
)
MAX_RATE = Fraction(60)
#: What a source with a single frame gets: nothing can be measured, anything will do.
FALLBACK_RATE = FrameRate(25)
GOP_SECONDS = 4

#: Room for containers that round timestamps to milliseconds.
_OVER_MAX = MAX_RATE * Fraction(201, 200)
#: Above this ratio the nominal rate is a field rate or a time base, not the raster the frames lie on.
_MOST_DROPPED = Fraction(19, 10)
#: VP8 and VP9 files may hold packets that are never shown, so more packets than frames.
_MOST_HIDDEN = Fraction(85, 100)


def output_frame_rate(
    average: FrameRate | None, nominal: FrameRate | None, quick: FrameRate | None = None
) -> FrameRate:
    """Choose the standard rate to encode at, at most 60.

    `average` is frames over time as the packets show it; `nominal` is what the container claims. Containers lie (FLV
    says 1000/1, 3GP 250/1), so the average decides, with one exception: a nominal rate that is standard and not far
    above the average is the raster of a variable-rate source, and keeping it moves no frame. `quick` is the rate where
    frames follow one another quickly: a recording with long pauses has a low average, and still moves on its raster.
    """
    measured = next((rate.value for rate in (average, nominal) if rate is not None and rate.value > 0), None)
    if measured is None:
        return FALLBACK_RATE
    quickest = max(measured, quick.value) if quick else measured
    if nominal is not None and _is_raster(nominal.value, measured, quickest):
        return _nearest(nominal.value)
    return _nearest(_decimated(measured))


def gop_frames(rate: FrameRate) -> int:
    """Frames in a group of pictures of nominally four seconds: 96 at 24000/1001, 100 at 25, 50 at 12.5.

    The nominal rate (24 for 24000/1001) times four keeps the duration exact in whole microseconds: 4 s or 4.004 s.
    """
    return round(rate.value * GOP_SECONDS)


def gop_duration(rate: FrameRate) -> Fraction:
    """Exact seconds of one group of pictures."""
    return rate.seconds(gop_frames(rate))


def _is_raster(nominal: Fraction, measured: Fraction, quickest: Fraction) -> bool:
    standard = any(abs(rate.value - nominal) <= nominal / 2000 for rate in STANDARD_RATES)
    return standard and measured * _MOST_HIDDEN <= nominal < quickest * _MOST_DROPPED


def _decimated(rate: Fraction) -> Fraction:
    """Keep every n-th frame of a source above 60 (120 → 60, 100 → 50, 144 → 48), so that motion stays even."""
    return rate if rate <= _OVER_MAX else rate / ceil(rate / _OVER_MAX)


def _nearest(rate: Fraction) -> FrameRate:
    return min(STANDARD_RATES, key=lambda standard: abs(standard.value - rate))
