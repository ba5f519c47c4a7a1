"""A tool's two output pipes, read to their end in bounded memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from core.adapters.ffmpeg.progress import ProgressParser

_BLOCK = 65536
_TAIL_BYTES = 8192
#: A longer line is not text; it is cut so that it cannot fill the memory.
_LINE_BYTES = 65536


class OutputOverflow(Exception):
    """More data on stdout than may be kept."""


class StdoutSink:
    """Progress, lines or data, as asked for."""

    def __init__(self, limit: int, on_line: Callable[[str], None] | None, *, progress: bool) -> None:
        self.progress = ProgressParser()
        self.data = bytearray()
        self._limit = limit
        self._on_line = self.progress.feed if progress else on_line
        self._rest = b""

    async def drain(self, stream: asyncio.StreamReader) -> None:
        """Raises OutputOverflow."""
        while block := await stream.read(_BLOCK):
            if self._on_line is None:
                self.data += block
                if len(self.data) > self._limit:
                    raise OutputOverflow
            else:
                self._split(block, self._on_line)

    def _split(self, block: bytes, on_line: Callable[[str], None]) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        self._rest = self._rest[:_LINE_BYTES]
        for line in lines:
            on_line(line[:_LINE_BYTES].decode("utf-8", "replace"))


class StderrTail:
    """Counts all lines and keeps the end."""

    def __init__(self) -> None:
        self.lines = 0
        self._tail = b""

    async def drain(self, stream: asyncio.StreamReader) -> None:
        while block := await stream.read(_BLOCK):
            self.lines += block.count(b"\n")
            self._tail = (self._tail + block)[-_TAIL_BYTES:]

    def text(self) -> str:
        return self._tail.decode("utf-8", "replace")
