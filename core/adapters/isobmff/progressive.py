"""Writes a progressive (unfragmented) MP4 of one track, sample by sample (ISO/IEC 14496-12, 8.3 to 8.7)."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, boxes, find, integer
from core.adapters.isobmff.building import big_endian, copy_of, make_box, make_full_box, table_rows
from core.adapters.isobmff.clear_header import beginning, clear_description, with_duration
from core.adapters.isobmff.init_segment import InitSegment

_BRANDS = b"isom" + struct.pack(">I", 512) + b"isomiso2avc1mp41"
_LARGE_HEADER = 16
"""Bytes of a box header with a 64-bit size: `mdat` may be larger than 4 GiB, and its size is known last."""


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
        self._time = self._end = 0
        self._mdat = out.write(make_box(b"ftyp", _BRANDS))
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
        self._end = max(self._end, sample.composition_time + sample.duration)

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
        shown = max(0, self._end - self._init.edit_start) * ticks // self._init.timescale
        header = with_duration(data, find(data, "tkhd", track), 8, shown)
        written = make_box(b"trak", header, beginning(data, track, shown), self._media(data, track))
        return make_box(b"moov", with_duration(data, mvhd, 4, shown), written)

    def _media(self, data: Buffer, track: Box) -> bytes:
        mdia = find(data, "mdia", track)
        information = find(data, "minf", mdia)
        kept = [copy_of(data, box) for box in boxes(data, information.body, information.end) if box.kind != b"stbl"]
        description = clear_description(data, find(data, "stbl/stsd", information), self._init)
        return make_box(
            b"mdia",
            with_duration(data, find(data, "mdhd", mdia), 4, self._time),
            copy_of(data, find(data, "hdlr", mdia)),
            make_box(b"minf", *kept, self._table(description)),
        )

    def _table(self, description: bytes) -> bytes:
        count = len(self._sizes)
        shifts, key_frames = b"", b""
        if self._shifts.values != [0]:
            signed = min(self._shifts.values, default=0) < 0
            shifts = make_full_box(b"ctts", table_rows(">Ii", self._shifts.pairs()), version=int(signed))
        if len(self._key_frames) < count:
            key_frames = make_full_box(b"stss", table_rows(">I", ((number,) for number in self._key_frames)))
        sizes = struct.pack(">II", 0, count) + big_endian(self._sizes)
        return make_box(
            b"stbl",
            description,
            make_full_box(b"stts", table_rows(">II", self._durations.pairs())),
            shifts,
            key_frames,
            make_full_box(b"stsc", table_rows(">III", self._chunk_lengths.starts())),
            make_full_box(b"stsz", sizes),
            make_full_box(b"co64", struct.pack(">I", len(self._chunk_offsets)) + big_endian(self._chunk_offsets)),
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
