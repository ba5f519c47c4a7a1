"""Playback sessions: opened by a customer's backend, used by a player."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from fastapi import APIRouter, Response

from api.dependencies import OtpIssuer, Player, Services, VideoId
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.playback import (
    HeartbeatIn,
    HeartbeatOut,
    PlayerSessionOut,
    SessionIn,
    SessionOut,
    player_session_out,
    session_out,
)
from core.services.playback.heartbeat import heartbeat
from core.services.playback.open_session import Viewer, open_session
from core.services.playback.read_session import read_session

router = APIRouter(tags=["playback"], responses=responses(401, 404, 422, 503), route_class=IdempotentRoute)


@router.post("/v1/videos/{video_id}/playback-sessions", status_code=201, responses=responses(403, 409))
async def create_session(
    video_id: VideoId, caller: OtpIssuer, services: Services, response: Response, body: SessionIn | None = None
) -> SessionOut:
    """Let one viewer play the video for a while. For servers: never call this from a page."""
    asked = body or SessionIn()
    ttl = timedelta(seconds=asked.ttl_seconds or services.settings.playback_ttl_seconds)
    viewer = Viewer(
        str(asked.viewer_ip) if asked.viewer_ip else None, asked.viewer_user_agent, asked.viewer_id, asked.device_id
    )
    async with services.uow() as uow:
        grant = await open_session(
            uow,
            services.signing_keys,
            services.settings.public_url,
            caller.organisation_id,
            video_id,
            viewer,
            ttl,
            services.clock.now(),
            policy=asked.policy,
            leases=services.leases,
        )
        await uow.commit()
    response.headers["Cache-Control"] = "no-store"
    return session_out(grant, services.settings.public_url)


@router.get("/api/playback/session", responses=responses(403))
async def read_player_session(player: Player, services: Services, response: Response) -> PlayerSessionOut:
    """What the token's session plays. For players."""
    async with services.uow() as uow:
        # Relative addresses: the page plays whatever name it was reached under.
        grant = await read_session(uow, services.signing_keys, "", player, services.clock.now())
    response.headers["Cache-Control"] = "no-store"
    return player_session_out(grant)


@router.post("/api/playback/heartbeat")
async def create_heartbeat(
    player: Player, services: Services, response: Response, body: HeartbeatIn | None = None
) -> HeartbeatOut:
    """Say that you play, and learn whether you may go on. For players; a stream that stays silent loses its place."""
    settings = services.settings
    async with services.uow() as uow:
        pulse = await heartbeat(
            uow,
            services.leases,
            player,
            (body or HeartbeatIn()).beat,
            services.clock.now(),
            record_after=timedelta(seconds=settings.heartbeat_record_seconds),
            grace=timedelta(seconds=settings.heartbeat_grace_seconds),
        )
        await uow.commit()
    response.headers["Cache-Control"] = "no-store"
    action: Literal["continue", "stop"] = "continue" if pulse.stop is None else "stop"
    return HeartbeatOut(action=action, interval=settings.heartbeat_seconds, reason=pulse.stop)
