"""The relay of the outbox: a loop in every egress worker. Asking an empty outbox costs one look into an empty index."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog

from activities.errors import is_transient
from core.services.webhooks.relay_events import BATCH, relay_events
from workers.services import Services

_log = structlog.get_logger(__name__)

_PAUSE = 0.5
_PAUSE_AFTER_FAILURE = 5.0
"""Seconds."""


async def relay(services: Services, stop: asyncio.Event) -> None:
    """Until `stop`. A database or a Temporal that is away delays events; anything else ends the process, loudly."""
    while not stop.is_set():
        pause = _PAUSE
        try:
            if await relay_events(services.uow, services.gateway, services.clock.now()) == BATCH:
                continue
        except Exception as error:
            if not is_transient(error):
                raise
            _log.warning("events not relayed yet", error=type(error).__name__)
            pause = _PAUSE_AFTER_FAILURE
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)
