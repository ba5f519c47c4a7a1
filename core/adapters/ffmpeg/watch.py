"""Looks at a running tool twice a second: tells its progress, and notices when nothing moves any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from core.adapters.ffmpeg.process_tree import cpu_seconds, written_bytes
from core.adapters.ffmpeg.progress import ProgressParser, Reading
from core.adapters.scratch import Job

TICK_SECONDS = 0.5


class Watch:
    """`run` ends only when the tool is stalled; until then the owner cancels it."""

    def __init__(
        self,
        pid: int,
        job: Job,
        progress: ProgressParser,
        stall_seconds: float,
        on_progress: Callable[[Reading], None] | None,
    ) -> None:
        self.reading = Reading()
        self.stalled = False
        self._pid = pid
        self._job = job
        self._progress = progress
        self._stall_seconds = stall_seconds
        self._on_progress = on_progress

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        moved_at = loop.time()
        while not self.stalled:
            await asyncio.sleep(TICK_SECONDS)
            before = self.reading.position
            # A packaged title is tens of thousands of files: not on the event loop.
            written = await asyncio.to_thread(written_bytes, self._job.path, self._job.inputs)
            self.sample(written)
            if self.reading.position != before:
                moved_at = loop.time()
            self.stalled = loop.time() - moved_at >= self._stall_seconds
            if self._on_progress is not None and not self.stalled:
                self._on_progress(self.reading)

    def sample(self, written: int | None = None) -> None:
        """Look once; also called at the tool's end, so that short runs are counted."""
        # Children that just ended take their time with them until their parent waits; never count backwards.
        used = max(self.reading.cpu_seconds, cpu_seconds(self._pid))
        size = self.reading.output_bytes if written is None else written
        self.reading = replace(self._progress.reading, cpu_seconds=used, output_bytes=size)
