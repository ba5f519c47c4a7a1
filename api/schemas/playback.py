"""Bodies of the playback routes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, IPvAnyAddress

from api.schemas.text import CleanText, Strict
from core.domain.playback.endings import EndReason
from core.domain.playback.heartbeat import Beat
from core.domain.playback.session_policy import SessionPolicy, WhenFull
from core.services.playback.grant import PlaybackGrant

Name = Annotated[CleanText, Field(min_length=1, max_length=255)]


def _plain_address(value: object) -> object:
    """No number, and no zone: "fe80::1%eth0" means something on one machine only, and no database keeps it."""
    if not isinstance(value, str) or "%" in value:
        raise ValueError("must be an IPv4 or IPv6 address without a zone")
    return value


class SessionIn(Strict):
    """For whom; all optional. Address and user agent are kept with the session.

    Licences go only to the user agent that you name. Limits are per viewer and need `viewer_id`; a limit of devices
    needs `device_id` too.
    """

    ttl_seconds: int | None = Field(
        default=None, ge=60, le=24 * 3600, strict=True, description="Default: the server's setting."
    )
    viewer_ip: Annotated[IPvAnyAddress, BeforeValidator(_plain_address)] | None = None
    viewer_user_agent: Annotated[CleanText, Field(max_length=500)] | None = None
    viewer_id: Name | None = None
    device_id: Name | None = None
    max_streams: int | None = Field(default=None, ge=1, le=1000, description="At once.")
    when_full: WhenFull = WhenFull.OLDEST_WINS
    max_devices: int | None = Field(default=None, ge=1, le=1000)
    bind_ip: bool = Field(default=False, description="Refuse licences to other addresses than `viewer_ip`.")

    @property
    def policy(self) -> SessionPolicy:
        return SessionPolicy(
            max_streams=self.max_streams,
            when_full=self.when_full,
            max_devices=self.max_devices,
            bind_ip=self.bind_ip,
        )


class WatermarkIn(Strict):
    """How the watermark is: shown each of the `checks` times since the last heartbeat, or tampered with."""

    state: Literal["shown", "tampered"]
    checks: int = Field(ge=0, le=10**6, strict=True)
    finding: str | None = Field(default=None, pattern=r"^[A-Z_]{1,40}$")


class HeartbeatIn(Strict):
    """`position` in seconds from the start of the video. A session with a watermark is stopped without `watermark`."""

    position: float | None = Field(default=None, ge=0, le=10**7, allow_inf_nan=False)
    watermark: WatermarkIn | None = None

    @property
    def beat(self) -> Beat:
        seen = self.watermark
        shown = seen is not None and seen.state == "shown" and seen.checks > 0
        return Beat(self.position, shown, None if seen is None or seen.state == "shown" else seen.finding or "UNKNOWN")


class HeartbeatOut(BaseModel):
    """Repeat after `interval` seconds while you play; at `stop`, stop, and say why by `reason`."""

    action: Literal["continue", "stop"]
    interval: int
    reason: EndReason | None


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
    """What the player page plays and shows. Addresses are relative to this server; `duration` in seconds."""

    title: str
    duration: float
    dash_url: str | None
    hls_url: str
    licence_url: str
    poster_url: str | None
    thumbnails_url: str | None
    expires_at: datetime
    watermark: list[dict[str, Any]] = Field(description="Items of VdoCipher's `annotate`, variables filled in.")
    forced_bitrate: int | None = Field(description="kbit/s: play the rendition nearest to it.")


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
        watermark=[dict(item) for item in grant.policy.watermark],
        forced_bitrate=grant.policy.forced_bitrate,
    )
