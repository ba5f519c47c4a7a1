"""`python -m bench.bare_route PORT`: the yardstick of `bench.licence`, a FastAPI route with one indexed SELECT.

The same server, driver and pool as the product; no authorisation, no rules, no audit, no logs.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from sqlalchemy import select
from sqlmodel import col

from core.db.engine import create_engine
from core.db.models import Video
from core.settings import load_settings

_POOL_SIZE = 10


def create_app() -> FastAPI:
    engine = create_engine(load_settings().database_url, pool_size=_POOL_SIZE)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/videos/{video_id}")
    async def read_title(video_id: str) -> dict[str, str]:
        async with engine.connect() as connection:
            found = await connection.scalar(select(col(Video.title)).where(col(Video.id) == video_id))
        return {"title": found or ""}

    return app


if __name__ == "__main__":
    uvicorn.run(
        create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False, server_header=False
    )
