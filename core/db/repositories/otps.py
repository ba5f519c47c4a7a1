"""OTPs: issued, looked up by their hash, counted, and what they were redeemed for."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import Otp, OtpRedemption, PlaybackSession, Video
from core.domain.video import GONE

_COLUMNS = Otp.metadata.tables["otps"].columns
_GIVEN = {column.name: bindparam(column.name, type_=column.type) for column in _COLUMNS}
#: Built once: it is executed for every viewer.
_ISSUE = (
    insert(Otp.metadata.tables["otps"])
    .from_select(
        list(_GIVEN),
        select(*_GIVEN.values()).where(
            col(Video.organisation_id) == _GIVEN["organisation_id"],
            col(Video.id) == _GIVEN["video_id"],
            col(Video.current_version).is_not(None),
            col(Video.status).not_in(GONE),
        ),
    )
    .returning(_COLUMNS.id)
)


class OtpRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def issue(self, otp: Otp) -> bool:
        """Insert it if its video can be played, in one statement. False when it cannot."""
        given = {column.name: getattr(otp, column.name) for column in _COLUMNS}
        return (await self._session.execute(_ISSUE, given)).first() is not None

    async def by_hash(self, organisation_id: str, otp_hash: str) -> Otp | None:
        return await self._session.scalar(
            select(Otp).where(col(Otp.organisation_id) == organisation_id, col(Otp.otp_hash) == otp_hash)
        )

    async def count_use(self, organisation_id: str, otp_id: str) -> bool:
        """Take one of the uses left. False when none was: of many at once, as many win as there are uses."""
        taken = (
            update(Otp)
            .where(col(Otp.organisation_id) == organisation_id, col(Otp.id) == otp_id, col(Otp.uses_left) > 0)
            .values(uses_left=col(Otp.uses_left) - 1)
            .returning(col(Otp.id))
        )
        return (await self._session.execute(taken)).first() is not None

    async def wait_for_twin(self, otp_id: str, fingerprint: str) -> None:
        """Requests of one player for one OTP go one after the other, until each one's transaction has ended."""
        digest = hashlib.sha256(f"{otp_id} {fingerprint}".encode()).digest()
        number = int.from_bytes(digest[:8], "big", signed=True)
        await self._session.execute(select(func.pg_advisory_xact_lock(number)))

    async def session_of(
        self, organisation_id: str, otp_id: str, fingerprint: str, since: datetime
    ) -> PlaybackSession | None:
        """What this player was given for this OTP, not before `since`."""
        query: Any = (
            select(PlaybackSession)
            .join(
                OtpRedemption,
                (col(OtpRedemption.organisation_id) == col(PlaybackSession.organisation_id))
                & (col(OtpRedemption.session_id) == col(PlaybackSession.id)),
            )
            .where(
                col(OtpRedemption.organisation_id) == organisation_id,
                col(OtpRedemption.otp_id) == otp_id,
                col(OtpRedemption.fingerprint) == fingerprint,
                col(OtpRedemption.redeemed_at) >= since,
            )
            .order_by(col(OtpRedemption.redeemed_at).desc())
            .limit(1)
        )
        found: PlaybackSession | None = await self._session.scalar(query)
        return found

    async def record(self, redemption: OtpRedemption) -> None:
        """After the session it names, which is sent first."""
        await self._session.flush()
        self._session.add(redemption)

    async def forget(self, before: datetime, limit: int) -> int:
        """Remove OTPs of all organisations that expired before, with their redemptions. How many OTPs."""
        old = select(col(Otp.id)).where(col(Otp.expires_at) < before).order_by(col(Otp.expires_at)).limit(limit)
        ids = (await self._session.scalars(old.with_for_update(skip_locked=True))).all()
        await self._session.execute(delete(OtpRedemption).where(col(OtpRedemption.otp_id).in_(ids)))
        await self._session.execute(delete(Otp).where(col(Otp.id).in_(ids)))
        return len(ids)
