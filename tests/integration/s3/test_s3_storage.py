"""The adapter against a real S3 server."""

from __future__ import annotations

import asyncio
import hashlib
import os
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from core.adapters.s3 import PART_SIZE, S3Storage
from core.ports import ObjectNotFound, StorageUnavailable
from core.settings import Settings

pytestmark = pytest.mark.stack

HOUR = timedelta(hours=1)


async def test_the_bucket_may_be_made_by_several_at_once(storage: S3Storage) -> None:
    await asyncio.gather(*(storage.ensure_bucket() for _ in range(3)))


async def test_bytes_come_back_with_type_and_checksum(storage: S3Storage, prefix: str) -> None:
    put = await storage.put_bytes(prefix + "a", b"hello", "text/vtt")
    stat = await storage.stat(prefix + "a")
    assert put == stat
    assert (stat.size, stat.content_type, stat.sha256) == (5, "text/vtt", hashlib.sha256(b"hello").hexdigest())
    assert await storage.get_bytes(prefix + "a") == b"hello"


async def test_a_large_file_goes_up_in_parts_and_comes_down_whole(
    storage: S3Storage, prefix: str, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(os.urandom(PART_SIZE + 12_345))
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    put = await storage.put_file(prefix + "big", source, "video/mp4", digest)
    assert (put.size, (await storage.stat(prefix + "big")).sha256) == (PART_SIZE + 12_345, digest)
    assert await storage.download(prefix + "big", tmp_path / "copy") == digest
    assert (tmp_path / "copy").read_bytes() == source.read_bytes()


async def test_an_empty_file_is_an_object_too(storage: S3Storage, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert (await storage.put_file(prefix + "empty", tmp_path / "empty", "video/mp4")).size == 0
    assert await storage.download(prefix + "empty", tmp_path / "copy") == hashlib.sha256(b"").hexdigest()


async def test_a_download_with_another_checksum_leaves_no_file(storage: S3Storage, prefix: str, tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"data")
    await storage.put_file(prefix + "x", tmp_path / "source", "video/mp4", "0" * 64)
    with pytest.raises(StorageUnavailable, match="checksum"):
        await storage.download(prefix + "x", tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.parametrize(
    ("asked", "status", "content", "content_range"),
    [
        (None, 200, b"0123456789", None),
        ("bytes=2-4", 206, b"234", "bytes 2-4/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=8-", 206, b"89", "bytes 8-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
    ],
)
async def test_ranges_are_answered_as_http_says(
    storage: S3Storage, prefix: str, asked: str | None, status: int, content: bytes, content_range: str | None
) -> None:
    await storage.put_bytes(prefix + "digits", b"0123456789", "video/mp4")
    body = await storage.open(prefix + "digits", asked)
    assert b"".join([piece async for piece in body.chunks()]) == content
    assert (body.status, body.size, body.content_length, body.content_range) == (
        status,
        10,
        len(content),
        content_range,
    )


async def test_a_body_that_nobody_reads_can_be_let_go(storage: S3Storage, prefix: str) -> None:
    await storage.put_bytes(prefix + "big", bytes(2_000_000), "video/mp4")
    for _ in range(40):
        body = await storage.open(prefix + "big")
        async for _piece in body.chunks():
            break
        await body.aclose()
        await body.aclose()
    assert (await storage.stat(prefix + "big")).size == 2_000_000


async def test_what_is_not_there_is_not_found(storage: S3Storage, prefix: str, tmp_path: Path) -> None:
    key = prefix + "nothing"
    upload = await storage.create_multipart(key, "video/mp4")
    for _ in range(2):
        await storage.abort_multipart(key, upload)
    for missing in (
        storage.stat(key),
        storage.open(key),
        storage.get_bytes(key),
        storage.download(key, tmp_path / "x"),
        storage.list_parts(key, upload),
    ):
        with pytest.raises(ObjectNotFound):
            await missing
    assert await storage.list(prefix) == []
    assert list(tmp_path.iterdir()) == []


async def test_parts_are_sent_to_signed_urls_in_any_order(storage: S3Storage, prefix: str) -> None:
    key = prefix + "parts"
    upload = await storage.create_multipart(key, "video/mp4")
    pieces = {1: bytes(5 * 1024**2), 2: b"end"}
    async with httpx.AsyncClient() as client:
        for number in (2, 1):
            url = await storage.presign_part(key, upload, number, HOUR)
            assert (await client.put(url, content=pieces[number])).status_code == 200
        url = await storage.presign_part(key, upload, 2, HOUR)
        assert (await client.put(url, content=b"END")).status_code == 200
    sent = await storage.list_parts(key, upload)
    assert [(part.number, part.size) for part in sent] == [(1, 5 * 1024**2), (2, 3)]
    await storage.complete_multipart(key, upload, sent[::-1])
    assert await storage.get_bytes(key) == pieces[1] + b"END"


async def test_a_signed_url_names_the_public_endpoint_and_expires(settings: Settings, prefix: str) -> None:
    outside = S3Storage.from_settings(settings.model_copy(update={"s3_public_endpoint": "https://media.example.test"}))
    url = httpx.URL(await outside.presign_part(prefix + "x", "upload", 7, timedelta(seconds=90)))
    await outside.close()
    assert (url.scheme, url.host) == ("https", "media.example.test")
    assert (url.params["partNumber"], url.params["X-Amz-Expires"]) == ("7", "90")


async def test_an_expired_or_changed_signature_is_refused(storage: S3Storage, prefix: str) -> None:
    key = prefix + "x"
    upload = await storage.create_multipart(key, "video/mp4")
    url = await storage.presign_part(key, upload, 1, timedelta(seconds=1))
    other = await storage.presign_part(key, upload, 1, HOUR)
    async with httpx.AsyncClient() as client:
        assert (await client.put(other.replace("/x?", "/y?"), content=b"a")).status_code == 403
        assert (await client.put(other[:-1] + ("0" if other[-1] != "0" else "1"), content=b"a")).status_code == 403
        assert (await client.get(other)).status_code == 403
        for _ in range(50):
            answer = await client.put(url, content=b"a")
            if answer.status_code != 200:
                break
            await asyncio.sleep(0.1)
        assert answer.status_code == 403


async def test_deleting_a_prefix_takes_open_uploads_along_and_no_neighbour(storage: S3Storage, prefix: str) -> None:
    await asyncio.gather(
        *(storage.put_bytes(f"{prefix}v1/{number}", b"x", "text/plain") for number in range(12)),
        storage.put_bytes(f"{prefix}v10/x", b"x", "text/plain"),
    )
    key = f"{prefix}v1/open"
    upload = await storage.create_multipart(key, "video/mp4")
    async with httpx.AsyncClient() as client:
        await client.put(await storage.presign_part(key, upload, 1, HOUR), content=b"a")
    assert await storage.delete_prefix(f"{prefix}v1") == 0
    assert await storage.delete_prefix(f"{prefix}v1/3") == 1
    assert await storage.delete_prefix(f"{prefix}v1/") == 11
    assert await storage.delete_prefix(f"{prefix}v1/") == 0
    assert [stat.key for stat in await storage.list(prefix)] == [f"{prefix}v10/x"]
    with pytest.raises(ObjectNotFound):
        await storage.list_parts(key, upload)
    with pytest.raises(ValueError, match="no prefix"):
        await storage.delete_prefix("")


@pytest.mark.parametrize("endpoint", ["", "host:9000", "ftp://host", "http://host/bucket"])
def test_an_endpoint_that_is_none_is_refused(settings: Settings, endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint"):
        S3Storage.from_settings(settings.model_copy(update={"s3_endpoint": endpoint}))
