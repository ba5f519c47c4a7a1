"""Single sign-on by OpenID Connect: an organisation's provider, and the way to it and back."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Services, Signed, SignedAnonymously, SsoEditor
from api.errors import responses
from api.schemas.auth import TokensOut, tokens_out
from api.schemas.sso import DepartureOut, LeaveIn, ReturnIn, SsoIn, sso_order
from core.services.accounts.start_session import SignIn
from core.services.sso.connection import SsoView, drop_connection, read_connection, set_connection
from core.services.sso.sign_in import Return

router = APIRouter(tags=["auth"], responses=responses(422, 503))

_CONNECTION = "/v1/sso-connection"


@router.get(_CONNECTION, responses=responses(401, 403, 404))
async def read_sso(caller: SsoEditor, services: Services) -> SsoView:
    async with services.uow() as uow:
        return await read_connection(uow, caller.organisation_id)


@router.put(_CONNECTION, responses=responses(401, 403))
async def put_sso(body: SsoIn, caller: SsoEditor, services: Services, signed: Signed) -> SsoView:
    """Register `<dashboard>/sso` as the redirect address at the provider."""
    development = services.settings.licences.callback_private_addresses
    async with services.uow() as uow:
        view = await set_connection(
            uow,
            services.vault,
            caller.organisation_id,
            sso_order(body),
            caller.permissions,
            signed(caller),
            development=development,
        )
        await uow.commit()
    return view


@router.delete(_CONNECTION, status_code=204, responses=responses(401, 403))
async def delete_sso(caller: SsoEditor, services: Services, signed: Signed) -> None:
    """Whoever came by it stays a member, and needs a password to come again."""
    async with services.uow() as uow:
        await drop_connection(uow, caller.organisation_id, signed(caller))
        await uow.commit()


@router.post("/auth/sso/start", responses=responses(404))
async def start_sso(body: LeaveIn, services: Services, signed: SignedAnonymously, response: Response) -> DepartureOut:
    """Where to send the browser."""
    response.headers["Cache-Control"] = "no-store"
    departure = await services.sso_door.leave(body.organisation, signed)
    return DepartureOut(authorization_url=departure.authorization_url, ticket=departure.ticket)


@router.post("/auth/sso/finish", responses=responses(401, 409))
async def finish_sso(
    body: ReturnIn, request: Request, services: Services, signed: SignedAnonymously, response: Response
) -> TokensOut:
    """With what the provider sent the browser back with. Somebody new becomes a member."""
    response.headers["Cache-Control"] = "no-store"
    sign_in = SignIn("sso", signed.at, signed.address, request.headers.get("user-agent", ""))
    back = Return(body.ticket, body.state, body.code, body.iss)
    return tokens_out(await services.sso_door.come_back(back, sign_in, signed))
