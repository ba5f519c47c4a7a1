"""Colour: what the source says or convention implies, tone mapping to SDR, limited range, tags on the output."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.domain.media.plan import VideoPlan
from core.domain.media.rungs import largest_first

#: swscale's names for the matrices that ffprobe reports (ITU-T H.273 matrix coefficients).
_SWSCALE = {
    "bt709": "bt709",
    "fcc": "fcc",
    "bt470bg": "bt470",
    "smpte170m": "smpte170m",
    "smpte240m": "smpte240m",
    "bt2020nc": "bt2020",
    "bt2020c": "bt2020",
}
_PRIMARIES = frozenset(
    {"bt709", "bt470m", "bt470bg", "smpte170m", "smpte240m", "film", "bt2020", "smpte428", "smpte431", "smpte432"}
)
_TRANSFERS = frozenset(
    {"bt709", "gamma22", "gamma28", "smpte170m", "smpte240m", "linear", "iec61966-2-1", "bt2020-10", "bt2020-12"}
)
#: Nominal peak of SDR white in cd/m2, as ITU-R BT.2408 and the zscale documentation use it.
_SDR_WHITE_NITS = 100


@dataclass(frozen=True)
class Colour:
    """H.273 names; `swscale` is the scaler's own name of the matrix."""

    matrix: str
    primaries: str
    transfer: str

    @property
    def swscale(self) -> str:
        return _SWSCALE[self.matrix]


BT709 = Colour("bt709", "bt709", "bt709")
_SD = Colour("smpte170m", "smpte170m", "smpte170m")


def source_colour(plan: VideoPlan) -> Colour:
    """What the source says; where it says nothing, what every player assumes: BT.601 up to 576 lines, else BT.709."""
    top = largest_first(plan.renditions)[0]
    lines = top.height if plan.rotation in {0, 180} else top.width
    assumed = _SD if lines <= 576 else BT709
    return Colour(
        matrix=plan.color_space if plan.color_space in _SWSCALE else assumed.matrix,
        primaries=plan.color_primaries if plan.color_primaries in _PRIMARIES else assumed.primaries,
        transfer=plan.color_transfer if plan.color_transfer in _TRANSFERS else assumed.transfer,
    )


def output_colour(plan: VideoPlan) -> Colour:
    return BT709 if plan.tone_map else source_colour(plan)


def colour_tags(plan: VideoPlan) -> dict[str, str]:
    """Output options: players must not have to guess, least of all on the small rungs."""
    colour = output_colour(plan)
    return {
        "colorspace": colour.matrix,
        "color_primaries": colour.primaries,
        "color_trc": colour.transfer,
        "color_range": "tv",
    }


def scale_ranges(plan: VideoPlan) -> dict[str, str]:
    """Options of the first scaler: full range becomes limited, RGB gets the tagged matrix, YUV keeps its own."""
    if plan.tone_map:
        return {}
    matrix = source_colour(plan).swscale
    ranges = {"in_range": "full" if plan.full_range else "tv", "out_range": "tv"}
    return {**ranges, "in_color_matrix": matrix, "out_color_matrix": matrix}


def tone_mapped(stream: Any, plan: VideoPlan) -> Any:
    """PQ or HLG to SDR BT.709 with the Hable curve, in linear light on 32-bit floats.

    Input colour is passed explicitly, and primaries are kept explicitly: frames often lack tags that the container
    had, or that nobody wrote, and zscale refuses to guess.
    """
    primaries = plan.color_primaries if plan.color_primaries in _PRIMARIES else "bt2020"
    linear = stream.filter(
        "zscale",
        tin=plan.color_transfer,
        min=plan.color_space if plan.color_space in _SWSCALE else "bt2020nc",
        pin=primaries,
        rin="full" if plan.full_range else "limited",
        t="linear",
        p=primaries,
        npl=_SDR_WHITE_NITS,
    )
    mapped = linear.filter("format", "gbrpf32le").filter("zscale", p="bt709").filter("tonemap", "hable", desat=0)
    return mapped.filter("zscale", t="bt709", m="bt709", r="limited")
