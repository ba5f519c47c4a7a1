"""Look into a source's container without any demuxer: cheap, in bounded memory, before ffmpeg sees the file."""

from __future__ import annotations

import asyncio
import mmap
from pathlib import Path

from core.adapters.containers.isobmff import traits_of_isobmff
from core.adapters.containers.matroska import traits_of_matroska
from core.adapters.containers.transport_stream import traits_of_transport_stream
from core.domain.media.magic import HEAD_BYTES, ISO_BMFF, MATROSKA, MPEG_TS, ContainerFamily
from core.domain.media.probed import ContainerTraits

_READERS = {ISO_BMFF: traits_of_isobmff, MATROSKA: traits_of_matroska, MPEG_TS: traits_of_transport_stream}


async def read_head(path: Path) -> tuple[bytes, int]:
    """The first HEAD_BYTES, and the size of the whole file in bytes."""
    return await asyncio.to_thread(_read_head, path)


async def examine_container(path: Path, family: ContainerFamily) -> ContainerTraits:
    """Traits of a file that is not empty. Families without a reader here have no index and no known encryption."""
    return await asyncio.to_thread(_examine, path, family)


def _read_head(path: Path) -> tuple[bytes, int]:
    with path.open("rb") as handle:
        return handle.read(HEAD_BYTES), path.stat().st_size


def _examine(path: Path, family: ContainerFamily) -> ContainerTraits:
    reader = _READERS.get(family)
    if reader is None:
        return ContainerTraits()
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return reader(data)
