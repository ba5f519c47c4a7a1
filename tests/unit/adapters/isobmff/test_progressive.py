"""The writer against the readers, and what it refuses. Real tracks are in the integration tests of `regain_tracks`."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest

from core.adapters.isobmff.boxes import MalformedMedia, find, find_optional, integer
from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.isobmff.progressive import ClearSample, ProgressiveWriter
from core.adapters.isobmff.sample_table import read_samples

KID = bytes(range(16))
EDIT = (0, 1024, 1 << 16)


def box(kind: str, *parts: bytes) -> bytes:
    return struct.pack(">I", 8 + sum(map(len, parts))) + kind.encode() + b"".join(parts)


def header(*, edits: tuple[tuple[int, int, int], ...] = (EDIT,), entries: int = 1, version: int = 0) -> bytes:
    """An initialisation segment of protected sound: 1000 ticks a second in the movie, 48000 in the track."""
    dates = ">QQ" if version else ">II"
    end = bytes(8 if version else 4)
    head = struct.pack(">I", version << 24) + struct.pack(dates, 7, 9)
    tenc = box("tenc", bytes(4), b"\0\0\1\x08", KID)
    sinf = box("sinf", box("frma", b"mp4a"), box("schm", bytes(4), b"cenc", bytes(4)), box("schi", tenc))
    entry = box("enca", bytes(28), box("btrt", bytes(12)), sinf)
    stsd = box("stsd", bytes(4), struct.pack(">I", entries), entry * entries)
    elst = box("elst", bytes(4), struct.pack(">I", len(edits)), *(struct.pack(">IiI", *edit) for edit in edits))
    mdia = box(
        "mdia",
        box("mdhd", head, struct.pack(">I", 48000), end, b"\x55\xc4\0\0"),
        box("hdlr", bytes(8), b"soun", bytes(13)),
        box("minf", box("smhd", bytes(8)), box("stbl", stsd)),
    )
    track = box("trak", box("tkhd", head, bytes(8), end, bytes(60)), box("edts", elst) if edits else b"", mdia)
    movie = box("mvhd", head, struct.pack(">I", 1000), end, bytes(80))
    return box("moov", movie, track, box("mvex", box("trex", bytes(24))), box("pssh", bytes(24)))


def write(data: bytes, *chunks: list[ClearSample]) -> bytes:
    out = BytesIO()
    writer = ProgressiveWriter(out, data, read_init_segment(data))
    for samples in chunks:
        writer.chunk(samples)
    writer.finish()
    return out.getvalue()


def sound(number: int, content: bytes = b"sound", duration: int = 1024) -> ClearSample:
    return ClearSample(content, number * 1024, number * 1024, duration, key_frame=True)


@pytest.mark.parametrize("version", [0, 1])
def test_it_reads_back_as_what_it_was_before_protection(version: int) -> None:
    file = write(header(version=version), [sound(0), sound(1, b"so")], [sound(2, b"", 500)])
    places = list(read_samples(file))
    assert [file[each.offset : each.offset + each.size] for each in places] == [b"sound", b"so", b""]
    assert [each.decode_time for each in places] == [0, 1024, 2048]
    init = read_init_segment(file)
    assert (init.handler, init.timescale, init.edit_start, init.systems) == ("soun", 48000, 1024, ())
    assert [(entry.coding, entry.encryption) for entry in init.entries] == [("mp4a", None)]
    for path, at, duration in (("mvhd", 24, 31), ("trak/tkhd", 28, 31), ("trak/mdia/mdhd", 24, 2548)):
        found = find(file, f"moov/{path}")
        assert (file[found.body], integer(file, found.body + 4, 8), integer(file, found.body + 12, 8)) == (1, 7, 9)
        assert integer(file, found.body + at, 8) == duration
    table = find(file, "moov/trak/mdia/minf/stbl")
    assert find_optional(file, "stss", table) is None
    assert find_optional(file, "ctts", table) is None
    assert b"btrt" in file
    assert not any(kind in file for kind in (b"sinf", b"mvex", b"pssh", KID))


@pytest.mark.parametrize(("shifts", "version"), [((0, 2048), 0), ((0, -512), 1)])
def test_reordered_frames_keep_their_times_and_key_frames_are_listed(shifts: tuple[int, int], version: int) -> None:
    samples = [
        ClearSample(b"frame", 512 * number, 512 * number + shift, 512, key_frame=number == 0)
        for number, shift in enumerate(shifts)
    ]
    file = write(header(), samples)
    assert [each.composition_time - each.decode_time for each in read_samples(file)] == list(shifts)
    table = find(file, "moov/trak/mdia/minf/stbl")
    assert file[find(file, "ctts", table).body] == version
    stss = find(file, "stss", table)
    assert file[stss.body + 4 : stss.end] == struct.pack(">II", 1, 1)


def test_without_an_edit_list_none_is_written() -> None:
    file = write(header(edits=()), [sound(0)])
    assert find_optional(file, "moov/trak/edts") is None


@pytest.mark.parametrize("samples", [[sound(1)], [sound(0), sound(2)], [sound(0, duration=1000), sound(1)]])
def test_a_gap_in_time_is_refused(samples: list[ClearSample]) -> None:
    with pytest.raises(MalformedMedia, match="instead of"):
        write(header(), samples)


@pytest.mark.parametrize("edits", [(EDIT, EDIT), ((0, -1, 1 << 16),), ((0, 1024, 2 << 16),)])
def test_an_edit_list_that_would_be_lost_is_refused(edits: tuple[tuple[int, int, int], ...]) -> None:
    with pytest.raises(MalformedMedia, match="edit list"):
        write(header(edits=edits), [sound(0)])


def test_two_sample_entries_are_refused() -> None:
    with pytest.raises(MalformedMedia, match="one sample entry"):
        write(header(entries=2), [sound(0)])
