from __future__ import annotations

import pytest

from core.domain.access.lenient_fields import fields_of
from core.domain.errors import InvalidInput
from core.domain.media.pictures import jpeg_size, picture_demuxer


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"[]", b"null"])
def test_nothing_is_no_fields(body: bytes):
    assert fields_of(body) == {}


def test_json_and_forms_are_told_apart_by_what_they_are():
    assert fields_of(b'{"a": [1], "b": {"c": "d=e"}}') == {"a": [1], "b": {"c": "d=e"}}
    assert fields_of(b"a=1&b=x+y&c=&a=2&a=3&d[]=4&d[]=5&d%5B%5D=6") == {
        "a": ["1", "2", "3"],
        "b": "x y",
        "c": "",
        "d": ["4", "5", "6"],
    }


@pytest.mark.parametrize(
    "body", [b"[1]", b"1", b'"a=b"', b"{", b"{a=b}", b"text", b"\xff=1", b"&".join([b"a=1"] * 1001), b"[" * 10_000]
)
def test_neither_is_refused(body: bytes):
    with pytest.raises(InvalidInput):
        fields_of(body)


def test_pictures_are_known_by_their_first_bytes():
    assert picture_demuxer(b"\x89PNG\r\n\x1a\n") == "png_pipe"
    assert picture_demuxer(b"\xff\xd8\xff\xe0") == "jpeg_pipe"
    assert picture_demuxer(b"RIFF\0\0\0\0WEBPVP8 ") == "webp_pipe"
    for other in (b"", b"GIF89a", b"RIFF\0\0\0\0WAVE", b"#EXTM3U", b"<svg"):
        assert picture_demuxer(other) is None


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe0\xff\xff", b"\xff\xd8\xff\xe0\x00\x04ab"])
def test_a_jpeg_without_a_frame_has_no_size(data: bytes):
    with pytest.raises(ValueError, match="start of a frame"):
        jpeg_size(data)
