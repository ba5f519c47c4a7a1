"""What a file is, by its first bytes. The name and the declared type of an upload prove nothing.

The answer narrows ffmpeg to the demuxers of one family: a playlist, script or subtitle that some demuxer would
recognise (and follow) can then not be opened as one.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.failures import FailureCode, VideoRejected

#: How much of the file `identify` needs to see.
HEAD_BYTES = 64 * 1024
#: Less than this could be the start of anything.
_TELLING_BYTES = 16


@dataclass(frozen=True)
class ContainerFamily:
    """`demuxers` are ffmpeg's names; `declares_duration`: the header has the muxer's own duration, not an estimate.

    `clock_may_jump`: recordings of it can be put one after the other, each with timestamps of its own.
    """

    name: str
    demuxers: tuple[str, ...]
    declares_duration: bool = False
    clock_may_jump: bool = False


ISO_BMFF = ContainerFamily("isobmff", ("mov",), declares_duration=True)
MATROSKA = ContainerFamily("matroska", ("matroska",), declares_duration=True)
AVI = ContainerFamily("avi", ("avi",), declares_duration=True)
FLV = ContainerFamily("flv", ("flv",), declares_duration=True)
ASF = ContainerFamily("asf", ("asf",), declares_duration=True)
MXF = ContainerFamily("mxf", ("mxf",), declares_duration=True)
MPEG_TS = ContainerFamily("mpegts", ("mpegts",), clock_may_jump=True)
MPEG_PS = ContainerFamily("mpeg", ("mpeg",), clock_may_jump=True)
MPEG_VIDEO = ContainerFamily("mpegvideo", ("mpegvideo",))
OGG = ContainerFamily("ogg", ("ogg",))
GIF = ContainerFamily("gif", ("gif",))
MP3 = ContainerFamily("mp3", ("mp3", "aac"))
ADTS = ContainerFamily("aac", ("aac",))
AC3 = ContainerFamily("ac3", ("ac3", "eac3"))
DTS = ContainerFamily("dts", ("dts",))
FLAC = ContainerFamily("flac", ("flac",))
WAV = ContainerFamily("wav", ("wav",))
AIFF = ContainerFamily("aiff", ("aiff",))
CAF = ContainerFamily("caf", ("caf",))
AMR = ContainerFamily("amr", ("amr",))

_FAMILIES: tuple[tuple[int, bytes, ContainerFamily], ...] = (
    (0, b"\x1a\x45\xdf\xa3", MATROSKA),
    (0, b"FLV\x01", FLV),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c", ASF),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", MXF),
    (0, b"\x00\x00\x01\xba", MPEG_PS),
    (0, b"\x00\x00\x01\xb3", MPEG_VIDEO),
    (0, b"OggS\x00", OGG),
    (0, b"GIF87a", GIF),
    (0, b"GIF89a", GIF),
    (0, b"ID3", MP3),
    (0, b"fLaC", FLAC),
    (0, b"\x0b\x77", AC3),
    (0, b"\x7f\xfe\x80\x01", DTS),
    (0, b"caff\x00\x01", CAF),
    (0, b"#!AMR", AMR),
    (8, b"AVI ", AVI),
    (8, b"WAVE", WAV),
    (8, b"AIFF", AIFF),
    (8, b"AIFC", AIFF),
)
_RIFF_KINDS = {AVI: b"RIFF", WAV: b"RIFF", AIFF: b"FORM"}

_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"#EXTM3U", "a playlist"),
    (b"ffconcat", "a concat script"),
    (b"<", "markup"),
    (b"[Script Info]", "a subtitle script"),
    (b"WEBVTT", "a subtitle file"),
    (b"v=0", "a session description"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"PK\x03\x04", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"Rar!", "an archive"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"BM", "an image"),
    (b"II*\x00", "an image"),
    (b"MM\x00*", "an image"),
    (b"%PDF", "a document"),
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_FIRST_BOXES = {b"ftyp", b"styp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"moof", b"sidx"}
_IMAGE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"jxl "}
#: Bytes from one sync byte to the next: plain, with a timestamp before (Blu-ray), with error correction after.
_TS_STRIDES = (188, 192, 204)
_TS_SYNC = 0x47
_TS_RUN = 8


def identify(head: bytes, size: int) -> ContainerFamily:
    """Family of a file of `size` bytes from its first HEAD_BYTES.

    Raises VideoRejected: EMPTY, NOT_A_VIDEO, or UNREADABLE when there is too little to tell.
    """
    if size == 0:
        raise VideoRejected(FailureCode.EMPTY, "0 bytes")
    family = _by_signature(head) or _by_structure(head)
    if family is not None:
        return family
    refused = _refusal(head)
    if refused is None and size < _TELLING_BYTES:
        raise VideoRejected(FailureCode.UNREADABLE, f"only {size} bytes")
    raise VideoRejected(FailureCode.NOT_A_VIDEO, f"the content is {refused or 'of no known kind'}")


def _by_signature(head: bytes) -> ContainerFamily | None:
    for offset, signature, family in _FAMILIES:
        if head.startswith(signature, offset) and head.startswith(_RIFF_KINDS.get(family, b"")):
            return family
    return None


def _by_structure(head: bytes) -> ContainerFamily | None:
    if _is_iso_bmff(head):
        return ISO_BMFF
    if _is_transport_stream(head):
        return MPEG_TS
    return _mpeg_audio(head)


def _is_iso_bmff(head: bytes) -> bool:
    """A first box of a known type whose size is a number, not four letters of a text that happens to say "free"."""
    is_text = head[:4].isascii() and head[:4].decode("ascii").isprintable()
    return head[4:8] in _FIRST_BOXES and not is_text and not _is_image_brand(head)


def _is_image_brand(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _IMAGE_BRANDS


def _is_transport_stream(head: bytes) -> bool:
    return any(_syncs(head, start, stride) for stride in _TS_STRIDES for start in range(stride))


def _syncs(head: bytes, start: int, stride: int) -> bool:
    column = head[start : start + stride * _TS_RUN : stride]
    return len(column) == _TS_RUN and column.count(_TS_SYNC) == _TS_RUN


def _mpeg_audio(head: bytes) -> ContainerFamily | None:
    """ADTS (layer 0) or MPEG audio layer III from the frame header, ISO/IEC 11172-3, 2.4.2.3."""
    if len(head) < _TELLING_BYTES or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer, rate = head[1] >> 1 & 3, head[2] >> 2 & 3
    if head[1] & 0xF6 == 0xF0:
        return ADTS
    usable = head[2] >> 4 != 15 and rate != 3 and head[1] >> 3 & 3 != 1
    return MP3 if layer == 1 and usable else None


def _refusal(head: bytes) -> str | None:
    start = head.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if _is_image_brand(head):
        return "an image"
    return next((what for signature, what in _REFUSED if start.startswith(signature)), None)
