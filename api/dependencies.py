"""What routes ask for: the services, and who is calling."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer, SecurityScopes
from fastapi.security.http import HTTPAuthorizationCredentials

from api.schemas.text import CleanText
from api.services import ApiServices
from api.viewer_address import viewer_address
from core.contracts.version_ref import VersionRef
from core.domain.auth.permissions import Permission
from core.domain.errors import Forbidden, Unauthenticated
from core.domain.playback.binding import Origin
from core.domain.playback.path_signature import verify
from core.request_id import current_request_id
from core.services.accounts.authenticate_token import authenticate_token
from core.services.audit.signed_by import SignedBy
from core.services.organisations.api_key_secret import hash_of
from core.services.organisations.authenticate_api_key import authenticate_api_key
from core.services.organisations.known_credentials import session_name
from core.services.organisations.principal import CallerKind, Principal
from core.services.playback.token import PlaybackClaims, read_token
from core.services.tokens.access_token import read_access_token

_API_KEY = APIKeyHeader(
    name="Authorization",
    scheme_name="Apisecret",
    description="`Apisecret ` followed by the 64 characters of an API key.",
    auto_error=False,
)
_ACCESS_TOKEN = HTTPBearer(scheme_name="AccessToken", description="A member's or an OAuth client's.", auto_error=False)
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


async def authorised(
    scopes: SecurityScopes,
    request: Request,
    services: Services,
    authorization: Annotated[str | None, Security(_API_KEY)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_ACCESS_TOKEN)],
) -> Principal:
    """Whoever calls, if they have the route's permission. Raises Unauthenticated, Forbidden."""
    if bearer is not None:
        return _permitted(await _token_holder(request, services, bearer.credentials), scopes)
    secret = api_key_of(authorization)
    if secret is None:
        raise Unauthenticated("Send an API key (`Authorization: Apisecret <key>`), or an access token as Bearer.")
    return _permitted(await _key_holder(request, services, secret), scopes)


async def calling(request: Request, services: ApiServices) -> Principal:
    """Whoever calls, whatever they may do. Raises Unauthenticated."""
    credentials = await _API_KEY(request), await _ACCESS_TOKEN(request)
    return await authorised(SecurityScopes(), request, services, *credentials)


async def key_holder(request: Request, services: ApiServices, secret: str, permission: Permission) -> Principal:
    """For old routes that take an API key in the body. Raises Unauthenticated, Forbidden."""
    principal = await _key_holder(request, services, secret)
    principal.require(permission)
    return principal


async def authorised_packager(
    scopes: SecurityScopes,
    request: Request,
    services: Services,
    authorization: Annotated[str | None, Security(_PACKAGER)],
) -> Principal:
    """An API key in whichever form a packager can send it. Raises Unauthenticated, Forbidden."""
    secret = credential_of(authorization)
    if not secret:
        raise Unauthenticated("Send an API key: as password of Basic, as Bearer, or as Apisecret.")
    return _permitted(await _key_holder(request, services, secret), scopes)


def _permitted(principal: Principal, scopes: SecurityScopes) -> Principal:
    for scope in scopes.scopes:
        principal.require(Permission(scope))
    return principal


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


async def _key_holder(request: Request, services: ApiServices, secret: str) -> Principal:
    now, key_hash = services.clock.now(), hash_of(secret)
    credential = services.credentials.find(key_hash, now)
    if credential is None:
        async with services.uow() as uow:
            credential = await authenticate_api_key(uow, secret, now)
            await uow.commit()
        services.credentials.remember(key_hash, credential, now)
    return credential.used_from(viewer_address(request, services.settings))


async def _token_holder(request: Request, services: ApiServices, token: str) -> Principal:
    now = services.clock.now()
    claims = await read_access_token(services.tokens.keys, services.tokens.issuer, token, now)
    name = session_name(claims.session_id) if claims.session_id else f"client:{claims.subject}"
    credential = services.credentials.find(name, now)
    if credential is None:
        async with services.uow() as uow:
            credential = await authenticate_token(uow, claims, now)
        services.credentials.remember(name, credential, now)
    principal = credential.used_from(viewer_address(request, services.settings))
    return replace(principal, scopes=claims.scopes)


