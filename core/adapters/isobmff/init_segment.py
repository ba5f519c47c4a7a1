"""The initialisation segment of one track: what a player learns before the first media segment."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters.isobmff.boxes import (
    Box,
    Buffer,
    MalformedMedia,
    boxes,
    children,
    find,
    find_optional,
    integer,
    version_and_flags,
)
from core.adapters.isobmff.elementary_stream import decoder_specific_info
from core.adapters.isobmff.protection import (
    SystemHeader,
    TrackEncryption,
    read_system_header,
    read_track_encryption,
)

FIXED_FIELDS = {"vide": 78, "soun": 28, "text": 8, "subt": 8, "sbtl": 8}
"""Bytes of a sample entry before its boxes, by handler (ISO/IEC 14496-12, 8.5.2 and 12)."""


@dataclass(frozen=True)
class SampleEntry:
    """`coding` is the entry's own type, e.g. encv; `original` what it was before protection, e.g. avc1.

    `configuration` is what the decoder is set up with: the body of avcC or vttC, the AudioSpecificConfig of AAC.
    """

    coding: str
    original: str
    configuration: bytes
    encryption: TrackEncryption | None


@dataclass(frozen=True)
class TrackDefaults:
    """`trex`: what fragments leave out. Durations are in the track's timescale."""

    duration: int
    size: int


@dataclass(frozen=True)
class InitSegment:
    """One track's header. `timescale` is ticks per second; `edit_start` is the media time shown first, in ticks."""

    handler: str
    timescale: int
    edit_start: int
    entries: tuple[SampleEntry, ...]
    defaults: TrackDefaults
    systems: tuple[SystemHeader, ...]


def read_init_segment(data: Buffer) -> InitSegment:
    """Parse `moov` of a file with exactly one track. Raises MalformedMedia."""
    moov = find(data, "moov")
    tracks = children(data, moov, "trak")
    if len(tracks) != 1:
        raise MalformedMedia(f"one track expected, {len(tracks)} found")
    handler, timescale = _media_header(data, tracks[0])
    return InitSegment(
        handler=handler,
        timescale=timescale,
        edit_start=_edit_start(data, tracks[0]),
        entries=_sample_entries(data, tracks[0], handler),
        defaults=_defaults(data, moov),
        systems=tuple(read_system_header(data, box) for box in children(data, moov, "pssh")),
    )


def _media_header(data: Buffer, track: Box) -> tuple[str, int]:
    hdlr, mdhd = find(data, "mdia/hdlr", track), find(data, "mdia/mdhd", track)
    version, _ = version_and_flags(data, mdhd)
    handler = bytes(data[hdlr.body + 8 : hdlr.body + 12]).decode("latin-1")
    return handler, integer(data, mdhd.body + (20 if version == 1 else 12), 4)


def _edit_start(data: Buffer, track: Box) -> int:
    """Media time of the first edit that shows media; 0 without an edit list."""
    elst = find_optional(data, "edts/elst", track)
    if elst is None:
        return 0
    version, _ = version_and_flags(data, elst)
    width = 8 if version == 1 else 4
    for index in range(integer(data, elst.body + 4, 4)):
        entry = elst.body + 8 + index * (2 * width + 4)
        media_time = integer(data, entry + width, width)
        if media_time != (1 << 8 * width) - 1:  # -1 marks an empty edit
            return media_time
    return 0


def _sample_entries(data: Buffer, track: Box, handler: str) -> tuple[SampleEntry, ...]:
    stsd = find(data, "mdia/minf/stbl/stsd", track)
    fixed = FIXED_FIELDS.get(handler)
    if fixed is None:
        raise MalformedMedia(f"unknown handler {handler!r}")
    return tuple(_sample_entry(data, entry, fixed) for entry in boxes(data, stsd.body + 8, stsd.end))


def _sample_entry(data: Buffer, entry: Box, fixed: int) -> SampleEntry:
    inner = list(boxes(data, entry.body + fixed, entry.end))
    coding = entry.kind.decode("latin-1")
    sinf = next((box for box in inner if box.kind == b"sinf"), None)
    configuration = next((box for box in inner if box.kind in {b"avcC", b"vttC", b"esds"}), None)
    original = coding
    if sinf is not None:
        frma = find(data, "frma", sinf)
        original = bytes(data[frma.body : frma.body + 4]).decode("latin-1")
    return SampleEntry(
        coding=coding,
        original=original,
        configuration=_configuration(data, configuration) if configuration else b"",
        encryption=read_track_encryption(data, sinf) if sinf else None,
    )


def _configuration(data: Buffer, box: Box) -> bytes:
    body = bytes(data[box.body : box.end])
    return decoder_specific_info(body[4:]) if box.kind == b"esds" else body


def _defaults(data: Buffer, moov: Box) -> TrackDefaults:
    trex = find_optional(data, "mvex/trex", moov)
    if trex is None:
        return TrackDefaults(0, 0)
    return TrackDefaults(duration=integer(data, trex.body + 12, 4), size=integer(data, trex.body + 16, 4))
