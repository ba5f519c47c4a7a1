"""Viewers' devices. A viewer is named by `viewer_id`, which may be any text, and so never stands in a path."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.dependencies import Cursor, DeviceRowId, Limit, Services, ViewerEditor, ViewerId, ViewerReader
from api.errors import responses
from core.ports import ViewerRef
from core.services.viewers.block_device import block_device, unblock_device
from core.services.viewers.list_devices import DevicePage, DeviceView, list_devices
from core.services.viewers.reset_devices import reset_devices

router = APIRouter(prefix="/v1/viewer-devices", tags=["viewers"], responses=responses(401, 422, 503))


class ForgottenOut(BaseModel):
    forgotten: int


@router.get("")
async def read_devices(
    viewer_id: ViewerId, caller: ViewerReader, services: Services, limit: Limit = 20, cursor: Cursor = None
) -> DevicePage:
    """A viewer's devices, newest first."""
    async with services.uow() as uow:
        return await list_devices(uow, ViewerRef(caller.organisation_id, viewer_id), limit, cursor)


@router.delete("")
async def delete_devices(viewer_id: ViewerId, caller: ViewerEditor, services: Services) -> ForgottenOut:
    """Forget all that are not blocked, so that others can take their places. Their sessions end."""
    async with services.uow() as uow:
        viewer = ViewerRef(caller.organisation_id, viewer_id)
        forgotten = await reset_devices(uow, viewer, services.clock.now())
        await uow.commit()
    return ForgottenOut(forgotten=forgotten)


@router.post("/{row_id}/block", responses=responses(404))
async def create_block(row_id: DeviceRowId, caller: ViewerEditor, services: Services) -> DeviceView:
    """Open no more sessions on it, and end those that run. `row_id` is the device's `id`. Safe to repeat."""
    async with services.uow() as uow:
        device = await block_device(uow, caller.organisation_id, row_id, services.clock.now())
        await uow.commit()
    return device


@router.delete("/{row_id}/block", responses=responses(404))
async def delete_block(row_id: DeviceRowId, caller: ViewerEditor, services: Services) -> DeviceView:
    """Let it in again. Safe to repeat."""
    async with services.uow() as uow:
        device = await unblock_device(uow, caller.organisation_id, row_id)
        await uow.commit()
    return device
