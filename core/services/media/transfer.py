"""Moving files between storage and a job's directory.

Reports while it waits, so that a slow transfer is not taken for a dead worker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

from core.adapters.object_cache import hash_file
from core.domain.progress import Report, StepProgress
from core.ports import ObjectNotFound, ObjectStat
from core.services.media.tools import MediaTools

T = TypeVar("T")

_BEAT_SECONDS = 2.0


async def stored(tools: MediaTools, key: str) -> ObjectStat | None:
    """What a former attempt left at this key. Objects appear whole or not at all, so existence is enough."""
    try:
        return await tools.storage.stat(key)
    except ObjectNotFound:
        return None


async def fetch(tools: MediaTools, key: str, report: Report, progress: StepProgress) -> Path:
    """The cached local copy. Raises ObjectNotFound, StorageUnavailable, ScratchFull."""
    return await reporting(tools.cache.fetch(key), report, progress)


async def store(
    tools: MediaTools, key: str, path: Path, content_type: str, report: Report, progress: StepProgress
) -> ObjectStat:
    """Upload with its SHA-256 as metadata, and keep the file for the next step on this host."""
    return await reporting(_stored_and_kept(tools, key, path, content_type), report, progress)


async def _stored_and_kept(tools: MediaTools, key: str, path: Path, content_type: str) -> ObjectStat:
    digest = await asyncio.to_thread(hash_file, path)
    stat = await tools.storage.put_file(key, path, content_type, digest)
    await tools.cache.adopt(key, stat, path)
    return stat


async def reporting(work: Coroutine[object, object, T], report: Report, progress: StepProgress) -> T:
    """Await `work`, repeating the reading meanwhile. The work has its own timeouts and ends for sure."""
    task = asyncio.ensure_future(work)
    try:
        while True:
            report(progress)
            done, _ = await asyncio.wait({task}, timeout=_BEAT_SECONDS)
            if done:
                return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
