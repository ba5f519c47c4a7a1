"""Signers of the Widevine key server."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Path, Response

from api.dependencies import ContentKeyEditor, Services
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.key_signers import (
    AddedSignerOut,
    AesSignerIn,
    RsaSignerIn,
    SignerOut,
    added_signer_out,
    signer_out,
)
from core.services.key_server.add_signer import add_aes_signer, add_rsa_signer
from core.services.key_server.list_signers import list_signers
from core.services.key_server.revoke_signer import revoke_signer

router = APIRouter(
    prefix="/v1/key-signers", tags=["key servers"], responses=responses(401, 422, 503), route_class=IdempotentRoute
)

SignerIn = Annotated[AesSignerIn | RsaSignerIn, Body(discriminator="kind")]
SignerId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]


@router.post("", status_code=201, responses=responses(409))
async def create_signer(
    body: SignerIn, caller: ContentKeyEditor, services: Services, response: Response
) -> AddedSignerOut:
    """Who may ask `/keys/widevine/…` for keys."""
    response.headers["Cache-Control"] = "no-store"
    organisation_id, now = caller.organisation_id, services.clock.now()
    async with services.uow() as uow:
        if isinstance(body, RsaSignerIn):
            added = await add_rsa_signer(uow, organisation_id, body.name, body.public_key, now)
        else:
            added = await add_aes_signer(uow, services.vault, organisation_id, body.name, now)
        await uow.commit()
    return added_signer_out(added, services.settings.public_url)


@router.get("")
async def read_signers(caller: ContentKeyEditor, services: Services) -> list[SignerOut]:
    """By name, with those that were revoked."""
    async with services.uow() as uow:
        signers = await list_signers(uow, caller.organisation_id)
    return [signer_out(signer, services.settings.public_url) for signer in signers]


@router.delete("/{signer_id}", status_code=204, responses=responses(404))
async def delete_signer(signer_id: SignerId, caller: ContentKeyEditor, services: Services) -> None:
    """Its requests are refused from now on. Its name stays taken."""
    async with services.uow() as uow:
        await revoke_signer(uow, caller.organisation_id, signer_id, services.clock.now())
        await uow.commit()
