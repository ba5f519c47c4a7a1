"""A read-only copy of stored objects on this host, so that the chunks of one title download its source once."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import hashlib
import os
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.adapters.ffmpeg.errors import SCRATCH_FULL_MARK, ScratchFull
from core.adapters.scratch import Scratch
from core.ports import ObjectStat, ObjectStorage

_GRACE_SECONDS = 60.0
_LOCK_POLL_SECONDS = 0.1


class ObjectCache:
    """Files in the scratch space, named by object key and etag, oldest use evicted first above `capacity` bytes.

    In use means: hard-linked into a job, or handed out within the last minute (between `fetch` and the link).
    What is in use is never evicted, so one object larger than the capacity still works.
    """

    def __init__(self, storage: ObjectStorage, scratch: Scratch, capacity: int) -> None:
        self._storage = storage
        self._scratch = scratch
        self._root = scratch.root / "cache"
        self._capacity = capacity
        self._flights: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()

    async def fetch(self, key: str) -> Path:
        """The local copy of the object as it is now. Raises ObjectNotFound, StorageUnavailable, ScratchFull."""
        path, _ = await self.fetch_with_hash(key)
        return path

    async def sha256(self, key: str) -> str:
        """Hex SHA-256 of the object's bytes, computed while they were downloaded."""
        _, digest = await self.fetch_with_hash(key)
        return digest

    async def fetch_with_hash(self, key: str) -> tuple[Path, str]:
        """Local copy and hex SHA-256; one download at a time per object, over all processes of this host."""
        stat = await self._storage.stat(key)
        entry = self._entry(stat)
        async with self._flights.setdefault(entry.name, asyncio.Lock()), self._host_lock(entry.name):
            if not _touch(entry):
                await self._download(stat, entry)
            return entry, _hash_file(entry).read_text()

    async def adopt(self, key: str, stat: ObjectStat, path: Path) -> None:
        """Keep a file that was just uploaded as `key`, so that the next step here need not download it."""
        entry = self._entry(ObjectStat(key, stat.size, stat.etag, stat.content_type, stat.sha256))
        digest = stat.sha256
        if digest is None:
            digest = await asyncio.to_thread(hash_file, path)
        await asyncio.to_thread(self._adopt, entry, path, digest)

    def _adopt(self, entry: Path, path: Path, digest: str) -> None:
        self._make_room(path.stat().st_size)
        path.chmod(0o444)
        try:
            os.link(path, entry)
        except FileExistsError:
            return
        except OSError as error:
            # Another file system: a later download is cheaper than a copy that may not be needed.
            if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK}:
                raise
            return
        _hash_file(entry).write_text(digest)

    def _entry(self, stat: ObjectStat) -> Path:
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self._root / hashlib.sha256(f"{stat.key}\0{stat.etag}".encode()).hexdigest()

    async def _download(self, stat: ObjectStat, entry: Path) -> None:
        await asyncio.to_thread(self._make_room, stat.size)
        try:
            async with self._scratch.job() as job:
                partial = job.path / "download"
                digest = await self._storage.download(stat.key, partial)
                partial.chmod(0o444)
                _hash_file(entry).write_text(digest)
                partial.rename(entry)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise ScratchFull("download", error.errno, SCRATCH_FULL_MARK) from error
            raise

    def _make_room(self, size: int) -> None:
        """Evict by last use until `size` more bytes fit, or until only what is in use is left."""
        entries = sorted(
            ((path, path.stat()) for path in self._root.iterdir() if len(path.name) == 64),
            key=lambda item: item[1].st_mtime,
        )
        excess = sum(stat.st_size for _, stat in entries) + size - self._capacity
        for path, stat in entries:
            if excess <= 0:
                return
            if stat.st_nlink == 1 and time.time() - stat.st_mtime > _GRACE_SECONDS:
                path.unlink(missing_ok=True)
                _hash_file(path).unlink(missing_ok=True)
                excess -= stat.st_size

    @asynccontextmanager
    async def _host_lock(self, name: str) -> AsyncIterator[None]:
        """flock on one of 256 files, polled: a thread blocked in flock could not be cancelled."""
        locks = self._root / "locks"
        locks.mkdir(mode=0o700, exist_ok=True)
        with (locks / name[:2]).open("w") as handle:
            while not _try_flock(handle.fileno()):  # noqa: ASYNC110 - the holder is another process
                await asyncio.sleep(_LOCK_POLL_SECONDS)
            yield


def _try_flock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _hash_file(entry: Path) -> Path:
    return entry.with_suffix(".sha256")


def _touch(entry: Path) -> bool:
    """Note the use (times of reading are often not kept: noatime); False when the entry is not there."""
    try:
        os.utime(entry)
    except FileNotFoundError:
        return False
    return _hash_file(entry).exists()


def hash_file(path: Path) -> str:
    """Hex SHA-256 of a file. Blocking."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
