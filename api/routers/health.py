"""For load balancers: alive, and able to serve."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter

from api.dependencies import Services
from api.errors import responses
from core.ports import ObjectNotFound

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses=responses(503))
async def readyz(services: Services) -> dict[str, str]:
    """Database and object store answer as well."""
    async with services.uow() as uow:
        await uow.ping()
    with suppress(ObjectNotFound):
        await services.storage.stat("readiness/probe")
    return {"status": "ready"}
