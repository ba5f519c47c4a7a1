"""Bodies of the routes for signing in. Passwords are taken as they are: nothing is stripped."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.text import CleanText
from core.services.accounts.start_session import SessionTokens
from core.services.organisations.principal import Principal

Email = Annotated[CleanText, Field(min_length=3, max_length=255)]
Password = Annotated[CleanText, Field(min_length=1, max_length=1000, repr=False)]
Code = Annotated[CleanText, Field(min_length=1, max_length=64)]
Token = Annotated[CleanText, Field(min_length=1, max_length=200, repr=False)]


class Exact(BaseModel):
    """A field we do not know is refused; what is known is not touched."""

    model_config = ConfigDict(extra="forbid")


class LoginIn(Exact):
    """`code`: of the authenticator, or a recovery code, where the account has a second factor."""

    email: Email
    password: Password
    code: Code | None = None


class RefreshIn(Exact):
    refresh_token: Token


class TokensOut(BaseModel):
    """RFC 6749, section 5.1. `expires_in` is of the access token, in seconds; refresh tokens are used once."""

    access_token: Annotated[str, Field(repr=False)]
    refresh_token: Annotated[str, Field(repr=False)]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - its kind
    expires_in: int
    session_id: str


class CallerOut(BaseModel):
    """`kind` is "user", "api-key" or "client"; `impersonator` whoever from support acts in a member's place."""

    kind: str
    id: str
    organisation_id: str
    roles: list[str]
    permissions: list[str]
    session_id: str | None
    impersonator: str | None


class OtpIn(Exact):
    """`policy` has the fields of `POST /api/videos/{id}/otp`."""

    video_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    policy: dict[str, Any] = Field(default_factory=dict)


class ForgottenIn(Exact):
    email: Email


class NewPasswordIn(Exact):
    """`token` from the mail."""

    token: Token
    password: Password


class PasswordChangeIn(Exact):
    old_password: Password
    new_password: Password


class CodeIn(Exact):
    code: Code


class EnrolmentOut(BaseModel):
    """Shown this once; it counts when a code has confirmed it."""

    secret: Annotated[str, Field(repr=False)]
    uri: Annotated[str, Field(repr=False)]


class RecoveryOut(BaseModel):
    """Each opens the door once, without the device. Shown this once."""

    recovery_codes: Annotated[list[str], Field(repr=False)]


def tokens_out(tokens: SessionTokens) -> TokensOut:
    return TokensOut(
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        session_id=tokens.session_id,
    )


def caller_out(caller: Principal) -> CallerOut:
    return CallerOut(
        kind=caller.kind,
        id=caller.key_id,
        organisation_id=caller.organisation_id,
        roles=sorted(caller.roles),
        permissions=sorted(caller.permissions),
        session_id=caller.session_id,
        impersonator=caller.impersonator,
    )
