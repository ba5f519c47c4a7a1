"""What every media use case works with, bound together once per worker process."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.object_cache import ObjectCache
from core.adapters.scratch import Scratch
from core.ports import ObjectStorage


@dataclass(frozen=True)
class MediaTools:
    """`max_pixels` is the largest coded picture that any decoder may allocate."""

    storage: ObjectStorage
    runner: MediaRunner
    scratch: Scratch
    cache: ObjectCache
    max_pixels: int = 8192 * 4320
