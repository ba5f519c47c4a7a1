from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.isobmff.boxes import MalformedMedia, boxes, children, find, find_optional, integer, signed
from core.adapters.isobmff.elementary_stream import decoder_specific_info
from core.adapters.isobmff.fragments import read_fragments
from core.adapters.isobmff.init_segment import InitSegment, SampleEntry, TrackDefaults, read_init_segment
from core.adapters.isobmff.sample_table import read_samples


def box(kind: bytes, body: bytes = b"") -> bytes:
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def test_nested_boxes_are_found_by_path():
    data = box(b"ftyp") + box(b"moov", box(b"trak", box(b"mdia", b"x")) + box(b"trak"))
    assert data[find(data, "moov/trak/mdia").body : find(data, "moov/trak/mdia").end] == b"x"
    assert len(children(data, find(data, "moov"), "trak")) == 2
    assert find_optional(data, "moov/udta") is None
    with pytest.raises(MalformedMedia, match="no moov/udta"):
        find(data, "moov/udta")


def test_sizes_of_64_bits_and_to_the_end_are_read():
    large = (1).to_bytes(4, "big") + b"mdat" + (20).to_bytes(8, "big") + b"abcd"
    last = bytes(4) + b"free" + b"rest"
    assert [(b.kind, b.body, b.end) for b in boxes(large + last)] == [(b"mdat", 16, 20), (b"free", 28, 32)]


@pytest.mark.parametrize(
    "data", [b"\0\0\0", box(b"moov")[:-1], b"\0\0\0\7moov", b"\0\0\1\0moov", b"\0\0\0\1moov" + bytes(8)]
)
def test_sizes_that_do_not_fit_are_refused(data):
    with pytest.raises(MalformedMedia):
        list(boxes(data))


def test_integers_beyond_the_end_are_refused():
    assert (integer(b"\x01\x02", 0, 2), signed(b"\xff\xfe", 0, 2)) == (258, -2)
    with pytest.raises(MalformedMedia):
        integer(b"\x01", 0, 2)


CLEAR = InitSegment("soun", 48000, 0, (SampleEntry("mp4a", "mp4a", b"", None),), TrackDefaults(0, 0), ())


@given(st.binary(max_size=400), st.sampled_from([b"moof", b"moov", b"mdat", b"traf"]))
def test_noise_raises_malformed_media_and_nothing_else(noise, kind):
    data = box(kind, noise)
    for read in (read_init_segment, lambda d: list(read_samples(d)), lambda d: list(read_fragments(d, CLEAR))):
        with contextlib.suppress(MalformedMedia):
            read(data)


@given(st.data())
def test_damage_to_a_real_structure_raises_malformed_media_and_nothing_else(data):
    trun = box(
        b"trun", bytes.fromhex("00000301") + b"\0\0\0\2" + b"\0\0\0\x50" + bytes.fromhex("00000400 00000004") * 2
    )
    traf = box(b"traf", box(b"tfhd", bytes.fromhex("00020000 00000001")) + box(b"tfdt", bytes(8)) + trun)
    segment = bytearray(box(b"moof", traf) + box(b"mdat", b"12345678"))
    assert len(list(read_fragments(bytes(segment), CLEAR))) == 2
    at = data.draw(st.integers(0, len(segment) - 1))
    segment[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(MalformedMedia):
        list(read_fragments(bytes(segment), CLEAR))


def test_the_audio_configuration_is_found_in_both_ways_of_writing_lengths():
    short = bytes.fromhex("0316 000000 0411 4015000000 00000000 00000000 0502 1190")
    long = bytes.fromhex("038080801c 000000 0480808014 4015000000 00000000 00000000 0580808002 1190")
    assert decoder_specific_info(short) == decoder_specific_info(long) == b"\x11\x90"
    with pytest.raises(MalformedMedia):
        decoder_specific_info(short[:10])
