"""Bring a source from its address into the store: part by part, with one part in memory, from where it stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from core.contracts.version_ref import VersionRef
from core.db.models import VideoImport, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.egress.destination import DestinationRefused
from core.domain.errors import InvalidInput
from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import ImportPolicy, check_import_address
from core.domain.progress import Report, StepProgress
from core.ports import Clock, ObjectStorage, PeerFailed, PeerFailure, Sources, SourceStream
from core.services.imports.limits import ImportLimits
from core.services.imports.stored_parts import StoredParts


async def fetch_source(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    sources: Sources,
    clock: Clock,
    policy: ImportPolicy,
    limits: ImportLimits,
    target: VersionRef,
    report: Report,
) -> int:
    """The source's size in bytes; harmless when it is there. Commits.

    Raises VideoRejected (SOURCE_…, EMPTY), PeerFailed and StorageUnavailable for what another try may bring.
    """
    version, row = await _take_up(factory, clock, target)
    if not version.import_pending:
        return version.source_size
    url = _checked(row, policy)
    parts = StoredParts(factory, storage, clock, target, version)
    if await parts.look():
        return await parts.complete()
    fetch = _Fetch(sources, clock, limits, parts, report, url, row.validator, row.beginnings, _deadlines(row, limits))
    try:
        return await fetch.run()
    except DestinationRefused as refused:
        raise VideoRejected(FailureCode.SOURCE_NOT_ALLOWED, str(refused)) from None


@dataclass(frozen=True)
class _Deadlines:
    """`progress` moves on with each part that is stored."""

    whole: datetime
    progress: datetime


@dataclass
class _Fetch:
    sources: Sources
    clock: Clock
    limits: ImportLimits
    parts: StoredParts
    report: Report
    url: str = field(repr=False)
    validator: str | None
    beginnings: int
    deadlines: _Deadlines

    def __post_init__(self) -> None:
        self._buffer = bytearray()
        self._slow = self._came = False

    @property
    def _received(self) -> int:
        return self.parts.offset + len(self._buffer)

    async def run(self) -> int:
        """Go on over broken connections for as long as each brings something; then leave it to a later try."""
        while True:
            self._came = False
            try:
                await self._connection()
                return await self._finish()
            except PeerFailed as failed:
                self._give_up_in_the_end(failed)
                if not self._came:
                    raise
            await asyncio.sleep(self.limits.pause)

    async def _connection(self) -> None:
        async with self.sources.open(self.url, self._received, self.validator) as source:
            if source.start != self._received or not self._goes_on(source):
                await self._begin(source)
            self._check_size(source.size or 0)
            pace = _Pace(self.limits)
            async for chunk in source.chunks:
                self._slow = pace.is_slow(len(chunk))
                if self._slow:
                    raise PeerFailed(PeerFailure.TIMEOUT)
                self._buffer += chunk
                self._came = True
                self._check_size(self._received)
                self._tell(source)
                while len(self._buffer) >= self.parts.part_size:
                    with pace.not_theirs():
                        await self._store(self.parts.part_size)
            if source.size is not None and self._received != source.size:
                raise PeerFailed(PeerFailure.PROTOCOL)

    def _goes_on(self, source: SourceStream) -> bool:
        """With what is in the store, or with the nothing that is there of the same state."""
        return self.parts.is_open and (source.start > 0 or source.validator == self.validator)

    async def _begin(self, source: SourceStream) -> None:
        """The first time; or the source is not what it was, or its server cannot go on in the middle."""
        if self.beginnings > self.limits.most_restarts:
            raise VideoRejected(FailureCode.SOURCE_REFUSED, f"begun {self.beginnings} times without coming to an end")
        self._buffer.clear()
        self.validator = source.validator
        await self.parts.begin(source.validator)
        self.beginnings += 1
        if source.start:
            raise PeerFailed(PeerFailure.PROTOCOL)

    async def _store(self, size: int) -> None:
        await self.parts.add(bytes(self._buffer[:size]))
        del self._buffer[:size]
        self.deadlines = _Deadlines(self.deadlines.whole, self.clock.now() + self.limits.patience)

    async def _finish(self) -> int:
        if not self._received:
            raise VideoRejected(FailureCode.EMPTY, "0 bytes")
        if self._buffer:
            await self._store(len(self._buffer))
        return await self.parts.complete()

    def _tell(self, source: SourceStream) -> None:
        whole = f" of {source.size}" if source.size else ""
        fraction = self._received / source.size if source.size else 0.0
        # Before anything is stored: raises when another worker has taken the step over.
        self.report(StepProgress(fraction, note=f"{self._received}{whole} bytes"))
        if self.clock.now() > self.deadlines.whole:
            raise VideoRejected(FailureCode.SOURCE_TOO_SLOW, f"{self._received} bytes in {self.limits.longest}")

    def _check_size(self, size: int) -> None:
        if size > self.limits.max_bytes:
            raise VideoRejected(FailureCode.SOURCE_TOO_LARGE, f"more than {self.limits.max_bytes} bytes")

    def _give_up_in_the_end(self, failed: PeerFailed) -> None:
        if self.clock.now() > min(self.deadlines.whole, self.deadlines.progress):
            code = FailureCode.SOURCE_TOO_SLOW if self._slow else FailureCode.SOURCE_UNREACHABLE
            raise VideoRejected(code, f"{self._received} bytes, then {failed.failure}") from None


class _Pace:
    """How fast chunks come, without the time in which we are not reading."""

    def __init__(self, limits: ImportLimits) -> None:
        self._limits = limits
        self._time = asyncio.get_running_loop().time
        self._since = self._time()
        self._bytes = 0

    def is_slow(self, received: int) -> bool:
        self._bytes += received
        seconds = self._time() - self._since
        if seconds < self._limits.speed_window:
            return False
        slow = self._bytes < self._limits.least_speed * seconds
        self._since, self._bytes = self._time(), 0
        return slow

    @contextmanager
    def not_theirs(self) -> Iterator[None]:
        begun = self._time()
        yield
        self._since += self._time() - begun


async def _take_up(factory: UnitOfWorkFactory, clock: Clock, target: VersionRef) -> tuple[VideoVersion, VideoImport]:
    async with factory() as uow:
        version = await uow.videos.version(target)
        row = await uow.imports.lock(target)
        row.started_at = row.started_at or clock.now()
        await uow.commit()
    return version, row


def _checked(row: VideoImport, policy: ImportPolicy) -> str:
    """Again: the operator may have changed what is allowed. Raises VideoRejected."""
    if row.url is None:
        raise VideoRejected(FailureCode.SOURCE_REFUSED, "the address was dropped")
    try:
        check_import_address(row.url, row.organisation_id, policy)
    except InvalidInput as refused:
        raise VideoRejected(FailureCode.SOURCE_NOT_ALLOWED, str(refused)) from None
    return row.url


def _deadlines(row: VideoImport, limits: ImportLimits) -> _Deadlines:
    started = row.started_at or row.created_at
    return _Deadlines(started + limits.longest, (row.progressed_at or started) + limits.patience)