async def in_person(caller: Annotated[Principal, Security(authorised)]) -> Principal:
    """A member, and nobody in their place. Raises Unauthenticated, Forbidden."""
    if caller.kind is not CallerKind.USER or caller.impersonator is not None:
        raise Forbidden("Members do this themselves, signed in.", code="MEMBERS_ONLY")
    return caller


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


async def signatures(request: Request, services: Services) -> Callable[[Principal], SignedBy]:
    """How this request signs what it changes: by whom, when, from where."""
    address = viewer_address(request, services.settings) or ""
    return lambda by: SignedBy(by.actor, services.clock.now(), address, current_request_id())


async def anonymous_signature(request: Request, services: Services) -> SignedBy:
    """Of somebody who is about to say who they are."""
    address = viewer_address(request, services.settings) or ""
    return SignedBy("anonymous", services.clock.now(), address, current_request_id())


async def request_origin(request: Request, services: Services) -> Origin:
    """Where the request comes from, as far as that can be known."""
    return Origin(viewer_address(request, services.settings), request.headers.get("user-agent"))


# One permission for each route: it asks for one of these, and a test finds those that ask for none.
VideoReader = Annotated[Principal, Security(authorised, scopes=[Permission.VIDEO_READ])]
VideoEditor = Annotated[Principal, Security(authorised, scopes=[Permission.VIDEO_EDIT])]
Uploader = Annotated[Principal, Security(authorised, scopes=[Permission.VIDEO_UPLOAD])]
OtpIssuer = Annotated[Principal, Security(authorised, scopes=[Permission.OTP_ISSUE])]
ViewerReader = Annotated[Principal, Security(authorised, scopes=[Permission.VIEWER_READ])]
ViewerEditor = Annotated[Principal, Security(authorised, scopes=[Permission.VIEWER_EDIT])]
ContentKeyEditor = Annotated[Principal, Security(authorised, scopes=[Permission.CONTENT_KEY_EDIT])]
SettingsEditor = Annotated[Principal, Security(authorised, scopes=[Permission.SETTINGS_EDIT])]
WebhookEditor = Annotated[Principal, Security(authorised, scopes=[Permission.WEBHOOK_EDIT])]
UsageReader = Annotated[Principal, Security(authorised, scopes=[Permission.USAGE_READ])]
BillingReader = Annotated[Principal, Security(authorised, scopes=[Permission.BILLING_READ])]
BillingEditor = Annotated[Principal, Security(authorised, scopes=[Permission.BILLING_EDIT])]
ApiKeyReader = Annotated[Principal, Security(authorised, scopes=[Permission.API_KEY_READ])]
ApiKeyEditor = Annotated[Principal, Security(authorised, scopes=[Permission.API_KEY_EDIT])]
MemberReader = Annotated[Principal, Security(authorised, scopes=[Permission.MEMBER_READ])]
MemberEditor = Annotated[Principal, Security(authorised, scopes=[Permission.MEMBER_EDIT])]
SsoEditor = Annotated[Principal, Security(authorised, scopes=[Permission.SSO_EDIT])]
AuditReader = Annotated[Principal, Security(authorised, scopes=[Permission.AUDIT_READ])]
Packager = Annotated[Principal, Security(authorised_packager, scopes=[Permission.CONTENT_KEY_USE])]
#: Any good credential, for what it says of itself.
Anybody = Annotated[Principal, Security(authorised)]
Member = Annotated[Principal, Depends(in_person)]
#: Who changes something, for the audit log.
SignedAnonymously = Annotated[SignedBy, Depends(anonymous_signature)]
Signed = Annotated[Callable[[Principal], SignedBy], Depends(signatures)]
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
