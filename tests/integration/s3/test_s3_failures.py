"""The adapter against a server that misbehaves in one chosen way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.adapters.s3 import S3Storage
from core.ports import StorageUnavailable, UploadedPart
from core.settings import Settings


def xml_error(status: int, code: str) -> bytes:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>".encode()
    return response(status, body, "application/xml")


def response(status: int, body: bytes, content_type: str, length: int | None = None) -> bytes:
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body) if length is None else length}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[int]:
    """The port of a server whose connections have all ended when the block has: closing it waits for none of them."""
    tasks: list[asyncio.Task[None]] = []

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()
            with suppress(OSError):
                await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.ensure_future(connection(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()


@asynccontextmanager
async def misbehaving(answer: bytes) -> AsyncIterator[S3Storage]:
    """A store whose every answer is `answer`, after which the connection closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        for line in head.lower().splitlines():
            if line.startswith(b"content-length:"):
                await reader.readexactly(int(line.split(b":")[1]))
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async with serving(serve) as port:
        storage = storage_at(port)
        try:
            yield storage
        finally:
            await storage.close()


def storage_at(port: int) -> S3Storage:
    settings = Settings().model_copy(
        update={
            "s3_endpoint": f"http://127.0.0.1:{port}",
            "s3_access_key": SecretStr("access"),
            "s3_secret_key": SecretStr("canary-secret"),
        }
    )
    return S3Storage.from_settings(settings)


CALLS: dict[str, Callable[[S3Storage, Path], Any]] = {
    "stat": lambda store, _: store.stat("a/b"),
    "open": lambda store, _: store.open("a/b"),
    "list": lambda store, _: store.list("a/"),
    "put": lambda store, _: store.put_bytes("a/b", b"x", "text/plain"),
    "download": lambda store, path: store.download("a/b", path / "file"),
    "delete": lambda store, _: store.delete_prefix("a/"),
    "create": lambda store, _: store.create_multipart("a/b", "video/mp4"),
    "complete": lambda store, _: store.complete_multipart("a/b", "u", [UploadedPart(1, "e")]),
    "abort": lambda store, _: store.abort_multipart("a/b", "u"),
    "parts": lambda store, _: store.list_parts("a/b", "u"),
}

FAILURES = {
    "slow down": xml_error(503, "SlowDown"),
    "internal error": xml_error(500, "InternalError"),
    "a proxy's page": response(502, b"<html>bad gateway</html>", "text/html"),
    "nothing": b"",
    "half a head": b"HTTP/1.1 200",
}


#: An abort has no answer but its status.
CASES = [(call, failure) for call in CALLS for failure in FAILURES if (call, failure) != ("abort", "half a head")]


@pytest.mark.parametrize(("call", "failure"), CASES)
async def test_every_call_says_that_the_store_is_unavailable(call: str, failure: str, tmp_path: Path) -> None:
    async with misbehaving(FAILURES[failure]) as storage:
        with pytest.raises(StorageUnavailable) as caught:
            await CALLS[call](storage, tmp_path)
    assert "canary" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


async def test_a_body_that_ends_too_early_is_no_body(tmp_path: Path) -> None:
    async with misbehaving(response(200, b"half of it", "video/mp4", length=20)) as storage:
        with pytest.raises(StorageUnavailable):
            await storage.download("a/b", tmp_path / "file")
        with pytest.raises(StorageUnavailable):
            await storage.get_bytes("a/b")
    assert list(tmp_path.iterdir()) == []


async def test_an_error_inside_a_200_does_not_complete_an_upload() -> None:
    body = b"<?xml version='1.0'?><Error><Code>InternalError</Code></Error>"
    async with misbehaving(response(200, body, "application/xml")) as storage:
        with pytest.raises(StorageUnavailable, match="error in a 200"):
            await storage.complete_multipart("a/b", "u", [UploadedPart(1, "e")])


async def test_a_listing_that_ends_in_the_middle_is_no_listing() -> None:
    async with misbehaving(response(200, b"<ListBucketResult><Conte", "application/xml")) as storage:
        with pytest.raises(StorageUnavailable):
            await storage.list("a/")


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    storage = storage_at(port)
    with pytest.raises(StorageUnavailable):
        await storage.stat("a/b")
    await storage.close()


async def test_a_cancelled_download_leaves_no_file(tmp_path: Path) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(200, b"", "video/mp4", length=10**9))
        while not writer.is_closing():
            writer.write(bytes(300_000))
            await writer.drain()
            started.set()

    started = asyncio.Event()
    async with serving(drip) as port:
        storage = storage_at(port)
        download = asyncio.create_task(storage.download("a/b", tmp_path / "file"))
        await started.wait()
        download.cancel()
        with pytest.raises(asyncio.CancelledError):
            await download
        for _ in range(100):
            if not list(tmp_path.iterdir()):
                break
            await asyncio.sleep(0.05)
        assert list(tmp_path.iterdir()) == []
        await storage.close()
