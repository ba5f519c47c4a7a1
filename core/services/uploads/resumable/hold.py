"""One request at a time moves an upload on; the database says which."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from core.db.models import ResumableUpload
from core.db.repositories.resumable_uploads import Hold
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import DomainError
from core.ports import Clock

LEASE = timedelta(seconds=20)
"""A request that has stood still this long, or whose process has died, may be taken over from."""

RENEWAL = timedelta(seconds=5)


class UploadHeld(DomainError):
    """Another request moves the upload on."""

    code = "UPLOAD_LOCKED"


def take_hold(upload: ResumableUpload, clock: Clock) -> Hold:
    """The caller has the row locked, and commits. Raises UploadHeld."""
    now = clock.now()
    if upload.held_until is not None and upload.held_until > now:
        raise UploadHeld("Another request sends to this upload. Please ask for the offset and try again.")
    upload.holder, upload.held_until = uuid4().hex, now + LEASE
    return Hold(upload.organisation_id, upload.id, upload.holder, upload.held_until)


async def keep_hold(factory: UnitOfWorkFactory, hold: Hold, received: int, clock: Clock) -> Hold:
    """Note how much is safe, and hold it for longer. Raises UploadHeld when another request has taken over."""
    longer = replace(hold, until=clock.now() + LEASE)
    async with factory() as uow:
        if not await uow.resumable_uploads.advance(longer, received):
            raise UploadHeld("Another request has taken over this upload.")
        await uow.commit()
    return longer
