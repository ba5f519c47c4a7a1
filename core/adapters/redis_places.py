"""Who may call a webhook endpoint now: its rate and its attempts at once, in Redis, over all workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import redis.asyncio
from redis.exceptions import RedisError

from core.domain.webhooks.delivery import TIMEOUT_SECONDS
from core.ports import DeliveryPlace, EndpointLimits, LeasesUnavailable
from core.settings import Settings

_TIMEOUT_SECONDS = 2.0

_LEASE = int((TIMEOUT_SECONDS + 15) * 1000)
"""Milliseconds after which the place of a worker that died is free again."""

_BURST = 1000
"""Milliseconds' worth of attempts that may come together after a silence."""

# The rate is the generic cell rate algorithm (ATM Forum TM 4.0): who comes too early takes the next place of the rate
# and is told how long to wait for it. All times are the server's, in milliseconds.
_TAKE = """
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local holder, lease, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local interval, burst, reserved = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1'
if not reserved then
  local due = math.max(now, tonumber(redis.call('GET', KEYS[2]) or '0'))
  redis.call('SET', KEYS[2], due + interval, 'PX', math.ceil(due + interval - now + burst))
  if due - now > burst - interval then
    return {0, math.ceil(due - now - burst + interval)}
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if not redis.call('ZSCORE', KEYS[1], holder) and redis.call('ZCARD', KEYS[1]) >= most then
  return {0, 0}
end
redis.call('ZADD', KEYS[1], now + lease, holder)
redis.call('PEXPIRE', KEYS[1], lease)
return {1, 0}
"""


class RedisPlaces:
    """DeliveryPlaces."""

    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._client = client
        self._take = client.register_script(_TAKE)

    async def take(self, endpoint_id: str, holder: str, limits: EndpointLimits, *, reserved: bool) -> DeliveryPlace:
        interval = 1000 / limits.rate_per_second
        arguments: list[str | int | float] = [
            holder,
            _LEASE,
            limits.max_in_flight,
            interval,
            max(_BURST, interval),
            int(reserved),
        ]
        with _answering():
            granted, wait = await self._take(keys=_keys(endpoint_id), args=arguments)
        return DeliveryPlace(granted == 1, wait / 1000, reserved=True)

    async def give_back(self, endpoint_id: str, holder: str) -> None:
        with _answering():
            await self._client.zrem(_keys(endpoint_id)[0], holder)


@asynccontextmanager
async def open_places(settings: Settings) -> AsyncIterator[RedisPlaces]:
    """Connects when first used."""
    client = redis.asyncio.from_url(
        settings.redis_url, socket_connect_timeout=_TIMEOUT_SECONDS, socket_timeout=_TIMEOUT_SECONDS
    )
    try:
        yield RedisPlaces(client)
    finally:
        await client.aclose()


def _keys(endpoint_id: str) -> list[str]:
    """Both on one node of a cluster."""
    return [f"sealcast:webhooks:{{{endpoint_id}}}:calls", f"sealcast:webhooks:{{{endpoint_id}}}:rate"]


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        raise LeasesUnavailable(type(error).__name__) from error
