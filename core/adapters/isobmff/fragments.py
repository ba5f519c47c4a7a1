"""Samples of a CMAF media segment, with how each is encrypted (ISO/IEC 14496-12, 8.8; ISO/IEC 23001-7, 7)."""

from __future__ import annotations

from collections.abc import Iterator
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
    signed,
    version_and_flags,
)
from core.adapters.isobmff.encryption_group import read_encryption_group
from core.adapters.isobmff.init_segment import InitSegment, TrackDefaults
from core.adapters.isobmff.protection import (
    Auxiliary,
    SystemHeader,
    TrackEncryption,
    read_auxiliary,
    read_system_header,
)
from core.adapters.isobmff.sample_table import Sample

_WHOLE = Auxiliary(b"", (), 0)


@dataclass(frozen=True, slots=True)
class FragmentSample:
    """A sample of a segment: `place` is relative to the segment's start, `auxiliary` tells what is encrypted.

    `duration` is in ticks of the track's timescale. `group` is how its sample group has it encrypted, which goes
    before what the track says; None when only the track says how.
    """

    place: Sample
    auxiliary: Auxiliary
    duration: int
    group: TrackEncryption | None = None


@dataclass(frozen=True, slots=True)
class _Header:
    """`tfhd` with the defaults of `trex` filled in; `base` is where data offsets count from."""

    base: int
    duration: int
    size: int


def read_fragments(data: Buffer, init: InitSegment) -> Iterator[FragmentSample]:
    """Samples of all fragments in decode order. Raises MalformedMedia on any structure a player may read two ways."""
    for box in boxes(data):
        if box.kind == b"moof":
            yield from _fragment(data, box, init.defaults, init.entries[0].encryption)


def _fragment(
    data: Buffer, moof: Box, defaults: TrackDefaults, encryption: TrackEncryption | None
) -> Iterator[FragmentSample]:
    tracks = children(data, moof, "traf")
    if len(tracks) != 1:
        raise MalformedMedia(f"one track a fragment expected, {len(tracks)} found")
    track = tracks[0]
    places = list(_runs(data, track, _header(data, moof, track, defaults)))
    group = read_encryption_group(data, track, len(places), encryption)
    how = group or encryption
    auxiliary = _auxiliary(data, moof, track, how.iv_size if how else 0, len(places))
    for (place, duration), extra in zip(places, auxiliary, strict=True):
        if place.offset + place.size > len(data):
            raise MalformedMedia("a sample lies outside the segment")
        yield FragmentSample(place, extra, duration, group)


def fragment_systems(data: Buffer) -> tuple[SystemHeader, ...]:
    """The `pssh` boxes of the segment's fragments (ISO/IEC 23001-7, 8.1.1). Raises MalformedMedia."""
    fragments = [box for box in boxes(data) if box.kind == b"moof"]
    return tuple(read_system_header(data, box) for moof in fragments for box in children(data, moof, "pssh"))


def _header(data: Buffer, moof: Box, track: Box, defaults: TrackDefaults) -> _Header:
    tfhd = find(data, "tfhd", track)
    _, flags = version_and_flags(data, tfhd)
    position, base, duration, size = tfhd.body + 8, moof.start, defaults.duration, defaults.size
    if flags & 0x1:
        base, position = integer(data, position, 8), position + 8
    if flags & 0x2:
        if integer(data, position, 4) != 1:
            raise MalformedMedia("a fragment uses another sample entry than the first")
        position += 4
    if flags & 0x8:
        duration, position = integer(data, position, 4), position + 4
    if flags & 0x10:
        size = integer(data, position, 4)
    return _Header(base, duration, size)


def _runs(data: Buffer, track: Box, header: _Header) -> Iterator[tuple[Sample, int]]:
    tfdt = find(data, "tfdt", track)
    version, _ = version_and_flags(data, tfdt)
    decode_time = integer(data, tfdt.body + 4, 8 if version == 1 else 4)
    for run in children(data, track, "trun"):
        for sample, duration in _run(data, run, header, decode_time):
            yield sample, duration
            decode_time += duration


def _run(data: Buffer, run: Box, header: _Header, decode_time: int) -> Iterator[tuple[Sample, int]]:
    """Samples of one `trun`, each with its duration; optional columns as its flags say."""
    version, flags = version_and_flags(data, run)
    if not flags & 0x1:
        raise MalformedMedia("a run without a data offset")
    offset, position = header.base + signed(data, run.body + 8, 4), run.body + 12
    position += 4 if flags & 0x4 else 0
    for _ in range(integer(data, run.body + 4, 4)):
        duration, size, shift = header.duration, header.size, 0
        if flags & 0x100:
            duration, position = integer(data, position, 4), position + 4
        if flags & 0x200:
            size, position = integer(data, position, 4), position + 4
        position += 4 if flags & 0x400 else 0
        if flags & 0x800:
            shift = signed(data, position, 4) if version else integer(data, position, 4)
            position += 4
        yield Sample(offset, size, decode_time, decode_time + shift), duration
        offset, decode_time = offset + size, decode_time + duration


def _auxiliary(data: Buffer, moof: Box, track: Box, iv_size: int, count: int) -> list[Auxiliary]:
    """One entry a sample; without `senc` every sample is whole under the constant IV."""
    senc = find_optional(data, "senc", track)
    if senc is None:
        if iv_size:
            raise MalformedMedia("per-sample IVs are announced, but there is no senc box")
        return [_WHOLE] * count
    entries = list(read_auxiliary(data, senc, iv_size))
    if len(entries) != count:
        raise MalformedMedia(f"senc has {len(entries)} entries for {count} samples")
    _check_offsets(data, moof, track, senc, entries)
    return entries


def _check_offsets(data: Buffer, moof: Box, track: Box, senc: Box, entries: list[Auxiliary]) -> None:
    """`saiz` and `saio` must lead to the same entries: some players read these and not `senc`."""
    if not any(entry.size for entry in entries):
        return  # whole samples under a constant IV: there is nothing to point at
    saiz, saio = find(data, "saiz", track), find(data, "saio", track)
    _, flags = version_and_flags(data, saiz)
    head = saiz.body + (12 if flags & 1 else 4)
    fixed, count = integer(data, head, 1), integer(data, head + 1, 4)
    sizes = [fixed] * count if fixed else list(data[head + 5 : head + 5 + count])
    if sizes != [entry.size for entry in entries]:
        raise MalformedMedia("saiz disagrees with senc")
    version, flags = version_and_flags(data, saio)
    head = saio.body + (12 if flags & 1 else 4)
    if integer(data, head, 4) != 1 or integer(data, head + 4, 8 if version else 4) != senc.body + 8 - moof.start:
        raise MalformedMedia("saio does not point at senc")
