"""Decoding the first second of a stream, to learn whether anything comes out."""

from __future__ import annotations

from collections.abc import Sequence

from core.adapters.ffmpeg.probe import SOURCE, guarded_input

#: A recording cut out of a broadcast may begin this many seconds before its first key frame.
_SEARCH_SECONDS = 10
#: About a second of either: 25 pictures, 50 blocks of 1024 samples.
_FRAMES = {"v": 25, "a": 50}
_NO_DECODER_MARKS = ("Decoder (codec", "not found for input stream", "Decoder not found")


def trial_decode_command(demuxers: Sequence[str], max_pixels: int, stream: int, kind: str, start: float) -> list[str]:
    """argv that prints one line for each frame decoded from `start` seconds; `kind` is "v" or "a"."""
    seek = ["-ss", f"{start:.3f}"] if start > _SEARCH_SECONDS / 2 else []
    return [
        "ffmpeg",
        "-nostdin",
        "-v",
        "error",
        *guarded_input(demuxers, max_pixels),
        *seek,
        "-t",
        str(_SEARCH_SECONDS),
        "-i",
        SOURCE,
        "-map",
        f"0:{stream}",
        f"-frames:{kind}",
        str(_FRAMES[kind]),
        *(["-fps_mode", "passthrough"] if kind == "v" else []),
        "-f",
        "framecrc",
        "-",
    ]


def decoded_frames(output: bytes) -> int:
    """Frames in framecrc's output: one line each, comments begin with "#"."""
    return sum(1 for line in output.splitlines() if line.strip() and not line.startswith(b"#"))


def lacks_decoder(stderr: str) -> bool:
    """Whether this ffmpeg knows the codec's name but cannot decode it."""
    return any(mark in stderr for mark in _NO_DECODER_MARKS)
