"""Boxes of a clear file's header out of a protected initialisation segment, so that nothing is lost on the way."""

from __future__ import annotations

import struct

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, boxes, find_optional, integer
from core.adapters.isobmff.building import copy_of, make_box, make_full_box
from core.adapters.isobmff.init_segment import FIXED_FIELDS, InitSegment

_NORMAL_RATE = 1 << 16
"""The media rate 1.0 of an edit, in 16.16 fixed point."""


def clear_description(data: Buffer, stsd: Box, init: InitSegment) -> bytes:
    """`stsd` as it was before protection: the entry's own type again, and no `sinf` (ISO/IEC 14496-12, 8.12).

    Raises MalformedMedia unless there is one entry.
    """
    entries = list(boxes(data, stsd.body + 8, stsd.end))
    if len(entries) != 1:
        raise MalformedMedia(f"one sample entry expected, {len(entries)} found")
    entry = entries[0]
    fixed = entry.body + FIXED_FIELDS[init.handler]
    kept = [copy_of(data, box) for box in boxes(data, fixed, entry.end) if box.kind != b"sinf"]
    clear = make_box(init.entries[0].original.encode("latin-1"), bytes(data[entry.body : fixed]), *kept)
    return make_full_box(b"stsd", struct.pack(">I", 1) + clear)


def beginning(data: Buffer, track: Box, shown: int) -> bytes:
    """`edts` with the edit that says what is shown first, for `shown` ticks of the movie; empty when there is none.

    Raises MalformedMedia for any other edit list: it would be lost.
    """
    table = find_optional(data, "edts/elst", track)
    if table is None:
        return b""
    width = 8 if data[table.body] == 1 else 4
    media_time = integer(data, table.body + 8 + width, width)
    plain = integer(data, table.body + 4, 4) == 1 and media_time != (1 << 8 * width) - 1
    if not plain or integer(data, table.body + 8 + 2 * width, 4) != _NORMAL_RATE:
        raise MalformedMedia("an edit list that is more than a beginning")
    return make_box(
        b"edts", make_full_box(b"elst", struct.pack(">IQQI", 1, shown, media_time, _NORMAL_RATE), version=1)
    )


def with_duration(data: Buffer, box: Box, between: int, duration: int) -> bytes:
    """`mvhd`, `tkhd` or `mdhd` in its 64-bit form; `between` are the bytes between its two dates and the duration.

    `duration` is in the box's own ticks. Raises MalformedMedia.
    """
    version, width = data[box.body], 8 if data[box.body] == 1 else 4
    if version > 1:
        raise MalformedMedia(f"{box.kind!r} has version {version}")
    position = box.body + 4
    dates = struct.pack(">QQ", integer(data, position, width), integer(data, position + width, width))
    position += 2 * width
    kept, rest = data[position : position + between], data[position + between + width : box.end]
    flags = integer(data, box.body + 1, 3)
    body = dates + bytes(kept) + struct.pack(">Q", duration) + bytes(rest)
    return make_full_box(box.kind, body, version=1, flags=flags)
