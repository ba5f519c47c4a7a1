"""Writes a progressive (unfragmented) MP4 of one track, sample by sample (ISO/IEC 14496-12, 8.3 to 8.7).

Everything but the tables comes from the track's protected initialisation segment, so that nothing is lost on the way.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, boxes, find, find_optional, integer
from core.adapters.isobmff.init_segment import FIXED_FIELDS, InitSegment

_BRANDS = b"isom" + struct.pack(">I", 512) + b"isomiso2avc1mp41"
_LARGE_HEADER = 16
"""Bytes of a box header with a 64-bit size: `mdat` may be larger than 4 GiB, and its size is known last."""
_NORMAL_RATE = 1 << 16


@dataclass(frozen=True, slots=True)
class ClearSample:
    """Times in ticks of the track's timescale; `key_frame` is true for every sample of sound."""

    data: bytes
    decode_time: int
    composition_time: int
    duration: int
    key_frame: bool


class ProgressiveWriter:
    """Writes samples as they come; the tables, a few bytes a sample, stay in memory until `finish`."""

    def __init__(self, out: BinaryIO, header: bytes, init: InitSegment) -> None:
        self._out = out
        self._header = header
        self._init = init
        self._sizes = array("I")
        self._key_frames = array("I")
        self._durations = _Runs()
        self._shifts = _Runs()
        self._chunk_offsets = array("Q")
        self._chunk_lengths = _Runs()
        self._time = 0
        self._mdat = out.write(_box(b"ftyp", _BRANDS))
        out.write(bytes(_LARGE_HEADER))

    def chunk(self, samples: Iterable[ClearSample]) -> None:
        """Samples that lie one behind the other. Raises MalformedMedia when they do not follow those before in time."""
        self._chunk_offsets.append(self._out.tell())
        before = len(self._sizes)
        for sample in samples:
            self._add(sample)
        self._chunk_lengths.add(len(self._sizes) - before)

    def _add(self, sample: ClearSample) -> None:
        if sample.decode_time != self._time:
            raise MalformedMedia(f"sample {len(self._sizes)} is at {sample.decode_time} instead of {self._time}")
        self._out.write(sample.data)
        self._sizes.append(len(sample.data))
        self._durations.add(sample.duration)
        self._shifts.add(sample.composition_time - sample.decode_time)
        if sample.key_frame:
            self._key_frames.append(len(self._sizes))
        self._time += sample.duration

    def finish(self) -> None:
        """Write the tables. The file is complete afterwards. Raises MalformedMedia when the header is not usable."""
        end = self._out.tell()
        self._out.write(self._movie())
        self._out.seek(self._mdat)
        self._out.write(struct.pack(">I4sQ", 1, b"mdat", end - self._mdat))
        self._out.seek(0, 2)

    def _movie(self) -> bytes:
        data = self._header
        moov = find(data, "moov")
        mvhd, track = find(data, "mvhd", moov), find(data, "trak", moov)
        ticks = integer(data, mvhd.body + (20 if data[mvhd.body] == 1 else 12), 4)
        shown = self._time * ticks // self._init.timescale
        edits = _edits(data, track, shown)
        header = _with_duration(data, find(data, "tkhd", track), 8, shown)
        return _box(
            b"moov", _with_duration(data, mvhd, 4, shown), _box(b"trak", header, edits, self._media(data, track))
        )

    def _media(self, data: Buffer, track: Box) -> bytes:
        mdia = find(data, "mdia", track)
        information = find(data, "minf", mdia)
        kept = [_copy(data, box) for box in boxes(data, information.body, information.end) if box.kind != b"stbl"]
        return _box(
            b"mdia",
            _with_duration(data, find(data, "mdhd", mdia), 4, self._time),
            _copy(data, find(data, "hdlr", mdia)),
            _box(
                b"minf", *kept, self._table(_clear_description(data, find(data, "stbl/stsd", information), self._init))
            ),
        )

    def _table(self, description: bytes) -> bytes:
        count = len(self._sizes)
        shifts, key_frames = b"", b""
        if self._shifts.values != [0]:
            signed = min(self._shifts.values, default=0) < 0
            shifts = _full_box(b"ctts", _rows(">Ii", self._shifts.pairs()), version=int(signed))
        if len(self._key_frames) < count:
            key_frames = _full_box(b"stss", _rows(">I", ((number,) for number in self._key_frames)))
        sizes = struct.pack(">II", 0, count) + _packed(self._sizes)
        return _box(
            b"stbl",
            description,
            _full_box(b"stts", _rows(">II", self._durations.pairs())),
            shifts,
            key_frames,
            _full_box(b"stsc", _rows(">III", self._chunk_lengths.starts())),
            _full_box(b"stsz", sizes),
            _full_box(b"co64", struct.pack(">I", len(self._chunk_offsets)) + _packed(self._chunk_offsets)),
        )


