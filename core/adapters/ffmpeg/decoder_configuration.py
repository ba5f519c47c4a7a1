"""The H.264 decoder configurations (avcC) in an MP4: files can be joined by copying only if these are equal."""

from __future__ import annotations

import mmap
from pathlib import Path

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, boxes, children, find

_VISUAL_SAMPLE_ENTRY_BYTES = 78
"""Fields of a VisualSampleEntry before its boxes (ISO/IEC 14496-12, 12.1.3)."""
_SAMPLE_DESCRIPTION_BYTES = 8
"""Version, flags and entry count of `stsd`."""


def decoder_configurations(path: Path) -> tuple[bytes, ...]:
    """The avcC body of every track, in order. Blocking. Raises MalformedMedia when a track is not H.264."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        tracks = children(data, find(data, "moov"), "trak")
        return tuple(_configuration(data, track) for track in tracks)


def _configuration(data: Buffer, track: Box) -> bytes:
    description = find(data, "mdia/minf/stbl/stsd", track)
    entry = next(boxes(data, description.body + _SAMPLE_DESCRIPTION_BYTES, description.end), None)
    if entry is None or entry.kind not in {b"avc1", b"avc3"}:
        raise MalformedMedia("the track is not H.264")
    inside = boxes(data, entry.body + _VISUAL_SAMPLE_ENTRY_BYTES, entry.end)
    found = next((box for box in inside if box.kind == b"avcC"), None)
    if found is None:
        raise MalformedMedia("an H.264 track without avcC")
    return bytes(data[found.body : found.end])
