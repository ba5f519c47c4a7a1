"""Leases of concurrent streams in Redis or Valkey, decided by one script."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as NoAnswer

from core.adapters.circuit import Circuit, CircuitOpen
from core.domain.playback.session_policy import WhenFull
from core.ports import Admission, LeasesUnavailable, OpenStream, ViewerRef
from core.settings import Settings

_TIMEOUT_SECONDS = 1.0
_PAUSE_SECONDS = 2.5

# KEYS[1] holds, for one viewer, session id -> when it was last heard of. ARGV: now, lease, slack, session, limit,
# "1" if the newest wins; then id, start and recorded renewal of every session that the database has as open. Times in
# milliseconds. What only this store knows of was ended, or never committed: it is dropped.
# A session that this store does not know lost its entry in a flush: it counts as long as the record may lag behind.
_TAKE = """
local now, lease, slack = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local session, limit, newest_wins = ARGV[4], tonumber(ARGV[5]), ARGV[6] == '1'
local live, silent = {}, {}
for i = 7, #ARGV, 3 do
  local stream = {id = ARGV[i], started = tonumber(ARGV[i + 1]), seen = redis.call('HGET', KEYS[1], ARGV[i])}
  local recorded = tonumber(ARGV[i + 2])
  if stream.seen then
    stream.ends = math.max(tonumber(stream.seen), recorded) + lease
  else
    stream.ends = recorded + slack + lease
  end
  table.insert(stream.ends > now and live or silent, stream)
end
if limit < 1 or (#live >= limit and not newest_wins) then
  return {0, {}, {}}
end
local function first_by(field)
  return function(a, b)
    if a[field] == b[field] then return a.id < b.id end
    return a[field] < b[field]
  end
end
table.sort(silent, first_by('ends'))
table.sort(live, first_by('started'))
local lapsed, taken_over = {}, {}
while #silent > 0 and #live + #silent >= limit do
  table.insert(lapsed, table.remove(silent, 1).id)
end
while #live >= limit do
  table.insert(taken_over, table.remove(live, 1).id)
end
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], session, ARGV[1])
for _, kept in ipairs({live, silent}) do
  for _, stream in ipairs(kept) do
    if stream.seen then redis.call('HSET', KEYS[1], stream.id, stream.seen) end
  end
end
redis.call('PEXPIRE', KEYS[1], lease + slack)
return {1, lapsed, taken_over}
"""


class RedisLeases:
    """Leases. A stream lapses `lease` after its last sign of life; records in the database lag by `slack` at most."""

    def __init__(self, client: redis.asyncio.Redis, lease: timedelta, slack: timedelta) -> None:
        self._client = client
        self._lease = _milliseconds(lease)
        self._slack = _milliseconds(slack)
        self._take = client.register_script(_TAKE)
        self._circuit = Circuit(_PAUSE_SECONDS)

    async def take(
        self,
        viewer: ViewerRef,
        session_id: str,
        limit: int,
        when_full: WhenFull,
        now: datetime,
        known: Sequence[OpenStream],
    ) -> Admission:
        newest_wins = int(when_full is WhenFull.NEWEST_WINS)
        arguments: list[str | int] = [_instant(now), self._lease, self._slack, session_id, limit, newest_wins]
        for stream in known:
            arguments += [stream.session_id, _instant(stream.started_at), _instant(stream.renewed_at)]
        with self._answering():
            granted, lapsed, taken_over = await self._take(keys=[_key(viewer)], args=arguments)
        return Admission(granted == 1, tuple(lapsed), tuple(taken_over))

    async def renew(self, viewer: ViewerRef, session_id: str, now: datetime) -> None:
        key = _key(viewer)
        with self._answering():
            async with self._client.pipeline(transaction=True) as commands:
                commands.hset(key, session_id, str(_instant(now)))
                # An entry must outlive the lag of the record, or a silent stream would pass for a flushed one.
                commands.pexpire(key, self._lease + self._slack)
                await commands.execute()

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            with self._circuit.trying(NoConnection, NoAnswer):
                yield
        except (RedisError, CircuitOpen) as error:
            raise LeasesUnavailable(type(error).__name__) from error


@asynccontextmanager
async def open_leases(settings: Settings) -> AsyncIterator[RedisLeases]:
    """Connects when first used. Tries are short: somebody waits for a picture."""
    client = redis.asyncio.from_url(
        settings.redis_url,
        decode_responses=True,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        socket_timeout=_TIMEOUT_SECONDS,
        # One more, at once, for a pooled connection that died with a restarted server.
        retry=Retry(NoBackoff(), 1, supported_errors=(NoConnection,)),
    )
    lease = timedelta(seconds=settings.heartbeat_seconds + settings.heartbeat_grace_seconds)
    try:
        yield RedisLeases(client, lease, timedelta(seconds=settings.heartbeat_record_seconds))
    finally:
        await client.aclose()


def _key(viewer: ViewerRef) -> str:
    """One key a viewer, on one node of a cluster. The customer's name for the viewer stays out of it."""
    name = hashlib.sha256(viewer.viewer_id.encode()).hexdigest()
    return f"sealcast:streams:{{{viewer.organisation_id}:{name}}}"


def _instant(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)
