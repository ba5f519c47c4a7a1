"""Asking ffprobe what a file declares: the command, and reading its JSON. Starts no process itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from core.domain.media.probed import ProbedFile, ProbedStream

#: Every tool runs in the job's directory and names its input relative to it.
SOURCE = "file:source"

_FORMAT = "format=format_name,start_time,duration"
_STREAM = (
    "stream=index,codec_type,codec_name,codec_tag_string,width,height,sample_aspect_ratio,pix_fmt,field_order,"
    "color_range,color_space,color_transfer,color_primaries,r_frame_rate,avg_frame_rate,duration,nb_frames,channels,"
    "sample_rate:stream_disposition=default,forced,attached_pic,still_image,timed_thumbnails:"
    "stream_tags=language,title:stream_side_data=rotation"
)
_STILL = ("attached_pic", "still_image", "timed_thumbnails")
_PIXEL_LIMIT_MARKS = ("exceeds specified max pixel count", "Frame size limit", "exceeds limit")


class UnreadableProbe(Exception):
    """ffprobe's answer is not the JSON it should be."""


def guarded_input(demuxers: Sequence[str], max_pixels: int) -> list[str]:
    """Options that must precede every input: no protocol but files, no demuxer but the family's, no huge picture."""
    return [
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        ",".join(demuxers),
        "-max_pixels",
        str(max_pixels),
    ]


def probe_command(demuxers: Sequence[str], max_pixels: int) -> list[str]:
    """argv that prints container and streams as JSON. Only fields we read are asked for: tags may be of any size."""
    entries = f"{_FORMAT}:{_STREAM}"
    guard = guarded_input(demuxers, max_pixels)
    return ["ffprobe", "-v", "error", *guard, "-show_entries", entries, "-of", "json", SOURCE]


def hit_pixel_limit(stderr: str) -> bool:
    """Whether a decoder refused the picture for -max_pixels. ffprobe has no other way to say so than its log."""
    return any(mark in stderr for mark in _PIXEL_LIMIT_MARKS)


def parse_probe(output: bytes) -> ProbedFile:
    """Read the answer to `probe_command`. Raises UnreadableProbe."""
    try:
        answer = json.loads(output)
        container = answer["format"]
        streams = tuple(_stream(fields) for fields in answer.get("streams", []))
        return ProbedFile(
            container=str(container["format_name"]),
            start=_number(container.get("start_time")) or 0.0,
            duration=_number(container.get("duration")),
            streams=streams,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableProbe(type(error).__name__) from error


def _stream(fields: dict[str, Any]) -> ProbedStream:
    disposition, tags = fields.get("disposition", {}), fields.get("tags", {})
    return ProbedStream(
        index=int(fields["index"]),
        kind=str(fields.get("codec_type", "unknown")),
        codec=_codec(fields.get("codec_name")),
        tag=str(fields.get("codec_tag_string", "")),
        width=int(fields.get("width", 0)),
        height=int(fields.get("height", 0)),
        pixel_format=str(fields.get("pix_fmt", "")),
        average_rate=_ratio(fields.get("avg_frame_rate"), "/"),
        nominal_rate=_ratio(fields.get("r_frame_rate"), "/"),
        declared_duration=_number(fields.get("duration")),
        declared_packets=int(fields["nb_frames"]) if "nb_frames" in fields else None,
        sample_aspect=_aspect(fields.get("sample_aspect_ratio")),
        rotation=_rotation(fields.get("side_data_list", [])),
        field_order=fields.get("field_order"),
        color_range=fields.get("color_range"),
        color_primaries=fields.get("color_primaries"),
        color_transfer=fields.get("color_transfer"),
        color_space=fields.get("color_space"),
        channels=int(fields.get("channels", 0)),
        sample_rate=int(fields.get("sample_rate", 0)),
        language=tags.get("language"),
        title=tags.get("title"),
        default=bool(disposition.get("default")),
        forced=bool(disposition.get("forced")),
        still=any(disposition.get(name) for name in _STILL),
    )


def _codec(name: str | None) -> str | None:
    return None if name in {None, "none", "unknown"} else name


def _number(text: str | None) -> float | None:
    return None if text in {None, "N/A"} else float(text or 0)


def _ratio(text: str | None, separator: str) -> Fraction | None:
    """ "30000/1001" as a fraction; None for "0/0" and for nothing."""
    numerator, _, denominator = (text or "").partition(separator)
    if not numerator or not denominator or int(denominator) == 0:
        return None
    return Fraction(int(numerator), int(denominator)) or None


def _aspect(text: str | None) -> tuple[int, int]:
    ratio = _ratio(text, ":")
    return (ratio.numerator, ratio.denominator) if ratio and ratio > 0 else (1, 1)


def _rotation(side_data: list[dict[str, Any]]) -> float | None:
    """The display matrix turns counter-clockwise in ffprobe's terms; ours is the clockwise turn for display."""
    return next((-float(data["rotation"]) for data in side_data if "rotation" in data), None)
