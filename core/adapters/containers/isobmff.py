"""MP4 and QuickTime sources, whose boxes may be damaged or lie (ISO/IEC 14496-12)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, boxes
from core.domain.media.probed import ContainerTraits

#: Sample entries of Common Encryption (ISO/IEC 23001-7, 4.1) and of Apple's store.
_PROTECTED_ENTRIES = frozenset({b"encv", b"enca", b"enct", b"encs", b"encm", b"drms", b"drmi"})
_TO_ENTRIES = (b"mdia", b"minf", b"stbl", b"stsd")
_FULL_BOX_AND_COUNT = 8
#: A day in fragments of one second has fewer top-level boxes; a file of empty ones would keep us busy for hours.
_MOST_BOXES = 200_000
_MOST_CHILDREN = 1_000


def traits_of_isobmff(data: Buffer) -> ContainerTraits:
    """Walk the top level, then the sample descriptions. Damage inside `moov` is left for the demuxer to judge."""
    top, broken_at = _top_level(data)
    fragmented = any(box.kind == b"moof" for box in top)
    return ContainerTraits(
        indexed=not fragmented,
        encrypted=any(_has_protected_entry(data, box) for box in top if box.kind == b"moov"),
        header_whole=broken_at is None or bytes(data[broken_at + 4 : broken_at + 8]) != b"moov",
    )


def _top_level(data: Buffer) -> tuple[list[Box], int | None]:
    """Boxes that fit, and where the first one that does not begins (a cut `mdat`, or bytes that are no box)."""
    found: list[Box] = []
    try:
        found.extend(islice(boxes(data), _MOST_BOXES))  # list.extend keeps what came before the error
    except MalformedMedia:
        return found, found[-1].end if found else 0
    return found, None


def _has_protected_entry(data: Buffer, moov: Box) -> bool:
    try:
        return any(entry.kind in _PROTECTED_ENTRIES for entry in _sample_entries(data, moov))
    except MalformedMedia:
        return False


def _sample_entries(data: Buffer, moov: Box) -> Iterator[Box]:
    for track in _children(data, moov.body, moov.end, b"trak"):
        found = [track]
        for kind in _TO_ENTRIES:
            found = [child for parent in found[:1] for child in _children(data, parent.body, parent.end, kind)]
        for description in found[:1]:
            yield from islice(boxes(data, description.body + _FULL_BOX_AND_COUNT, description.end), _MOST_CHILDREN)


def _children(data: Buffer, start: int, end: int, kind: bytes) -> Iterator[Box]:
    return (box for box in islice(boxes(data, start, end), _MOST_CHILDREN) if box.kind == kind)
