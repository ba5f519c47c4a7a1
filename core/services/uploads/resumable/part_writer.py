"""Bytes of a request on their way into parts: one part is filled while up to two before it are stored."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from types import TracebackType
from typing import Self

from core.db.models import ResumableUpload
from core.db.repositories.resumable_uploads import Hold
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, ObjectStorage, UploadedPart
from core.services.uploads.resumable.hold import RENEWAL, keep_hold
from core.services.uploads.resumable.places import multipart_of, tail_key

_AT_ONCE = 2
"""Parts on their way to the store: with one, the request waits for the store after each."""


class PartWriter:
    """Begins with the bytes behind the last full part. `noting` false leaves the upload's offset alone until `finish`.

    Raises StorageUnavailable, ObjectNotFound when the upload was given up, UploadHeld when it was taken over.
    """

    def __init__(
        self,
        factory: UnitOfWorkFactory,
        storage: ObjectStorage,
        clock: Clock,
        upload: ResumableUpload,
        hold: Hold,
        *,
        noting: bool,
    ) -> None:
        self._factory = factory
        self._storage = storage
        self._clock = clock
        self._upload = upload
        self._target = multipart_of(upload)
        self._hold = hold
        self._noting = noting
        self._noted = upload.received
        self._renewed_at = clock.now()
        self._begin = upload.received - upload.received % upload.part_size
        self._part = bytearray()
        self._storing: deque[tuple[int, asyncio.Task[UploadedPart]]] = deque()

    async def __aenter__(self) -> Self:
        if self._upload.received % self._upload.part_size:
            self._part += await self._storage.get_bytes(tail_key(self._upload, self._upload.received))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing may still be on its way when somebody else can go on."""
        for _, storing in self._storing:
            storing.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await storing

    @property
    def received(self) -> int:
        """Including what is not stored yet."""
        return self._begin + len(self._part)

    async def write(self, piece: bytes) -> None:
        """At most as many bytes as the upload lacks."""
        view = memoryview(piece)
        while view:
            taken = self._upload.part_size - len(self._part)
            self._part += view[:taken]
            view = view[taken:]
            if len(self._part) == self._upload.part_size:
                await self._store()
        if self._clock.now() - self._renewed_at > RENEWAL:
            await self._note(self._noted)

    async def finish(self) -> int:
        """Make safe what has come, and note it. The upload's offset from now on."""
        if self.received == self._upload.length and (self._part or not self._upload.length):
            await self._store()
        received = self.received
        if self._part:
            await self._storage.put_bytes(
                tail_key(self._upload, received), bytes(self._part), "application/octet-stream"
            )
        while self._storing:
            await self._oldest()
        self._noting = True
        await self._note(received)
        return received

    async def _store(self) -> None:
        """Begin to store the part that is full, or the last."""
        if len(self._storing) == _AT_ONCE:
            await self._oldest()
        if self._clock.now() >= self._hold.until:
            # Somebody may have taken over: ask before a part is replaced.
            await self._note(self._noted)
        number, end = self._begin // self._upload.part_size + 1, self.received
        put = self._storage.put_part(self._target.key, self._target.upload_id, number, self._part)
        self._storing.append((end, asyncio.create_task(put)))
        self._begin, self._part = end, bytearray()

    async def _oldest(self) -> None:
        """Wait for it, and note what is safe with it: parts behind it do not count before it does."""
        end, storing = self._storing[0]
        await storing
        self._storing.popleft()
        await self._note(end)

    async def _note(self, received: int) -> None:
        if self._noting:
            self._noted = max(received, self._noted)
        self._hold = await keep_hold(self._factory, self._hold, self._noted, self._clock)
        self._renewed_at = self._clock.now()
