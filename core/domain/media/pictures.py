"""Pictures that people upload, by their first bytes."""

from __future__ import annotations

POSTER_WIDTHS = (1280, 720, 480)
"""Of the sizes that are made of one picture, none of them enlarged."""

MOST_BYTES = 10 * 1024**2
MOST_PIXELS = 50_000_000

_JPEG_START_OF_FRAME = frozenset({0xC0, 0xC1, 0xC2, 0xC3})


def picture_demuxer(data: bytes) -> str | None:
    """ffmpeg's name of the only demuxer that may open it; None for what is not PNG, JPEG or WebP."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png_pipe"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg_pipe"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp_pipe"
    return None


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG that we wrote (ITU-T T.81, B.2.2). Raises ValueError."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _JPEG_START_OF_FRAME:
            height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        at += 2 + length
    raise ValueError("no start of a frame")
