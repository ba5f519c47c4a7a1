"""OAuth 2.0 for machines: an API key becomes a short access token."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from api.bounded_body import read_body
from api.dependencies import Services
from api.errors import responses
from api.viewer_address import viewer_address
from core.domain.auth.oauth import OauthRefused, token_request
from core.services.tokens.client_credentials import grant_client_token

router = APIRouter(prefix="/oauth", tags=["auth"], responses=responses(413, 503))

_MOST_BYTES = 8 * 1024
_NO_STORE = {"Cache-Control": "no-store"}


class ClientTokenOut(BaseModel):
    """RFC 6749, section 5.1."""

    access_token: Annotated[str, Field(repr=False)]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - its kind
    expires_in: int
    scope: str


class OauthErrorOut(BaseModel):
    """RFC 6749, section 5.2."""

    error: str
    error_description: str


_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "client_id": {"type": "string", "description": "The id of an API key."},
                        "client_secret": {"type": "string", "description": "Its secret."},
                        "scope": {"type": "string", "description": "Permissions, separated by spaces; all if none."},
                    },
                }
            }
        },
    }
}


@router.post(
    "/token",
    openapi_extra=_FORM,
    response_model=ClientTokenOut,
    responses={400: {"model": OauthErrorOut}, 401: {"model": OauthErrorOut}},
)
async def create_token(request: Request, services: Services) -> JSONResponse:
    """`grant_type=client_credentials`; the client in Basic, or in the form."""
    try:
        asked = token_request(await read_body(request, _MOST_BYTES), request.headers.get("authorization"))
        async with services.uow() as uow:
            address = viewer_address(request, services.settings)
            token = await grant_client_token(uow, services.tokens, asked, address, services.clock.now())
            await uow.commit()
    except OauthRefused as refusal:
        return _refused(refusal)
    out = ClientTokenOut(
        access_token=token.access_token, expires_in=token.expires_in, scope=" ".join(sorted(token.scopes))
    )
    return JSONResponse(out.model_dump(), headers=_NO_STORE)


def _refused(refusal: OauthRefused) -> JSONResponse:
    body = OauthErrorOut(error=refusal.error, error_description=refusal.description)
    if refusal.error != "invalid_client":
        return JSONResponse(body.model_dump(), 400, _NO_STORE)
    return JSONResponse(body.model_dump(), 401, _NO_STORE | {"WWW-Authenticate": "Basic"})
