"""Bodies of the routes for single sign-on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.auth import Exact
from api.schemas.text import CleanText
from core.domain.auth.permissions import Role
from core.services.sso.connection import SsoOrder

SsoRole = Literal["viewer", "otpCreator", "uploader", "editor", "billing", "admin"]
Text = Annotated[CleanText, Field(min_length=1, max_length=255)]


class SsoIn(Exact):
    """`role_map` is from values of the claim `role_claim` to roles; without any, members get `default_role`."""

    issuer: Annotated[CleanText, Field(min_length=8, max_length=500)]
    client_id: Text
    client_secret: Annotated[CleanText, Field(min_length=1, max_length=1000, repr=False)]
    default_role: SsoRole = "viewer"
    role_claim: Annotated[CleanText, Field(min_length=1, max_length=100)] | None = None
    role_map: Annotated[dict[Text, SsoRole], Field(max_length=50)] = Field(default_factory=dict)


class LeaveIn(Exact):
    organisation: Annotated[CleanText, Field(min_length=1, max_length=63, description="Its slug.")]


class DepartureOut(BaseModel):
    """Keep `ticket` in the page (sessionStorage), and send the browser to `authorization_url`."""

    authorization_url: str
    ticket: Annotated[str, Field(repr=False)]


class ReturnIn(Exact):
    """What the provider added to your page's address, and the ticket that the page kept."""

    ticket: Annotated[CleanText, Field(min_length=1, max_length=2000, repr=False)]
    state: Annotated[CleanText, Field(min_length=1, max_length=200, repr=False)]
    code: Annotated[CleanText, Field(min_length=1, max_length=2000, repr=False)]
    iss: Annotated[CleanText, Field(max_length=500)] | None = None


def sso_order(body: SsoIn) -> SsoOrder:
    return SsoOrder(
        body.issuer,
        body.client_id,
        body.client_secret,
        Role(body.default_role),
        body.role_claim,
        {name: Role(role) for name, role in body.role_map.items()},
    )
