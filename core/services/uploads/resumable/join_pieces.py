"""Make the object of a final upload out of those of its pieces: the store copies what it can by itself."""

from __future__ import annotations

from collections.abc import Sequence

from core.db.models import ResumableUpload
from core.db.repositories.resumable_uploads import Hold
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.tus.concatenation import spans
from core.ports import Clock, ObjectStorage
from core.services.uploads.join_parts import sent_parts
from core.services.uploads.resumable.hold import keep_hold
from core.services.uploads.resumable.places import multipart_of, own_prefix

MOST_AT_ONCE = 64
"""Parts in one go; the sweep goes on where a request stopped."""


async def join_pieces(
    factory: UnitOfWorkFactory, storage: ObjectStorage, clock: Clock, final: ResumableUpload, hold: Hold
) -> bool:
    """Whether all parts are there now. Repeating it goes on. Raises UploadHeld, StorageUnavailable, ObjectNotFound."""
    async with factory() as uow:
        pieces = await uow.resumable_uploads.pieces(final)
    target = multipart_of(final)
    there = {
        part.number for part in await sent_parts(storage, target) if part.size == target.parts.size_of(part.number)
    }
    missing = [number for number in range(1, target.parts.count + 1) if number not in there]
    for number in missing[:MOST_AT_ONCE]:
        await _store_part(storage, final, pieces, number)
        hold = await keep_hold(factory, hold, final.received, clock)
    return len(missing) <= MOST_AT_ONCE


async def _store_part(
    storage: ObjectStorage, final: ResumableUpload, pieces: Sequence[ResumableUpload], number: int
) -> None:
    """A part that lies within one piece is copied by the store; one across several passes through our memory."""
    begin = (number - 1) * final.part_size
    end = min(begin + final.part_size, final.length)
    found = spans(tuple(piece.length for piece in pieces), begin, end)
    if len(found) == 1:
        piece, first, last = found[0]
        source = pieces[piece].object_key
        await storage.copy_part(final.object_key, final.multipart_id, number, source, first, last)
        return
    data = bytearray()
    for piece, first, last in found:
        body = await storage.open(pieces[piece].object_key, f"bytes={first}-{last}")
        async for chunk in body.chunks():
            data += chunk
    await storage.put_part(final.object_key, final.multipart_id, number, data)


async def drop_pieces(factory: UnitOfWorkFactory, storage: ObjectStorage, final: ResumableUpload) -> None:
    """They have been joined, or never will be. Objects first: rows lead to them."""
    async with factory() as uow:
        pieces = await uow.resumable_uploads.pieces(final)
        for piece in pieces:
            await storage.delete_prefix(own_prefix(piece.organisation_id, piece.id))
        await uow.resumable_uploads.remove_pieces(final)
        await uow.commit()
