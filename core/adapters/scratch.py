"""Private working directories on this host: one per job, always removed, orphans swept at worker start."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One job's directory. What is linked into it is shown to tools read-only."""

    path: Path
    inputs: set[str] = field(default_factory=set)

    def link(self, cached: Path, name: str) -> None:
        """Make a cached file visible as `name`: a hard link, or a copy where the file system cannot link."""
        try:
            os.link(cached, self.path / name)
        except OSError as error:
            if error.errno not in {errno.EXDEV, errno.EPERM, errno.EMLINK}:
                raise
            shutil.copyfile(cached, self.path / name)
        self.inputs.add(name)


class Scratch:
    """Below `root`. A job holds a lock on its directory; a directory nobody holds is an orphan of a dead worker."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._jobs = root / "jobs"

    @asynccontextmanager
    async def job(self) -> AsyncIterator[Job]:
        """A fresh directory with mode 0700; gone when the block is left, however it is left."""
        path, lock = self._create()  # quick, and in a thread a cancel would lose the directory
        try:
            yield Job(path)
        finally:
            await asyncio.shield(asyncio.to_thread(_remove, path, lock))

    async def sweep(self) -> int:
        """Remove what killed workers of this host left behind; return how many directories that was."""
        return await asyncio.to_thread(self._sweep)

    def _create(self) -> tuple[Path, int]:
        with self._creating():
            path = Path(tempfile.mkdtemp(prefix="job-", dir=self._jobs))
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
        return path, lock

    def _sweep(self) -> int:
        with self._creating():
            orphans = [(path, lock) for path in self._jobs.iterdir() if (lock := _try_lock(path)) is not None]
        for path, lock in orphans:
            _remove(path, lock)
        return len(orphans)

    @contextmanager
    def _creating(self) -> Iterator[None]:
        """Between mkdir and flock a directory looks like an orphan, so both sides take this lock."""
        self._jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.root / "jobs.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _try_lock(path: Path) -> int | None:
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _remove(path: Path, lock: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(lock)