class _Runs:
    """Equal values that follow each other, as most sample tables count them."""

    def __init__(self) -> None:
        self.values: list[int] = []
        self._counts: list[int] = []

    def add(self, value: int) -> None:
        if self.values and self.values[-1] == value:
            self._counts[-1] += 1
        else:
            self.values.append(value)
            self._counts.append(1)

    def pairs(self) -> Iterable[tuple[int, ...]]:
        """(how many, value)."""
        return zip(self._counts, self.values, strict=True)

    def starts(self) -> Iterable[tuple[int, ...]]:
        """(number of the run's first, counted from 1, value, 1): rows of `stsc`, all of the first sample entry."""
        first = 1
        for count, value in self.pairs():
            yield first, value, 1
            first += count


def _clear_description(data: Buffer, stsd: Box, init: InitSegment) -> bytes:
    """The sample entry as it was before protection: its own type again, and no `sinf` (ISO/IEC 14496-12, 8.12)."""
    entries = list(boxes(data, stsd.body + 8, stsd.end))
    if len(entries) != 1 or init.entries[0].encryption is None:
        raise MalformedMedia("one protected sample entry expected")
    entry = entries[0]
    fixed = entry.body + FIXED_FIELDS[init.handler]
    kept = [_copy(data, box) for box in boxes(data, fixed, entry.end) if box.kind != b"sinf"]
    clear = _box(init.entries[0].original.encode("latin-1"), bytes(data[entry.body : fixed]), *kept)
    return _full_box(b"stsd", struct.pack(">I", 1) + clear)


def _edits(data: Buffer, track: Box, shown: int) -> bytes:
    """The edit that says what is shown first, over the whole length. Raises MalformedMedia for any other edit list."""
    table = find_optional(data, "edts/elst", track)
    if table is None:
        return b""
    width = 8 if data[table.body] == 1 else 4
    media_time = integer(data, table.body + 8 + width, width)
    plain = integer(data, table.body + 4, 4) == 1 and media_time != (1 << 8 * width) - 1
    if not plain or integer(data, table.body + 8 + 2 * width, 4) != _NORMAL_RATE:
        raise MalformedMedia("an edit list that is more than a beginning")
    return _box(b"edts", _full_box(b"elst", struct.pack(">IQQI", 1, shown, media_time, _NORMAL_RATE), version=1))


def _with_duration(data: Buffer, box: Box, between: int, duration: int) -> bytes:
    """`mvhd`, `tkhd` or `mdhd` in its 64-bit form; `between` are the bytes between its two dates and the duration."""
    version, width = data[box.body], 8 if data[box.body] == 1 else 4
    if version > 1:
        raise MalformedMedia(f"{box.kind!r} has version {version}")
    position = box.body + 4
    dates = struct.pack(">QQ", integer(data, position, width), integer(data, position + width, width))
    position += 2 * width
    kept, rest = data[position : position + between], data[position + between + width : box.end]
    flags = integer(data, box.body + 1, 3)
    body = dates + bytes(kept) + struct.pack(">Q", duration) + bytes(rest)
    return _full_box(box.kind, body, version=1, flags=flags)


def _rows(layout: str, rows: Iterable[tuple[int, ...]]) -> bytes:
    """A count and the rows."""
    packed = [struct.pack(layout, *row) for row in rows]
    return struct.pack(">I", len(packed)) + b"".join(packed)


def _packed(numbers: array[int]) -> bytes:
    """Big-endian, whatever this machine is."""
    swapped = numbers[:]
    if sys.byteorder == "little":
        swapped.byteswap()
    return swapped.tobytes()


def _copy(data: Buffer, box: Box) -> bytes:
    return bytes(data[box.start : box.end])


def _box(kind: bytes, *parts: bytes) -> bytes:
    size = 8 + sum(map(len, parts))
    return b"".join(chain((struct.pack(">I", size), kind), parts))


def _full_box(kind: bytes, body: bytes, *, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), body)
