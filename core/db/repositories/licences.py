"""What the licence path reads, in one round trip, and the audit record it leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from core.db.models import ContentKey, DrmLicense, LicenceCallback, PlaybackSession, TenantKey, Video, VideoVersion
from core.db.repositories.keys import content_key_record
from core.db.repositories.outbox import TELL, values_of
from core.domain.drm.key_records import ContentKeyRecord, KeyState, TenantKeyRecord
from core.domain.playback.binding import Origin
from core.domain.video import VideoState
from core.domain.webhooks.event import NewEvent

_SAME_VIDEO = and_(
    col(PlaybackSession.organisation_id) == col(Video.organisation_id), col(PlaybackSession.video_id) == col(Video.id)
)
_SAME_TENANT_KEY = and_(
    col(ContentKey.organisation_id) == col(TenantKey.organisation_id),
    col(ContentKey.tenant_key_id) == col(TenantKey.id),
)


def _same_version(table: type[VideoVersion | ContentKey]) -> ColumnElement[bool]:
    return and_(
        col(PlaybackSession.organisation_id) == col(table.organisation_id),
        col(PlaybackSession.video_id) == col(table.video_id),
        col(PlaybackSession.version) == col(table.version),
    )


#: Built once, and as columns rather than objects: it is executed for every licence, and both cost more than the query.
_BASIS = (
    select(
        *(
            getattr(PlaybackSession, name)
            for name in (
                "organisation_id",
                "video_id",
                "version",
                "user_id",
                "viewer_id",
                "device_id",
                "ip_address",
                "user_agent",
                "policy",
                "started_at",
                "expires_at",
                "ended_at",
            )
        ),
        col(Video.status).label("video_state"),
        col(VideoVersion.status).label("version_state"),
        col(LicenceCallback.url).label("callback_url"),
        col(LicenceCallback.fail_open).label("callback_fail_open"),
        *(getattr(ContentKey, name) for name in ("kid", "label", "scheme", "wrapped_key", "iv", "wrap_alg", "state")),
        col(ContentKey.tenant_key_id),
        col(TenantKey.version).label("tenant_key_version"),
        col(TenantKey.wrapped_key).label("wrapped_tenant_key"),
        col(TenantKey.root_key_id),
        col(TenantKey.binding).label("tenant_key_binding"),
        col(TenantKey.state).label("tenant_key_state"),
    )
    .select_from(PlaybackSession)
    .join(Video, _SAME_VIDEO)
    .join(VideoVersion, _same_version(VideoVersion))
    .outerjoin(LicenceCallback, col(PlaybackSession.organisation_id) == col(LicenceCallback.organisation_id))
    .outerjoin(ContentKey, and_(_same_version(ContentKey), col(ContentKey.state) == KeyState.ACTIVE))
    .outerjoin(TenantKey, _SAME_TENANT_KEY)
    .where(
        col(PlaybackSession.organisation_id) == bindparam("organisation_id"),
        col(PlaybackSession.id) == bindparam("session_id"),
    )
)
_LICENCES = DrmLicense.metadata.tables["drm_licenses"]
_GIVEN = {column.name: bindparam(f"licence_{column.name}", type_=column.type) for column in _LICENCES.columns}
#: The audit record and the event in one statement: the licence path has no round trip to spare.
_RECORD = TELL.add_cte(insert(_LICENCES).values(_GIVEN).cte("licence"))


@dataclass(frozen=True)
class Callback:
    """Whom an organisation wants asked; `fail_open` gives licences while nobody answers."""

    url: str
    fail_open: bool


@dataclass(frozen=True)
class LicenceBasis:
    """All a decision about one session's licence rests on. `policy` is a SessionPolicy as it is stored."""

    organisation_id: str
    video_id: str
    version: int
    user_id: str | None
    viewer_id: str | None
    device_id: str | None
    origin: Origin
    policy: dict[str, Any]
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    video_state: VideoState
    version_state: VideoState
    keys: tuple[tuple[ContentKeyRecord, TenantKeyRecord], ...]
    callback: Callback | None


class LicenceRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def basis(self, organisation_id: str, session_id: str) -> LicenceBasis | None:
        """Session, states, wrapped keys of the session's own version and whom to ask, in one query."""
        given = {"organisation_id": organisation_id, "session_id": session_id}
        rows = (await self._session.execute(_BASIS, given)).all()
        return _basis(rows) if rows else None

    async def newest(self, organisation_id: str, kid: str | None, limit: int) -> Sequence[DrmLicense]:
        """Newest first; with `kid`, those that gave that key, looked for among its own video's."""
        query = select(DrmLicense).where(col(DrmLicense.organisation_id) == organisation_id)
        if kid is not None:
            owner = (col(ContentKey.organisation_id) == organisation_id, col(ContentKey.kid) == kid)
            query = query.where(
                col(DrmLicense.video_id).in_(select(col(ContentKey.video_id)).where(*owner)),
                col(DrmLicense.restrictions).contains({"kids": [kid]}),
            )
        return (await self._session.scalars(query.order_by(col(DrmLicense.issued_at).desc()).limit(limit))).all()

    async def record(self, licence: DrmLicense, told: NewEvent) -> None:
        """The audit's row, and the event for those who want to hear of it."""
        given = {f"licence_{name}": getattr(licence, name) for name in _GIVEN}
        await self._session.execute(_RECORD, given | values_of(told))

    async def callback(self, organisation_id: str) -> LicenceCallback | None:
        return await self._session.get(LicenceCallback, organisation_id)

    async def set_callback(self, callback: LicenceCallback) -> LicenceCallback:
        return await self._session.merge(callback)

    async def drop_callback(self, organisation_id: str) -> None:
        mine = col(LicenceCallback.organisation_id) == organisation_id
        await self._session.execute(delete(LicenceCallback).where(mine))


def _basis(rows: Sequence[Any]) -> LicenceBasis:
    """Rows of `_BASIS`, one a key; the last columns are empty for a version without keys."""
    session = rows[0]
    return LicenceBasis(
        organisation_id=session.organisation_id,
        video_id=session.video_id,
        version=session.version,
        user_id=session.user_id,
        viewer_id=session.viewer_id,
        device_id=session.device_id,
        # The driver reads INET as an address object.
        origin=Origin(None if session.ip_address is None else str(session.ip_address), session.user_agent),
        policy=session.policy,
        started_at=session.started_at,
        expires_at=session.expires_at,
        ended_at=session.ended_at,
        video_state=session.video_state,
        version_state=session.version_state,
        keys=tuple((content_key_record(row), _tenant_key(row)) for row in rows if row.kid is not None),
        callback=None if session.callback_url is None else Callback(session.callback_url, session.callback_fail_open),
    )


def _tenant_key(row: Row[Any]) -> TenantKeyRecord:
    return TenantKeyRecord(
        id=row.tenant_key_id,
        organisation_id=row.organisation_id,
        version=row.tenant_key_version,
        wrapped_key=row.wrapped_tenant_key,
        root_key_id=row.root_key_id,
        binding=row.tenant_key_binding,
        state=KeyState(row.tenant_key_state),
    )
