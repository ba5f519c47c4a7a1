"""Signing in and out, and what a credential is good for."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Anybody, OtpIssuer, Services, SignedAnonymously
from api.errors import responses
from api.schemas.auth import CallerOut, LoginIn, OtpIn, RefreshIn, TokensOut, caller_out, tokens_out
from api.schemas.otps import OtpOut
from core.domain.access.otp_request import otp_policy
from core.domain.errors import Unauthenticated
from core.services.accounts.log_in import Login
from core.services.accounts.log_out import log_out
from core.services.accounts.refresh_session import refresh_session
from core.services.accounts.start_session import SignIn
from core.services.organisations.known_credentials import session_name
from core.services.playback.issue_otp import issue_otp

router = APIRouter(prefix="/auth", tags=["auth"], responses=responses(422, 503))


@router.post("/login", responses=responses(401, 429))
async def login(
    body: LoginIn, request: Request, services: Services, signed: SignedAnonymously, response: Response
) -> TokensOut:
    """401 says `CODE_REQUIRED` when the password was right and the account has a second factor: send both then."""
    response.headers["Cache-Control"] = "no-store"
    sign_in = SignIn("password", signed.at, signed.address, request.headers.get("user-agent", ""))
    credentials = Login(body.email, body.password, body.code)
    return tokens_out(await services.doorkeeper.log_in(credentials, sign_in, signed.request_id))


@router.post("/refresh", responses=responses(401))
async def refresh(body: RefreshIn, services: Services, signed: SignedAnonymously, response: Response) -> TokensOut:
    """Each refresh token is used once. One that comes back later ends the session for everybody who has a copy."""
    response.headers["Cache-Control"] = "no-store"
    async with services.uow() as uow:
        tokens = await refresh_session(uow, services.tokens, body.refresh_token, signed)
        await uow.commit()
    if tokens is None:
        raise Unauthenticated("The session is over. Sign in again.", code="REFRESH_REFUSED")
    return tokens_out(tokens)


@router.post("/logout", status_code=204)
async def logout(body: RefreshIn, services: Services, signed: SignedAnonymously) -> None:
    """End the session of this refresh token, access tokens included. Safe to repeat."""
    async with services.uow() as uow:
        ended = await log_out(uow, body.refresh_token, signed)
        await uow.commit()
    if ended is not None:
        services.credentials.forget(session_name(ended))


@router.get("/verify", responses=responses(401))
async def verify(caller: Anybody, response: Response) -> CallerOut:
    """Who the sender of this credential is, and what they may do now."""
    response.headers["Cache-Control"] = "no-store"
    return caller_out(caller)


@router.post("/otp/generate", responses=responses(401, 403, 404, 409))
async def generate_otp(body: OtpIn, caller: OtpIssuer, services: Services, response: Response) -> OtpOut:
    """As `POST /api/videos/{id}/otp`, with our errors."""
    response.headers["Cache-Control"] = "no-store"
    policy = otp_policy(body.policy)
    async with services.uow() as uow:
        issued = await issue_otp(
            uow, services.countries, caller.organisation_id, body.video_id, policy, services.clock.now()
        )
        await uow.commit()
    return OtpOut(otp=issued.otp, playbackInfo=issued.playback_info)
