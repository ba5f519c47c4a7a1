"""The address that an organisation wants to be asked at before a licence is given."""

from __future__ import annotations

from fastapi import APIRouter, Response

from api.dependencies import Services, SettingsEditor
from api.errors import responses
from api.schemas.licences import LicenceCallbackIn, LicenceCallbackOut, callback_out
from core.domain.drm.callback_message import organisation_key
from core.services.licences.set_callback import drop_callback, read_callback, set_callback

router = APIRouter(prefix="/v1/licence-callback", tags=["licences"], responses=responses(401, 422, 503))


@router.get("", responses=responses(404))
async def read_licence_callback(caller: SettingsEditor, services: Services) -> LicenceCallbackOut:
    async with services.uow() as uow:
        callback = await read_callback(uow, caller.organisation_id)
    return callback_out(callback, organisation_key(services.signing_keys.licence_callback, caller.organisation_id))


@router.put("")
async def put_licence_callback(
    body: LicenceCallbackIn, caller: SettingsEditor, services: Services
) -> LicenceCallbackOut:
    """From the next licence on."""
    async with services.uow() as uow:
        callback = await set_callback(
            uow,
            caller.organisation_id,
            body.url,
            services.clock.now(),
            fail_open=body.fail_open,
            development=services.settings.licences.callback_private_addresses,
        )
        await uow.commit()
    return callback_out(callback, organisation_key(services.signing_keys.licence_callback, caller.organisation_id))


@router.delete("", status_code=204)
async def delete_licence_callback(caller: SettingsEditor, services: Services) -> Response:
    async with services.uow() as uow:
        await drop_callback(uow, caller.organisation_id)
        await uow.commit()
    return Response(status_code=204)
