"""Lists of many videos are read by indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from core.db.engine import create_engine
from core.db.models import Video
from core.db.repositories.catalogue import _conditions
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.video_filter import VideoFilter
from tests.fixtures.database import new_organisation

pytestmark = pytest.mark.stack

MANY = 3000

FILL = """
INSERT INTO videos (id, organisation_id, title, description, status, drm_enabled, tags)
SELECT gen_random_uuid(), CAST(:organisation AS uuid), 'Lesson ' || n || ' of ' || md5(n::text), '', 'ready', true,
       ARRAY['all', 'group ' || n % 500]
FROM generate_series(1, :many) AS n
"""


@pytest.fixture
async def filled(uow_factory: UnitOfWorkFactory, database_url: str) -> AsyncIterator[tuple[str, AsyncConnection]]:
    """An organisation with many videos, gone afterwards."""
    organisation_id = await new_organisation(uow_factory)
    engine = create_engine(database_url, pool_size=1)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(FILL), {"organisation": organisation_id, "many": MANY})
            await connection.execute(text("ANALYZE videos"))
            yield organisation_id, connection
    finally:
        await engine.dispose()


async def plan(connection: AsyncConnection, organisation_id: str, wanted: VideoFilter) -> tuple[str, int]:
    """How PostgreSQL counts what is wanted, and how many that are."""
    query = select(func.count()).select_from(Video).where(*_conditions(organisation_id, wanted))
    compiled = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    lines = (await connection.execute(text(f"EXPLAIN {compiled}".replace(":", "\\:")))).scalars().all()
    return "\n".join(lines), (await connection.execute(query)).scalar_one()


async def test_filters_use_their_indexes(filled: tuple[str, AsyncConnection]) -> None:
    organisation_id, connection = filled
    a_title = await connection.scalar(
        select(col(Video.title)).where(col(Video.organisation_id) == organisation_id).limit(1)
    )
    for wanted, index, number in (
        (VideoFilter(tags=("group 7",)), "ix_videos_tags", MANY // 500),
        (VideoFilter(tags=("group 7", "all")), "ix_videos_tags", MANY // 500),
        (VideoFilter(text=a_title[-20:].upper()), "ix_videos_search", 1),
        (VideoFilter(folder_id="0" * 32), "ix_videos_present", 0),
    ):
        shown, found = await plan(connection, organisation_id, wanted)
        assert index in shown, shown
        assert found == number
