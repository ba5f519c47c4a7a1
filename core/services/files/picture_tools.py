"""Posters out of pictures that people upload. Every byte of them is hostile: only the sandboxed ffmpeg looks inside."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from core.adapters.ffmpeg.arguments import Source
from core.adapters.ffmpeg.arguments_images import uploaded_poster_command
from core.adapters.ffmpeg.errors import ScratchFull, ToolError
from core.adapters.ffmpeg.limits import MEBIBYTE, Limits
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.scratch import Scratch
from core.domain.errors import InvalidInput, Unavailable
from core.domain.media.pictures import MOST_BYTES, MOST_PIXELS, POSTER_WIDTHS, jpeg_size, picture_demuxer

_log = structlog.get_logger(__name__)

_AT_ONCE = 2
_INPUT = "picture"
_LIMITS = Limits(memory_bytes=2048 * MEBIBYTE, file_bytes=16 * MEBIBYTE, cpu_seconds=20)
_STALL_SECONDS = 20.0


@dataclass(frozen=True)
class Picture:
    """A JPEG; pixels."""

    data: bytes = field(repr=False)
    width: int
    height: int


class PictureTools:
    """One per process. The sandbox is looked for when the first picture comes: most APIs never see one."""

    def __init__(self, scratch_dir: Path) -> None:
        self._scratch = Scratch(scratch_dir)
        self._opening = asyncio.Lock()
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._runner: MediaRunner | None = None

    async def posters(self, data: bytes) -> list[Picture]:
        """The largest first, each width once. Raises InvalidInput (PICTURE_INVALID), Unavailable."""
        demuxer = picture_demuxer(data)
        if demuxer is None:
            raise _refused("the file must be a PNG, JPEG or WebP picture, or captions in WebVTT")
        if len(data) > MOST_BYTES:
            raise _refused(f"the file is larger than {MOST_BYTES} bytes")
        async with self._free:
            return await self._scaled(await self._open(), data, demuxer)

    async def _scaled(self, runner: MediaRunner, data: bytes, demuxer: str) -> list[Picture]:
        names = {f"{width}.jpg": width for width in POSTER_WIDTHS}
        async with self._scratch.job() as job:
            (job.path / _INPUT).write_bytes(data)
            job.inputs.add(_INPUT)
            try:
                await runner.run(
                    uploaded_poster_command(Source(_INPUT, (demuxer,), MOST_PIXELS), names), job, limits=_LIMITS
                )
                made = [_picture((job.path / name).read_bytes()) for name in names]
            except ScratchFull:
                raise Unavailable("There is no room to read the picture. Please try again.") from None
            except (ToolError, FileNotFoundError, ValueError) as error:
                _log.info("picture refused", error=type(error).__name__)
                raise _refused(f"the picture cannot be read, or has more than {MOST_PIXELS} pixels") from None
        return list({picture.width: picture for picture in made}.values())

    async def _open(self) -> MediaRunner:
        async with self._opening:
            if self._runner is None:
                try:
                    sandbox = await detect_sandbox(self._scratch)
                except (ToolError, OSError) as error:
                    _log.warning("no media tools", error=type(error).__name__)
                    raise Unavailable("This server cannot read pictures: ffmpeg is missing.") from None
                level = _log.info if sandbox.namespaces else _log.warning
                level("picture tools", sandbox=sandbox.describe())
                self._runner = MediaRunner(sandbox, _STALL_SECONDS)
            return self._runner


def _picture(data: bytes) -> Picture:
    return Picture(data, *jpeg_size(data))


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(f"file: {reason}", code="PICTURE_INVALID", fields={"file": reason})
