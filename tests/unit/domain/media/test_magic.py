from __future__ import annotations

import pytest

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media import magic
from core.domain.media.magic import ContainerFamily, identify


def box(kind: bytes, size: int = 32) -> bytes:
    return size.to_bytes(4, "big") + kind + b"isom" + bytes(64)


def packets(stride: int, before: bytes = b"") -> bytes:
    return before + b"".join(b"\x47" + bytes(stride - 1) for _ in range(10))


@pytest.mark.parametrize(
    ("head", "family"),
    [
        (box(b"ftyp"), magic.ISO_BMFF),
        (box(b"moov", 2**31 - 1), magic.ISO_BMFF),
        (box(b"mdat", 1), magic.ISO_BMFF),
        (box(b"wide", 8), magic.ISO_BMFF),
        (b"\x1a\x45\xdf\xa3" + bytes(40), magic.MATROSKA),
        (b"RIFF\x00\x00\x00\x00AVI LIST", magic.AVI),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", magic.WAV),
        (b"FORM\x00\x00\x00\x00AIFFCOMM", magic.AIFF),
        (b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", magic.FLV),
        (packets(188), magic.MPEG_TS),
        (packets(192, bytes(4)), magic.MPEG_TS),
        (packets(204), magic.MPEG_TS),
        (packets(188, bytes(100)), magic.MPEG_TS),
        (b"\x00\x00\x01\xba" + bytes(40), magic.MPEG_PS),
        (b"\x00\x00\x01\xb3" + bytes(40), magic.MPEG_VIDEO),
        (b"OggS\x00" + bytes(40), magic.OGG),
        (bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + bytes(8), magic.ASF),
        (b"GIF89a" + bytes(20), magic.GIF),
        (b"ID3\x04" + bytes(40), magic.MP3),
        (b"\xff\xfb\x90\x64" + bytes(40), magic.MP3),
        (b"\xff\xf1\x50\x80" + bytes(40), magic.ADTS),
        (b"\x0b\x77" + bytes(40), magic.AC3),
        (b"fLaC" + bytes(40), magic.FLAC),
        (b"#!AMR\n" + bytes(40), magic.AMR),
        (bytes.fromhex("060e2b34020501010d0102010102") + bytes(20), magic.MXF),
    ],
)
def test_known_container_is_told_by_its_bytes(head: bytes, family: ContainerFamily) -> None:
    assert identify(head, len(head)) == family


@pytest.mark.parametrize(
    "head",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n",
        b"\xef\xbb\xbf#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
        b"<?xml version='1.0'?><MPD></MPD>",
        b"  \n<!DOCTYPE html><html></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"[Script Info]\nTitle: x\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\n",
        b"\x7fELF" + bytes(60),
        b"MZ" + bytes(60),
        b"PK\x03\x04" + bytes(60),
        b"\x1f\x8b\x08" + bytes(60),
        b"\x89PNG\r\n\x1a\n" + bytes(60),
        b"\xff\xd8\xff\xe0" + bytes(60),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"XXXX\x00\x00\x00\x00AVI LIST",
        box(b"ftyp").replace(b"isom", b"heic"),
        b"the free and skip boxes",
        b"The quick brown fox jumps over the lazy dog",
        "\ufeffUTF-16 text, which begins like a frame".encode("utf-16-le"),
        bytes(1000),
        b"\x47" + bytes(2000),
    ],
)
def test_anything_else_is_not_a_video(head: bytes) -> None:
    with pytest.raises(VideoRejected) as caught:
        identify(head, len(head))
    assert caught.value.failure is FailureCode.NOT_A_VIDEO


def test_empty_and_tiny_files_have_their_own_codes() -> None:
    with pytest.raises(VideoRejected) as empty:
        identify(b"", 0)
    assert empty.value.failure is FailureCode.EMPTY
    with pytest.raises(VideoRejected) as tiny:
        identify(b"\x00", 1)
    assert tiny.value.failure is FailureCode.UNREADABLE


def test_no_family_admits_a_demuxer_that_follows_references() -> None:
    families = [value for value in vars(magic).values() if isinstance(value, ContainerFamily)]
    assert len(families) >= 20
    dangerous = {
        "hls",
        "dash",
        "concat",
        "concatf",
        "sdp",
        "rtsp",
        "rtp",
        "image2",
        "lavfi",
        "imf",
        "ass",
        "srt",
        "webvtt",
    }
    assert not dangerous & {demuxer for family in families for demuxer in family.demuxers}
