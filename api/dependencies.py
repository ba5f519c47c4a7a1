"""What routes ask for: the services, and who is calling."""

from __future__ import annotations

import base64
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials

from api.schemas.text import CleanText
from api.services import ApiServices
from api.viewer_address import viewer_address
from core.contracts.version_ref import VersionRef
from core.domain.errors import Forbidden, Unauthenticated
from core.domain.playback.binding import Origin
from core.domain.playback.path_signature import verify
from core.services.organisations.api_key_secret import hash_of
from core.services.organisations.authenticate_api_key import authenticate_api_key
from core.services.organisations.principal import Principal
from core.services.playback.token import PlaybackClaims, read_token

_API_KEY = APIKeyHeader(
    name="Authorization",
    scheme_name="Apisecret",
    description="`Apisecret ` followed by the 64 characters of an API key.",
    auto_error=False,
)
_PACKAGER = APIKeyHeader(
    name="Authorization",
    scheme_name="Packager",
    description="`Basic` with an API key as the password, or `Bearer` or `Apisecret` followed by the key.",
    auto_error=False,
)
_PLAYBACK_TOKEN = HTTPBearer(
    scheme_name="PlaybackToken", description="The token of a playback session.", auto_error=False
)


# Dependencies are coroutines even where they wait for nothing: FastAPI sends plain functions through a thread pool.
async def services(request: Request) -> ApiServices:
    opened: ApiServices = request.app.state.services
    return opened


Services = Annotated[ApiServices, Depends(services)]


def api_key_of(authorization: str | None) -> str | None:
    """The secret in `Apisecret <secret>`; None for any other header."""
    scheme, _, secret = (authorization or "").partition(" ")
    return secret if scheme.lower() == "apisecret" and secret else None


async def require_api_key(services: Services, authorization: Annotated[str | None, Depends(_API_KEY)]) -> Principal:
    """Raises Unauthenticated."""
    secret = api_key_of(authorization)
    if secret is None:
        raise Unauthenticated("Send an API key: `Authorization: Apisecret <key>`.")
    return await _principal(services, secret)


async def require_packager(services: Services, authorization: Annotated[str | None, Depends(_PACKAGER)]) -> Principal:
    """An API key in whichever form a packager can send it. Raises Unauthenticated."""
    secret = credential_of(authorization)
    if not secret:
        raise Unauthenticated("Send an API key: as password of Basic, as Bearer, or as Apisecret.")
    return await _principal(services, secret)


def credential_of(authorization: str | None) -> str:
    """What stands behind `Apisecret` or `Bearer`, or the password of `Basic`; empty for any other header."""
    scheme, _, credential = (authorization or "").partition(" ")
    if scheme.lower() == "basic":
        return _basic_password(credential)
    return credential if scheme.lower() in {"apisecret", "bearer"} else ""


def _basic_password(credential: str) -> str:
    """RFC 7617; empty for what is none. The user's name does not matter."""
    try:
        return base64.b64decode(credential, validate=True).decode("ascii").partition(":")[2]
    except ValueError:
        return ""


async def _principal(services: ApiServices, secret: str) -> Principal:
    now, key_hash = services.clock.now(), hash_of(secret)
    known = services.api_keys.find(key_hash, now)
    if known is not None:
        return known
    async with services.uow() as uow:
        principal = await authenticate_api_key(uow, secret, now)
        await uow.commit()
    services.api_keys.remember(key_hash, principal, now)
    return principal


async def require_playback_token(
    services: Services, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_PLAYBACK_TOKEN)]
) -> PlaybackClaims:
    """Raises Unauthenticated."""
    if credentials is None:
        raise Unauthenticated("Send the playback token: `Authorization: Bearer <token>`.")
    return read_token(services.signing_keys.token, credentials.credentials, services.clock.now())


async def require_licence_path(
    services: Services, licence: Annotated[str, Path(max_length=300, description="From the session's addresses.")]
) -> PlaybackClaims:
    """For players that send no header: the address itself is signed. Raises Unauthenticated."""
    try:
        grant = verify(services.signing_keys.licence_path, licence, services.clock.now().timestamp())
    except Forbidden:
        # As for a token: players tell an ended session by 401.
        raise Unauthenticated("The licence address is not signed, or it has expired.") from None
    target = VersionRef(grant.organisation_id, grant.video_id, grant.version)
    return PlaybackClaims(target, grant.session_id, grant.expires)


async def request_origin(request: Request, services: Services) -> Origin:
    """Where the request comes from, as far as that can be known."""
    return Origin(viewer_address(request, services.settings), request.headers.get("user-agent"))


Caller = Annotated[Principal, Depends(require_api_key)]
Packager = Annotated[Principal, Depends(require_packager)]
Player = Annotated[PlaybackClaims, Depends(require_playback_token)]
LicencePath = Annotated[PlaybackClaims, Depends(require_licence_path)]
Seen = Annotated[Origin, Depends(request_origin)]
VideoId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]
SessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]
DeviceRowId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]
ViewerId = Annotated[
    CleanText, Query(min_length=1, max_length=255, description="Your name for the viewer, as you gave it.")
]
Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")]
