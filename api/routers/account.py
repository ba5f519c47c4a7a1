"""What members do with their own account: sessions, password, second factor."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, BackgroundTasks, Path, Response

from api.dependencies import Member, Services, Signed, SignedAnonymously
from api.errors import responses
from api.schemas.auth import CodeIn, EnrolmentOut, ForgottenIn, NewPasswordIn, PasswordChangeIn, RecoveryOut
from api.services import ApiServices
from core.db.models import User
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Unauthenticated
from core.ports import AttemptsUnavailable, MailUnavailable
from core.services.accounts.forgotten_password import send_reset
from core.services.accounts.own_sessions import SignedInView, end_session, list_sessions
from core.services.accounts.second_factor import confirm, enrol, remove
from core.services.accounts.set_password import change_password, set_password_by_token
from core.services.audit.signed_by import SignedBy
from core.services.organisations.known_credentials import session_name
from core.services.organisations.principal import Principal

_log = structlog.get_logger(__name__)

router = APIRouter(prefix="/auth", tags=["auth"], responses=responses(422, 503))

OwnSessionId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]


@router.get("/sessions", responses=responses(401, 403))
async def read_own_sessions(member: Member, services: Services) -> list[SignedInView]:
    """Where you are signed in, newest first."""
    async with services.uow() as uow:
        return await list_sessions(uow, member, services.clock.now())


@router.delete("/sessions/{own_session_id}", status_code=204, responses=responses(401, 403, 404))
async def delete_own_session(own_session_id: OwnSessionId, member: Member, services: Services, signed: Signed) -> None:
    """Sign out there."""
    async with services.uow() as uow:
        await end_session(uow, member, own_session_id, signed(member))
        await uow.commit()
    services.credentials.forget(session_name(own_session_id))


@router.post("/password", status_code=204, responses=responses(401, 403))
async def change_own_password(body: PasswordChangeIn, member: Member, services: Services, signed: Signed) -> None:
    """All your sessions end, this one too."""
    await change_password(
        services.uow, services.passwords, member, body.old_password, body.new_password, signed(member)
    )


@router.post("/password/forgotten", status_code=202, response_class=Response)
async def forgot_password(
    body: ForgottenIn, services: Services, signed: SignedAnonymously, background: BackgroundTasks
) -> Response:
    """A mail to whoever is a member; the answer is the same for whoever is not."""
    background.add_task(_send_reset, services, body.email, signed)
    return Response(status_code=202, background=background)


@router.post("/password/set", status_code=204, responses=responses(401))
async def set_password(body: NewPasswordIn, services: Services, signed: SignedAnonymously) -> None:
    """By the token of an invitation or of a mail for a new password, which is used up. All sessions end."""
    await set_password_by_token(services.uow, services.passwords, body.token, body.password, signed)


@router.post("/totp", status_code=201, responses=responses(401, 403, 409))
async def create_totp(member: Member, services: Services, response: Response) -> EnrolmentOut:
    """A secret for an authenticator app. It counts once a code has confirmed it."""
    response.headers["Cache-Control"] = "no-store"
    async with services.uow() as uow:
        user = await _account(uow, member)
        enrolment = await enrol(uow, services.vault, user, services.clock.now())
        await uow.commit()
    return EnrolmentOut(secret=enrolment.secret, uri=enrolment.uri)


@router.post("/totp/confirm", responses=responses(401, 403, 409))
async def confirm_totp(
    body: CodeIn, member: Member, services: Services, signed: Signed, response: Response
) -> RecoveryOut:
    """From now on signing in takes a code, too."""
    response.headers["Cache-Control"] = "no-store"
    await services.doorkeeper.count_code(member)
    async with services.uow() as uow:
        user = await _account(uow, member)
        codes = await confirm(uow, services.vault, user, body.code, signed(member))
        await uow.commit()
    return RecoveryOut(recovery_codes=list(codes))


@router.post("/totp/remove", status_code=204, responses=responses(401, 403))
async def remove_totp(body: CodeIn, member: Member, services: Services, signed: Signed) -> None:
    """With a code of it, or a recovery code."""
    await services.doorkeeper.count_code(member)
    async with services.uow() as uow:
        user = await _account(uow, member)
        await remove(uow, services.vault, user, body.code, signed(member))
        await uow.commit()


async def _account(uow: UnitOfWork, member: Principal) -> User:
    user = await uow.members.get(member.organisation_id, member.key_id)
    if user is None:
        raise Unauthenticated("The session is over. Sign in again.")
    return user


async def _send_reset(services: ApiServices, email: str, signed: SignedBy) -> None:
    """Behind the answer: its failures are for the operator."""
    dashboard = services.dashboard_url
    try:
        await send_reset(services.uow, services.attempts, services.mailer, dashboard, email, signed.address, signed.at)
    except (MailUnavailable, AttemptsUnavailable) as error:
        _log.warning("mail not sent", letter="reset", error=type(error).__name__, detail=str(error)[:200])
