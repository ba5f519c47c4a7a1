"""Bodies of the playback routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, IPvAnyAddress

from api.schemas.text import CleanText, Strict
from core.services.playback.grant import PlaybackGrant


class SessionIn(Strict):
    """For whom; all optional. Address and user agent are kept with the session."""

    ttl_seconds: int | None = Field(default=None, ge=60, le=24 * 3600, description="Default: the server's setting.")
    viewer_ip: IPvAnyAddress | None = None
    viewer_user_agent: Annotated[CleanText, Field(max_length=500)] | None = None


class SessionOut(BaseModel):
    """Hand `player_url` to the viewer, or the rest to a player of your own. A version under AES-128 has no DASH."""

    session_id: str
    token: str
    player_url: str
    dash_url: str | None
    hls_url: str
    licence_url: str
    poster_url: str | None
    thumbnails_url: str | None
    expires_at: datetime


class PlayerSessionOut(BaseModel):
    """What the player page plays. Addresses are relative to this server; `duration` in seconds."""

    title: str
    duration: float
    dash_url: str | None
    hls_url: str
    licence_url: str
    poster_url: str | None
    thumbnails_url: str | None
    expires_at: datetime


def session_out(grant: PlaybackGrant, public_url: str) -> SessionOut:
    return SessionOut(
        session_id=grant.session_id,
        token=grant.token,
        # In the fragment the token never reaches a server's log.
        player_url=f"{public_url}/player/#{grant.token}",
        dash_url=grant.addresses.dash,
        hls_url=grant.addresses.hls,
        licence_url=grant.addresses.licence,
        poster_url=grant.addresses.poster,
        thumbnails_url=grant.addresses.thumbnails,
        expires_at=grant.expires_at,
    )


def player_session_out(grant: PlaybackGrant) -> PlayerSessionOut:
    return PlayerSessionOut(
        title=grant.title,
        duration=grant.duration,
        dash_url=grant.addresses.dash,
        hls_url=grant.addresses.hls,
        licence_url=grant.addresses.licence,
        poster_url=grant.addresses.poster,
        thumbnails_url=grant.addresses.thumbnails,
        expires_at=grant.expires_at,
    )
