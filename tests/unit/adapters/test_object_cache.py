from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import time
from pathlib import Path

import pytest

from core.adapters.ffmpeg.errors import ScratchFull
from core.adapters.object_cache import ObjectCache
from core.adapters.scratch import Scratch
from core.ports import ObjectNotFound
from tests.fixtures.directory_storage import DirectoryStorage

LONG_AGO = 3600


class CountingStorage(DirectoryStorage):
    """Counts downloads, and lets others run in the middle of one."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.downloads: list[str] = []
        self.full = False

    async def download(self, key: str, path: Path) -> str:
        self.downloads.append(key)
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return await super().download(key, path)


@pytest.fixture
def storage(tmp_path: Path) -> CountingStorage:
    return CountingStorage(tmp_path / "storage")


def make_cache(tmp_path: Path, storage: CountingStorage, capacity: int = 1000) -> ObjectCache:
    return ObjectCache(storage, Scratch(tmp_path / "scratch"), capacity)


def age(path: Path) -> None:
    then = time.time() - LONG_AGO
    os.utime(path, (then, then))


async def test_many_at_once_download_once_and_get_the_right_hash(tmp_path: Path, storage: CountingStorage) -> None:
    await storage.put_bytes("a", b"source", "x")
    caches = [make_cache(tmp_path, storage), make_cache(tmp_path, storage)]
    paths = await asyncio.gather(*(cache.fetch("a") for cache in caches for _ in range(5)))
    assert len(set(paths)) == 1
    assert storage.downloads == ["a"]
    assert paths[0].read_bytes() == b"source"
    assert paths[0].stat().st_mode & 0o222 == 0
    assert await caches[0].sha256("a") == hashlib.sha256(b"source").hexdigest()


async def test_a_replaced_object_is_another_entry(tmp_path: Path, storage: CountingStorage) -> None:
    cache = make_cache(tmp_path, storage)
    await storage.put_bytes("a", b"old", "x")
    await cache.fetch("a")
    await storage.put_bytes("a", b"new", "x")
    assert (await cache.fetch("a")).read_bytes() == b"new"


async def test_the_least_recently_used_goes_first(tmp_path: Path, storage: CountingStorage) -> None:
    cache = make_cache(tmp_path, storage)
    for key in "abc":
        await storage.put_bytes(key, key.encode() * 400, "x")
    old, older = await cache.fetch("a"), await cache.fetch("b")
    age(older)
    os.utime(old, (time.time() - LONG_AGO / 2,) * 2)
    await cache.fetch("c")
    assert old.exists()
    assert not older.exists()


async def test_what_a_job_uses_or_just_got_is_never_evicted(tmp_path: Path, storage: CountingStorage) -> None:
    scratch = Scratch(tmp_path / "scratch")
    cache = ObjectCache(storage, scratch, 1000)
    for key in "abc":
        await storage.put_bytes(key, key.encode() * 900, "x")
    used = await cache.fetch("a")
    async with scratch.job() as job:
        job.link(used, "source")
        age(used)
        fresh = await cache.fetch("b")
        await cache.fetch("c")
        assert used.exists()
        assert fresh.exists()


async def test_an_adopted_file_needs_no_download(tmp_path: Path, storage: CountingStorage) -> None:
    cache = make_cache(tmp_path, storage)
    made = tmp_path / "made"
    made.write_bytes(b"chunk")
    stat = await storage.put_file("chunk", made, "video/mp4")
    await cache.adopt("chunk", stat, made)
    assert (await cache.fetch("chunk")).read_bytes() == b"chunk"
    assert await cache.sha256("chunk") == hashlib.sha256(b"chunk").hexdigest()
    assert storage.downloads == []


async def test_a_full_disk_is_told_apart_and_leaves_nothing(tmp_path: Path, storage: CountingStorage) -> None:
    await storage.put_bytes("a", b"source", "x")
    storage.full = True
    with pytest.raises(ScratchFull):
        await make_cache(tmp_path, storage).fetch("a")
    assert list((tmp_path / "scratch" / "jobs").iterdir()) == []


async def test_a_missing_object_is_not_found(tmp_path: Path, storage: CountingStorage) -> None:
    with pytest.raises(ObjectNotFound):
        await make_cache(tmp_path, storage).fetch("nothing")
