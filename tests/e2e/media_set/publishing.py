"""Many files through the API at once, as the `sealcast ingest` command does it, but in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from cli.api_client import api_client
from cli.connection import Connection
from cli.ingest import Outcome, follow, upload
from tests.fixtures.platform import Platform

AT_ONCE = 6


async def publish_all(connection: Connection, files: Mapping[str, Path]) -> dict[str, Outcome]:
    """Name → how it ended. Files are started in the given order: name the long ones first."""
    slots = asyncio.Semaphore(AT_ONCE)
    console = Console(quiet=True)

    async def publish(name: str, path: Path) -> Outcome:
        # A client for each, as so many customers would have: one's failure must not close the others' connections.
        async with slots, api_client(connection) as api:
            video_id = await upload(api, path, name, console)
            return await follow(api, video_id, name, console)

    done = await asyncio.gather(*(publish(name, path) for name, path in files.items()))
    return dict(zip(files, done, strict=True))


@contextmanager
def quick_encodes(platform: Platform) -> Iterator[None]:
    """Plans made within the block ask for x264's quickest preset: what is checked does not depend on it, minutes do."""
    platform.orchestration.stop()
    platform.start_orchestration(SEALCAST_ENCODER_PRESET="ultrafast")
    try:
        yield
    finally:
        platform.orchestration.stop()
        platform.start_orchestration()
