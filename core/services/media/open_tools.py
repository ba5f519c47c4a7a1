"""Bind the media tools of a worker process, sweep what dead workers left, and say how well tools are confined."""

from __future__ import annotations

import structlog

from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.object_cache import ObjectCache
from core.adapters.scratch import Scratch
from core.ports import ObjectStorage
from core.services.media.tools import MediaTools
from core.settings import Settings

_log = structlog.get_logger(__name__)


async def open_tools(settings: Settings, storage: ObjectStorage) -> MediaTools:
    """Call once at worker start, on the event loop's thread. Raises FileNotFoundError when ffmpeg is missing."""
    scratch = Scratch(settings.scratch_dir)
    swept = await scratch.sweep()
    sandbox = await detect_sandbox(scratch)
    level = _log.info if sandbox.namespaces else _log.warning
    level("media tools", sandbox=sandbox.describe(), swept_jobs=swept)
    return MediaTools(
        storage=storage,
        runner=MediaRunner(sandbox, settings.stall_seconds),
        scratch=scratch,
        cache=ObjectCache(storage, scratch, settings.source_cache_bytes),
        max_pixels=settings.max_pixels,
    )
