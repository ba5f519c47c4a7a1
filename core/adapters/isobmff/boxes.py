"""Boxes of ISO base media files (ISO/IEC 14496-12, 4.2) over bytes, memoryviews and memory maps."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

Buffer = bytes | memoryview | mmap.mmap


class MalformedMedia(ValueError):
    """The bytes are not the ISO base media structure they should be."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box: `start` of its header, `body` after the header, `end` past its last byte; offsets into the buffer."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: Buffer, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Boxes between `start` and `end`, one level. Raises MalformedMedia when a size does not fit."""
    stop = len(data) if end is None else end
    while start < stop:
        box = _box_at(data, start, stop)
        yield box
        start = box.end


def _box_at(data: Buffer, start: int, stop: int) -> Box:
    if start + 8 > stop:
        raise MalformedMedia(f"truncated box header at {start}")
    size, kind, header = integer(data, start, 4), bytes(data[start + 4 : start + 8]), 8
    if size == 1:
        size, header = integer(data, start + 8, 8), 16
    elif size == 0:
        size = stop - start
    if size < header or start + size > stop:
        raise MalformedMedia(f"box {kind!r} at {start} has size {size}, {stop - start} bytes are left")
    return Box(kind, start, start + header, start + size)


def find(data: Buffer, path: str, parent: Box | None = None) -> Box:
    """The first box at a slash-separated path, e.g. "moov/trak/mdia". Raises MalformedMedia when there is none."""
    box = find_optional(data, path, parent)
    if box is None:
        raise MalformedMedia(f"no {path} box")
    return box


def find_optional(data: Buffer, path: str, parent: Box | None = None) -> Box | None:
    """Like `find`, but None when there is none."""
    box = parent
    for step in path.split("/"):
        box = next(iter(children(data, box, step)), None)
        if box is None:
            return None
    return box


def children(data: Buffer, parent: Box | None, kind: str) -> list[Box]:
    """All boxes of one kind directly inside `parent` (None: the whole buffer)."""
    inside = boxes(data) if parent is None else boxes(data, parent.body, parent.end)
    return [box for box in inside if box.kind == kind.encode("latin-1")]


def integer(data: Buffer, offset: int, size: int) -> int:
    """An unsigned big-endian integer."""
    raw = bytes(data[offset : offset + size])
    if len(raw) != size:
        raise MalformedMedia(f"{size} bytes wanted at {offset}, {len(raw)} are there")
    return int.from_bytes(raw, "big")


def signed(data: Buffer, offset: int, size: int) -> int:
    """A two's complement big-endian integer."""
    value = integer(data, offset, size)
    return value - (1 << 8 * size) if value >> (8 * size - 1) else value


def version_and_flags(data: Buffer, box: Box) -> tuple[int, int]:
    """The head of a FullBox: 8 bits of version, 24 of flags."""
    return integer(data, box.body, 1), integer(data, box.body + 1, 3)
