"""Multipart upload to presigned addresses: the file's bytes go to the object store, not through the API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx

from cli.api_client import ApiClient
from cli.failures import CommandFailed

_AT_ONCE = 4
_ADDRESSES_AT_ONCE = 100
_ATTEMPTS = 5

Sent = Callable[[int], None]
"""Told the number of bytes of each part that has arrived."""


async def upload_file(api: ApiClient, file: Path, title: str, sent: Sent, crypto_period: int | None = None) -> str:
    """Send the file and queue it. Returns the video's id; an upload that fails half-way is given up, not left open."""
    size = file.stat().st_size
    upload = await api.start_upload(title, file.name, size, crypto_period)
    video_id: str = upload["video_id"]
    try:
        await _send_parts(api, video_id, file, upload["part_size"], upload["part_count"], sent)
    except BaseException:
        await api.abort_upload(video_id)
        raise
    await api.complete_upload(video_id)
    return video_id


async def _send_parts(api: ApiClient, video_id: str, file: Path, part_size: int, count: int, sent: Sent) -> None:
    slots = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(timeout=httpx.Timeout(60, write=300, read=300)) as store:

        async def send(number: int, url: str) -> None:
            async with slots:
                data = await asyncio.to_thread(_read, file, (number - 1) * part_size, part_size)
                await _put(store, url, data)
                sent(len(data))

        for first in range(1, count + 1, _ADDRESSES_AT_ONCE):
            numbers = list(range(first, min(first + _ADDRESSES_AT_ONCE, count + 1)))
            parts = await api.part_urls(video_id, numbers)
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(send(part["number"], part["url"]))


def _read(file: Path, offset: int, size: int) -> bytes:
    with file.open("rb") as source:
        source.seek(offset)
        return source.read(size)


async def _put(store: httpx.AsyncClient, url: str, data: bytes) -> None:
    """Parts may be sent again as often as needed."""
    delay = 0.5
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            answer = await store.put(url, content=data)
            reason = f"HTTP {answer.status_code}"
            if answer.is_success:
                return
            if answer.status_code < 500 and answer.status_code != 429:
                break
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
        if attempt < _ATTEMPTS:
            await asyncio.sleep(delay)
            delay *= 2
    raise CommandFailed(f"the object store did not take a part of the file: {reason}")
