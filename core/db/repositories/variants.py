"""The tracks of published versions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import VideoVariant


class VariantRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def replace(self, target: VersionRef, variants: Sequence[VideoVariant]) -> None:
        """Make these the version's variants, so that a repeated publication does not double them."""
        await self._session.execute(delete(VideoVariant).where(*_of(target)))
        self._session.add_all(variants)

    async def of_version(self, target: VersionRef) -> Sequence[VideoVariant]:
        """Video tracks first, the tallest on top."""
        order = (col(VideoVariant.kind).desc(), col(VideoVariant.height).desc().nulls_last(), col(VideoVariant.id))
        return (await self._session.scalars(select(VideoVariant).where(*_of(target)).order_by(*order))).all()


def _of(target: VersionRef) -> tuple[ColumnElement[bool], ...]:
    return (
        col(VideoVariant.organisation_id) == target.organisation_id,
        col(VideoVariant.video_id) == target.video_id,
        col(VideoVariant.version) == target.version,
    )
