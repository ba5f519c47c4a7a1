"""Audit records of licences that are granted at the same time, written in one transaction.

A record costs a transaction, most of which is waiting for the disk. While one is written others gather for the next:
alone a licence waits for its own, under load many share one.
"""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import IntegrityError

from core.db.repositories.licences import LicenceRecord
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.webhooks.event import NewEvent

_Entry = tuple[LicenceRecord, NewEvent]
_MOST = 200


class _Batch:
    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self.written: asyncio.Task[None]


class LicenceRecords:
    """One a process, used from one event loop."""

    def __init__(self, uow: UnitOfWorkFactory) -> None:
        self._uow = uow
        self._gathering: _Batch | None = None
        self._writing = asyncio.Lock()

    async def write(self, record: LicenceRecord, told: NewEvent) -> None:
        """Returns when the record is committed, and with it the event for whoever wants to hear of it.

        Raises what kept the database from it.

        A caller that gives up leaves a record of a licence that never left: more than what happened, never less.
        """
        batch = self._batch()
        batch.entries.append((record, told))
        try:
            await asyncio.shield(batch.written)
        except IntegrityError:
            if len(batch.entries) == 1:
                raise
            # Somebody's session has just been deleted: that must not keep the others from their licences.
            await self._insert([(record, told)])

    def _batch(self) -> _Batch:
        if self._gathering is None or len(self._gathering.entries) == _MOST:
            self._gathering = _Batch()
            self._gathering.written = asyncio.create_task(self._write(self._gathering))
        return self._gathering

    async def _write(self, batch: _Batch) -> None:
        async with self._writing:
            if self._gathering is batch:
                self._gathering = None
            await self._insert(batch.entries)

    async def _insert(self, entries: list[_Entry]) -> None:
        async with self._uow() as uow:
            await uow.licences.record([record for record, _ in entries])
            await uow.outbox.add(*(told for _, told in entries))
            await uow.commit()
