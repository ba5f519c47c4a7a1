"""Progress rows: written often by workers, read once a second by whoever watches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.contracts.version_ref import VersionRef
from core.db.models import PublishStep
from core.domain.progress import Step, StepState


class ProgressRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def announce(self, target: VersionRef, step: Step, weights: Mapping[str, float]) -> None:
        """Insert waiting items with their weights; items that are there keep their state and get the weight."""
        if not weights:
            return
        rows = [_key(target, step, item) | {"weight": weight} for item, weight in weights.items()]
        statement = insert(PublishStep).values([row | {"state": StepState.WAITING} for row in rows])
        await self._session.execute(
            statement.on_conflict_do_update(
                constraint="pk_publish_steps",
                set_={"weight": statement.excluded.weight},
                where=col(PublishStep.organisation_id) == target.organisation_id,
            )
        )

    async def write(self, target: VersionRef, step: Step, item: str, reading: Mapping[str, Any]) -> None:
        """Upsert one reading. `started_at` is kept from the first one, everything else is the latest."""
        statement = insert(PublishStep).values(_key(target, step, item) | dict(reading))
        latest: dict[str, Any] = {name: statement.excluded[name] for name in reading if name != "started_at"}
        latest["updated_at"] = statement.excluded.updated_at
        latest["started_at"] = func.coalesce(PublishStep.started_at, statement.excluded.started_at)
        await self._session.execute(
            statement.on_conflict_do_update(
                constraint="pk_publish_steps",
                set_=latest,
                where=col(PublishStep.organisation_id) == target.organisation_id,
            )
        )

    async def of_version(self, target: VersionRef) -> Sequence[PublishStep]:
        query = select(PublishStep).where(
            col(PublishStep.organisation_id) == target.organisation_id,
            col(PublishStep.video_id) == target.video_id,
            col(PublishStep.version) == target.version,
        )
        return (await self._session.scalars(query)).all()

    async def forget(self, target: VersionRef) -> None:
        """Drop the readings of a run that is over: the next one starts from nothing."""
        await self._session.execute(
            delete(PublishStep).where(
                col(PublishStep.organisation_id) == target.organisation_id,
                col(PublishStep.video_id) == target.video_id,
                col(PublishStep.version) == target.version,
            )
        )


def _key(target: VersionRef, step: Step, item: str) -> dict[str, Any]:
    return {
        "organisation_id": target.organisation_id,
        "video_id": target.video_id,
        "version": target.version,
        "step": step,
        "item": item,
    }
