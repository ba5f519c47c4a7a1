"""The parts of a source that are in the store already, and those that follow. What is stored is not fetched again."""

from __future__ import annotations

from collections.abc import Callable

from core.contracts.version_ref import VersionRef
from core.db.models import VideoImport, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.webhooks.event_types import EventType
from core.ports import Clock, ObjectNotFound, ObjectStorage, StorageUnavailable, UploadedPart
from core.services.webhooks.tell_video import tell_upload

Change = Callable[[VideoVersion, VideoImport], None]


class StoredParts:
    """`offset` is how many bytes of the source are stored: whole parts, from the first on without a gap."""

    def __init__(
        self,
        factory: UnitOfWorkFactory,
        storage: ObjectStorage,
        clock: Clock,
        target: VersionRef,
        version: VideoVersion,
    ) -> None:
        self._factory = factory
        self._storage = storage
        self._clock = clock
        self._target = target
        self._key = version.source_key
        self._content_type = version.source_content_type
        self._upload_id = version.upload_id
        self._total = version.source_size
        self._parts: list[UploadedPart] = []
        self.part_size = version.part_size
        self.offset = 0

    @property
    def is_open(self) -> bool:
        return self._upload_id is not None

    async def look(self) -> bool:
        """Find out what is stored; whether that is the whole source, completed or only to be completed."""
        if self._upload_id is not None:
            try:
                found = await self._storage.list_parts(self._key, self._upload_id)
            except ObjectNotFound:
                if self._total and await self._is_whole():
                    return True  # completed, and only the answer was lost
                self._upload_id = None
            else:
                if self._total and sum(part.size for part in found) == self._total:
                    self._parts, self.offset = found, self._total
                    return True
                self._parts = self._whole(found)
                self.offset = len(self._parts) * self.part_size
        return False

    async def begin(self, validator: str | None) -> None:
        """From the first byte: what was stored of another state of the source goes."""
        if self._upload_id is not None:
            await self._storage.abort_multipart(self._key, self._upload_id)
        self._parts, self.offset = [], 0
        self._upload_id = await self._storage.create_multipart(self._key, self._content_type)

        def note(version: VideoVersion, row: VideoImport) -> None:
            version.upload_id, version.source_size = self._upload_id, 0
            row.validator = validator
            row.beginnings += 1

        await self._note(note)

    async def add(self, data: bytes) -> None:
        number = len(self._parts) + 1
        self._parts.append(await self._storage.put_part(self._key, self._upload_of(), number, data))
        self.offset += len(data)

        def note(_: VideoVersion, row: VideoImport) -> None:
            row.progressed_at = self._clock.now()

        await self._note(note)

    async def complete(self) -> int:
        """Join the parts. What they come to is noted before, so that a lost answer is understood later."""
        total = self._total = self.offset or self._total

        def announce(version: VideoVersion, _: VideoImport) -> None:
            version.source_size = total

        def finish(version: VideoVersion, row: VideoImport) -> None:
            version.import_pending, version.upload_id = False, None
            row.url, row.fetched_at = None, self._clock.now()

        await self._note(announce)
        try:
            await self._storage.complete_multipart(self._key, self._upload_of(), self._parts)
        except (ObjectNotFound, StorageUnavailable):
            if not await self._is_whole():
                raise StorageUnavailable("the parts of an import could not be joined") from None
        await self._note(finish, EventType.UPLOAD_FINISHED)
        return total

    def _whole(self, found: list[UploadedPart]) -> list[UploadedPart]:
        numbers = {part.number: part for part in found if part.size == self.part_size}
        count = next(n for n in range(len(numbers) + 1) if n + 1 not in numbers)
        return [numbers[n + 1] for n in range(count)]

    async def _is_whole(self) -> bool:
        try:
            return (await self._storage.stat(self._key)).size == self._total
        except ObjectNotFound:
            return False

    def _upload_of(self) -> str:
        if self._upload_id is None:
            raise ObjectNotFound(self._key)
        return self._upload_id

    async def _note(self, change: Change, told: EventType | None = None) -> None:
        async with self._factory() as uow:
            await uow.videos.lock(self._target.organisation_id, self._target.video_id)
            version = await uow.videos.version(self._target)
            change(version, await uow.imports.lock(self._target))
            if told is not None:
                await tell_upload(uow, told, version)
            await uow.commit()
