"""Routes that players ask for licences: bodies read by hand, refusals with the codes that players know."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.bounded_body import read_body
from core.domain.drm.challenge import KeySystem
from core.domain.drm.player_codes import player_code
from core.domain.errors import DomainError, Forbidden, InvalidInput
from core.services.playback.token import PlaybackClaims
from core.services.webhooks.refused_licences import RefusedLicences

MOST_BYTES = 64 * 1024
NO_STORE = {"Cache-Control": "no-store"}


class LicenceRoute(APIRoute):
    """Adds `fields.player_code` to every refusal, those of the token included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_with_codes(request: Request) -> Response:
            try:
                return await handle(request)
            except DomainError as error:
                known = player_code(error.code)
                if known is not None:
                    error.fields["player_code"] = str(known)
                raise

        return handle_with_codes


@contextmanager
def refusals_told(refused: RefusedLicences, claims: PlaybackClaims, system: KeySystem) -> Iterator[None]:
    """To whoever wants to hear of them; the player's answer does not wait for it."""
    try:
        yield
    except Forbidden as error:
        refused.note(claims, system, error.code)
        raise


async def read_challenge(request: Request) -> bytes:
    """Players send licence requests with any content type, or none. Raises InvalidInput."""
    try:
        return await read_body(request, MOST_BYTES)
    except HTTPException:
        raise InvalidInput("A licence request is never this large.", code="CHALLENGE_TOO_LARGE") from None
