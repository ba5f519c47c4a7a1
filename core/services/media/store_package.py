"""Upload a packaged version: segments before playlists, the two entry points last."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.adapters.packager.layout import DASH_MANIFEST, FOLDERS, HLS_MASTER, content_type, is_manifest
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.progress import Report, StepProgress
from core.ports import ObjectStorage

_UPLOADS_AT_ONCE = 8


@dataclass(frozen=True)
class StoredPackage:
    """`size` is in bytes."""

    objects: int
    size: int


async def store_package(
    storage: ObjectStorage, target: VersionRef, output: Path, report: Report, begin: float = 0.0
) -> StoredPackage:
    """Store every file below `output` under the published prefix, and remove what a former attempt left there.

    Raises StorageUnavailable; running it again completes it. `begin` is the fraction of the step already done.
    """
    names = await asyncio.to_thread(_relative_names, output)
    entries = [name for name in names if is_manifest(name)]
    upload = _Upload(storage, object_keys.published_prefix(target), output, report, begin, len(names))
    await upload.all([name for name in names if not is_manifest(name)])
    await upload.all(entries)
    await _remove_stale(storage, target, set(names))
    return StoredPackage(objects=len(names), size=upload.size)


def _relative_names(output: Path) -> list[str]:
    """Segments first, then the playlists that lead to them."""
    files = (path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file())
    return sorted(files, key=lambda name: (name.endswith(".m3u8"), name))


class _Upload:
    def __init__(
        self, storage: ObjectStorage, prefix: str, output: Path, report: Report, begin: float, total: int
    ) -> None:
        self.size = 0
        self._done = 0
        self._storage = storage
        self._prefix = prefix
        self._output = output
        self._report = report
        self._begin = begin
        self._total = total

    async def all(self, names: list[str]) -> None:
        """A few at once, all drawing from one queue: a long title has tens of thousands of segments."""
        queue = iter(names)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(_UPLOADS_AT_ONCE):
                    group.create_task(self._drain(queue))
        except ExceptionGroup as failed:
            # Callers decide by type what to try again; one failed upload is reason enough.
            raise failed.exceptions[0] from failed

    async def _drain(self, queue: Iterator[str]) -> None:
        for name in queue:
            stat = await self._storage.put_file(self._prefix + name, self._output / name, content_type(name))
            self.size += stat.size
            self._done += 1
            fraction = self._begin + (1 - self._begin) * self._done / self._total
            self._report(StepProgress(fraction, note=f"stored {self._done} of {self._total} objects"))


async def _remove_stale(storage: ObjectStorage, target: VersionRef, names: set[str]) -> None:
    """Objects of an attempt with another plan or another count of segments. Pictures belong to another step."""
    prefix = object_keys.published_prefix(target)
    ours = (*(f"{folder}/" for folder in FOLDERS), DASH_MANIFEST, HLS_MASTER)
    for stat in await storage.list(prefix):
        name = stat.key.removeprefix(prefix)
        if name.startswith(ours) and name not in names:
            await storage.delete_prefix(stat.key)
