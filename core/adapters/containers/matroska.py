"""Matroska and WebM sources: is there an index, is anything encrypted (RFC 9559)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.adapters.isobmff.boxes import Buffer
from core.domain.media.probed import ContainerTraits

_SEGMENT = 0x18538067
_TRACKS = 0x1654AE6B
_CUES = 0x1C53BB6B
_TRACK_ENTRY = 0xAE
_CONTENT_ENCODINGS = 0x6D80
_CONTENT_ENCODING = 0x6240
_CONTENT_ENCRYPTION = 0x5035
#: A day of video has some tens of thousands of clusters; more elements are an attempt to keep us busy.
_MOST_ELEMENTS = 200_000
_MOST_TRACK_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class Element:
    """Offsets of the body into the buffer; `end` may lie beyond it in a cut file."""

    kind: int
    body: int
    end: int


def traits_of_matroska(data: Buffer) -> ContainerTraits:
    """Walk the segment's first level; a cluster of unknown size (a live recording) ends the walk without an index."""
    indexed = encrypted = False
    for segment in _elements(data, 0, len(data)):
        if segment.kind != _SEGMENT:
            continue
        for element in _elements(data, segment.body, segment.end):
            indexed = indexed or element.kind == _CUES
            encrypted = encrypted or (element.kind == _TRACKS and _any_encrypted(data, element))
    return ContainerTraits(indexed=indexed, encrypted=encrypted)


def _any_encrypted(data: Buffer, tracks: Element) -> bool:
    found = [Element(tracks.kind, tracks.body, min(tracks.end, tracks.body + _MOST_TRACK_BYTES))]
    for kind in (_TRACK_ENTRY, _CONTENT_ENCODINGS, _CONTENT_ENCODING, _CONTENT_ENCRYPTION):
        found = [child for parent in found for child in _elements(data, parent.body, parent.end) if child.kind == kind]
    return bool(found)


def _elements(data: Buffer, start: int, end: int) -> Iterator[Element]:
    stop = min(end, len(data))
    for _ in range(_MOST_ELEMENTS):
        if start >= stop:
            return
        header = _header(data, start)
        if header is None:
            return
        yield header
        start = header.end


def _header(data: Buffer, start: int) -> Element | None:
    """Element at `start`; an unknown size reaches to the end of the data. None when the bytes are no element."""
    kind = _variable_integer(data, start, longest=4, keep_marker=True)
    size = _variable_integer(data, start + kind[1], longest=8, keep_marker=False) if kind else None
    if kind is None or size is None:
        return None
    body = start + kind[1] + size[1]
    unknown = size[0] == (1 << 7 * size[1]) - 1
    return Element(kind[0], body, len(data) if unknown else body + size[0])


def _variable_integer(data: Buffer, start: int, *, longest: int, keep_marker: bool) -> tuple[int, int] | None:
    """Value and length in bytes (RFC 8794, section 4): the position of the first set bit tells the length."""
    if start >= len(data):
        return None
    length = 9 - data[start].bit_length()
    raw = data[start : start + length]
    if length > longest or len(raw) < length:
        return None
    value = int.from_bytes(raw, "big")
    return (value if keep_marker else value & (1 << 7 * length) - 1), length
