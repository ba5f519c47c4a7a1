"""Counted attempts in Redis or Valkey: fixed windows, each counted before the attempt is made."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError

from core.domain.auth.lockout import Limit
from core.ports import AttemptsUnavailable
from core.settings import Settings

_TIMEOUT_SECONDS = 1.0

# KEYS[1] counts. ARGV: window in milliseconds. One step: of many at once none is overlooked, and no count
# stays without an end.
_COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 or redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('PTTL', KEYS[1])}
"""


class RedisAttempts:
    """Attempts."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._count = client.register_script(_COUNT)

    async def count(self, limits: Sequence[Limit], window: timedelta) -> timedelta | None:
        waits = []
        try:
            for limit in limits:
                milliseconds = int(window.total_seconds() * 1000)
                count, left = await self._count(keys=[_key(limit)], args=[milliseconds])
                if count > limit.most:
                    waits.append(timedelta(milliseconds=left))
        except RedisError as error:
            raise AttemptsUnavailable(type(error).__name__) from error
        return max(waits, default=None)

    async def clear(self, limit: Limit) -> None:
        try:
            await self._client.delete(_key(limit))
        except RedisError as error:
            raise AttemptsUnavailable(type(error).__name__) from error


@asynccontextmanager
async def open_attempts(settings: Settings) -> AsyncIterator[RedisAttempts]:
    """Connects when first used."""
    client = redis.asyncio.from_url(
        settings.redis_url,
        decode_responses=True,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1, supported_errors=(NoConnection,)),
    )
    try:
        yield RedisAttempts(client)
    finally:
        await client.aclose()


def _key(limit: Limit) -> str:
    """Names hold e-mail addresses: they stay out of the store."""
    return f"sealcast:attempts:{hashlib.sha256(limit.name.encode()).hexdigest()}"
