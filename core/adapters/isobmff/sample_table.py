"""Samples of a progressive (unfragmented) MP4, read lazily from its sample table (ISO/IEC 14496-12, 8.6 and 8.7)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, pairwise, repeat

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, children, find, find_optional, integer


@dataclass(frozen=True, slots=True)
class Sample:
    """Where one sample lies (`offset`, `size` in bytes) and when it plays, in ticks of the track's timescale."""

    offset: int
    size: int
    decode_time: int
    composition_time: int


def read_samples(data: Buffer) -> Iterator[Sample]:
    """Samples of the only track, in decode order. Memory stays flat however long the track is."""
    tracks = children(data, find(data, "moov"), "trak")
    if len(tracks) != 1:
        raise MalformedMedia(f"one track expected, {len(tracks)} found")
    table = find(data, "mdia/minf/stbl", tracks[0])
    sizes, count = _sizes(data, table)
    decode_time = 0
    rows = zip(_offsets(data, table, _sizes(data, table)[0]), sizes, _durations(data, table), strict=False)
    shifts = _composition_shifts(data, table)
    for (offset, size, duration), shift in zip(islice(rows, count), shifts, strict=False):
        yield Sample(offset, size, decode_time, decode_time + shift)
        decode_time += duration


def sample_count(data: Buffer) -> int:
    """How many samples the only track declares."""
    return _sizes(data, find(data, "moov/trak/mdia/minf/stbl"))[1]


def _sizes(data: Buffer, table: Box) -> tuple[Iterator[int], int]:
    stsz = find(data, "stsz", table)
    fixed, count = integer(data, stsz.body + 4, 4), integer(data, stsz.body + 8, 4)
    if fixed:
        return repeat(fixed, count), count
    return (value for (value,) in _rows(data, stsz.body + 12, count, ">I")), count


def _offsets(data: Buffer, table: Box, sizes: Iterator[int]) -> Iterator[int]:
    """Offset of each sample: chunks lie where `stco`/`co64` say, their samples one behind the other."""
    for chunk_offset, samples in zip(_chunk_offsets(data, table), _samples_per_chunk(data, table), strict=False):
        position = chunk_offset
        for size in islice(sizes, samples):
            yield position
            position += size


def _chunk_offsets(data: Buffer, table: Box) -> Iterator[int]:
    stco = find_optional(data, "stco", table)
    box, layout = (stco, ">I") if stco else (find(data, "co64", table), ">Q")
    return (value for (value,) in _rows(data, box.body + 8, integer(data, box.body + 4, 4), layout))


def _samples_per_chunk(data: Buffer, table: Box) -> Iterator[int]:
    stsc = find(data, "stsc", table)
    runs = list(_rows(data, stsc.body + 8, integer(data, stsc.body + 4, 4), ">III"))
    lengths = (after[0] - run[0] for run, after in pairwise(runs))
    bounded = chain.from_iterable(repeat(run[1], length) for run, length in zip(runs, lengths, strict=False))
    return chain(bounded, repeat(runs[-1][1]) if runs else ())


def _durations(data: Buffer, table: Box) -> Iterator[int]:
    stts = find(data, "stts", table)
    runs = _rows(data, stts.body + 8, integer(data, stts.body + 4, 4), ">II")
    return chain.from_iterable(repeat(duration, count) for count, duration in runs)


def _composition_shifts(data: Buffer, table: Box) -> Iterator[int]:
    """Signed in both versions of `ctts`: writers of version 0 store negative values all the same."""
    ctts = find_optional(data, "ctts", table)
    if ctts is None:
        return repeat(0)
    runs = _rows(data, ctts.body + 8, integer(data, ctts.body + 4, 4), ">Ii")
    return chain.from_iterable(repeat(shift, count) for count, shift in runs)


def _rows(data: Buffer, start: int, count: int, layout: str) -> Iterator[tuple[int, ...]]:
    """Rows of a table, a thousand at a time."""
    width = struct.calcsize(layout)
    end = start + count * width
    if end > len(data):
        raise MalformedMedia("a sample table runs past the file")
    for block in range(start, end, 1000 * width):
        yield from struct.iter_unpack(layout, bytes(data[block : min(end, block + 1000 * width)]))
