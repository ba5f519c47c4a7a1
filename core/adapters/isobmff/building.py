"""Puts boxes together (ISO/IEC 14496-12, 4.2): the counterpart of `boxes`."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable

from core.adapters.isobmff.boxes import Box, Buffer


def make_box(kind: bytes, *parts: bytes) -> bytes:
    """One box around its parts."""
    return b"".join((struct.pack(">I", 8 + sum(map(len, parts))), kind, *parts))


def make_full_box(kind: bytes, body: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    """A box that begins with a version and 24 flags."""
    return make_box(kind, struct.pack(">I", version << 24 | flags), body)


def table_rows(layout: str, rows: Iterable[tuple[int, ...]]) -> bytes:
    """A count and the rows, each by the struct layout."""
    packed = [struct.pack(layout, *row) for row in rows]
    return struct.pack(">I", len(packed)) + b"".join(packed)


def big_endian(numbers: array[int]) -> bytes:
    """The numbers one after the other, whatever this machine's order is."""
    swapped = numbers[:]
    if sys.byteorder == "little":
        swapped.byteswap()
    return swapped.tobytes()


def copy_of(data: Buffer, box: Box) -> bytes:
    """The box as it is, header and all."""
    return bytes(data[box.start : box.end])
