"""Bodies of the routes for API keys."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.schemas.text import CleanText, Strict
from core.domain.auth.permissions import Role
from core.services.api_keys.create_api_key import CreatedApiKey, KeyOrder
from core.services.api_keys.key_view import ApiKeyView

KeyRole = Literal["viewer", "otpCreator", "uploader", "editor", "billing", "admin"]

_LOWEST: tuple[KeyRole, ...] = ("viewer",)


class ApiKeyIn(Strict):
    name: Annotated[CleanText, Field(min_length=1, max_length=200)]
    roles: Annotated[list[KeyRole], Field(min_length=1, max_length=6)] = Field(default_factory=lambda: [*_LOWEST])
    networks: Annotated[
        list[Annotated[str, Field(max_length=64)]],
        Field(
            max_length=50, description="Addresses or CIDR blocks from which alone it is good; from everywhere if none."
        ),
    ] = Field(default_factory=list)
    expires_at: AwareDatetime | None = None


class RotationIn(Strict):
    """How long the old secret goes on."""

    overlap_seconds: Annotated[int, Field(ge=0, le=30 * 24 * 3600)] = 24 * 3600


class CreatedApiKeyOut(BaseModel):
    """`secret` is shown this once."""

    key: ApiKeyView
    secret: Annotated[str, Field(repr=False)]


def key_order(body: ApiKeyIn) -> KeyOrder:
    return KeyOrder(body.name, frozenset(Role(role) for role in body.roles), tuple(body.networks), body.expires_at)


def created_out(created: CreatedApiKey) -> CreatedApiKeyOut:
    return CreatedApiKeyOut(key=created.key, secret=created.secret)
