"""Resumable uploads. Whoever moves one on holds it; a request that lost its hold changes nothing any more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, literal, or_, select, tuple_, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import ResumableUpload
from core.db.models.columns import TIMESTAMP, HexUuid
from core.domain.errors import NotFound
from core.domain.tus.kind import UploadKind


@dataclass(frozen=True)
class Hold:
    """The right to move one upload on, until `until`."""

    organisation_id: str
    upload_id: str
    holder: str
    until: datetime


class ResumableUploadRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    def add(self, upload: ResumableUpload) -> None:
        self._session.add(upload)

    async def get(self, organisation_id: str, upload_id: str, now: datetime) -> ResumableUpload:
        """Raises NotFound, also for another organisation's upload and for one that has expired."""
        return _found(await self._session.scalar(_living(organisation_id, upload_id, now)))

    async def lock(self, organisation_id: str, upload_id: str, now: datetime) -> ResumableUpload:
        """The same, and no other request looks at it before this transaction ends."""
        return _found(await self._session.scalar(_living(organisation_id, upload_id, now).with_for_update()))

    async def advance(self, hold: Hold, received: int) -> bool:
        """Note that `received` bytes are safe, and stay the holder. False when another one holds it now."""
        return await self._change(hold, received=received, held_until=hold.until)

    async def release(self, hold: Hold, completed_at: datetime | None = None) -> bool:
        """Let others go on. False when another one holds it now."""
        values: dict[str, Any] = {"holder": None, "held_until": None}
        return await self._change(hold, **values, **({"completed_at": completed_at} if completed_at else {}))

    async def pieces(self, final: ResumableUpload) -> Sequence[ResumableUpload]:
        """The partial uploads of a final one, in its order."""
        query = (
            select(ResumableUpload)
            .where(
                col(ResumableUpload.organisation_id) == final.organisation_id,
                col(ResumableUpload.final_id) == final.id,
            )
            .order_by(col(ResumableUpload.place))
        )
        return (await self._session.scalars(query)).all()

    async def partial_bytes(self, organisation_id: str) -> int:
        """What its partial uploads hold or have announced."""
        query = select(func.coalesce(func.sum(col(ResumableUpload.length)), 0)).where(
            col(ResumableUpload.organisation_id) == organisation_id,
            col(ResumableUpload.kind) == UploadKind.PARTIAL,
            col(ResumableUpload.final_id).is_(None),
        )
        return int(await self._session.scalar(query) or 0)

    async def unfinished(
        self, organisation_id: str, now: datetime, limit: int, before: tuple[datetime, str] | None = None
    ) -> Sequence[ResumableUpload]:
        """Newest first; `before` is (created_at, id) of the previous page's last row."""
        query = (
            select(ResumableUpload)
            .where(
                col(ResumableUpload.organisation_id) == organisation_id,
                col(ResumableUpload.completed_at).is_(None),
                col(ResumableUpload.expires_at) > now,
            )
            .order_by(col(ResumableUpload.created_at).desc(), col(ResumableUpload.id).desc())
            .limit(limit)
        )
        if before is not None:
            last = tuple_(literal(before[0], TIMESTAMP), literal(before[1], HexUuid))
            query = query.where(tuple_(col(ResumableUpload.created_at), col(ResumableUpload.id)) < last)
        return (await self._session.scalars(query)).all()

    async def all_received(self, now: datetime, limit: int) -> Sequence[ResumableUpload]:
        """For the sweep over all organisations: nobody works on them, and all that is missing is their end."""
        query = (
            select(ResumableUpload)
            .where(
                col(ResumableUpload.completed_at).is_(None),
                or_(
                    col(ResumableUpload.kind) == UploadKind.FINAL,
                    col(ResumableUpload.received) == col(ResumableUpload.length),
                ),
                _free(now),
                col(ResumableUpload.expires_at) > now,
            )
            .order_by(col(ResumableUpload.created_at))
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def expired(self, now: datetime, limit: int) -> Sequence[ResumableUpload]:
        """For the sweep over all organisations. Pieces go with what they are pieces of."""
        query = (
            select(ResumableUpload)
            .where(col(ResumableUpload.expires_at) <= now, col(ResumableUpload.final_id).is_(None), _free(now))
            .order_by(col(ResumableUpload.expires_at))
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def remove(self, upload: ResumableUpload) -> None:
        """With its pieces."""
        await self._session.execute(
            delete(ResumableUpload).where(
                col(ResumableUpload.organisation_id) == upload.organisation_id,
                or_(col(ResumableUpload.id) == upload.id, col(ResumableUpload.final_id) == upload.id),
            )
        )

    async def remove_pieces(self, final: ResumableUpload) -> None:
        await self._session.execute(
            delete(ResumableUpload).where(
                col(ResumableUpload.organisation_id) == final.organisation_id,
                col(ResumableUpload.final_id) == final.id,
            )
        )

    async def _change(self, hold: Hold, **values: Any) -> bool:
        changed: CursorResult[Any] = await self._session.execute(  # type: ignore[assignment]
            update(ResumableUpload)
            .where(
                col(ResumableUpload.organisation_id) == hold.organisation_id,
                col(ResumableUpload.id) == hold.upload_id,
                col(ResumableUpload.holder) == hold.holder,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        return bool(changed.rowcount)


def _living(organisation_id: str, upload_id: str, now: datetime) -> Any:
    return select(ResumableUpload).where(
        col(ResumableUpload.organisation_id) == organisation_id,
        col(ResumableUpload.id) == upload_id,
        col(ResumableUpload.expires_at) > now,
    )


def _free(now: datetime) -> Any:
    return or_(col(ResumableUpload.held_until).is_(None), col(ResumableUpload.held_until) <= now)


def _found(row: ResumableUpload | None) -> ResumableUpload:
    if row is None:
        raise NotFound("There is no such upload, or it has expired.")
    return row
