"""What the script decides, on a real Valkey. Lease 30 s, records that lag by 60 s at most."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis.asyncio

from core.adapters.redis_leases import RedisLeases, open_leases
from core.domain.playback.session_policy import WhenFull
from core.ports import Admission, LeasesUnavailable, OpenStream, ViewerRef
from core.settings import Settings
from tests.fixtures.listener import Listener

pytestmark = pytest.mark.stack

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLDEST, NEWEST = WhenFull.OLDEST_WINS, WhenFull.NEWEST_WINS
GRANTED, REFUSED = Admission(granted=True), Admission(granted=False)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def stream(session_id: str, started: float = 0, recorded: float = 0) -> OpenStream:
    return OpenStream(session_id, at(started), at(recorded))


@pytest.fixture
def viewer() -> ViewerRef:
    return ViewerRef(uuid4().hex, "somebody@example.test")


async def test_places_are_given_until_they_are_gone(leases: RedisLeases, viewer: ViewerRef) -> None:
    known: list[OpenStream] = []
    for name in ("a", "b"):
        assert await leases.take(viewer, name, 2, OLDEST, NOW, known) == GRANTED
        known.append(stream(name))
    assert await leases.take(viewer, "c", 2, OLDEST, NOW, known) == REFUSED
    assert await leases.take(viewer, "c", 3, OLDEST, NOW, known) == GRANTED


async def test_the_newest_takes_the_place_of_the_oldest(leases: RedisLeases, viewer: ViewerRef) -> None:
    known = [stream("young", 2, 2), stream("old", 0, 2), stream("middle", 1, 2)]
    assert await leases.take(viewer, "new", 3, NEWEST, at(3), known) == Admission(True, (), ("old",))
    assert await leases.take(viewer, "new", 1, NEWEST, at(3), known) == Admission(True, (), ("old", "middle", "young"))


async def test_a_stream_that_is_heard_of_keeps_its_place(leases: RedisLeases, viewer: ViewerRef) -> None:
    await leases.take(viewer, "a", 1, OLDEST, NOW, [])
    known = [stream("a")]
    await leases.renew(viewer, "a", at(29))
    assert await leases.take(viewer, "b", 1, OLDEST, at(58), known) == REFUSED
    assert await leases.take(viewer, "b", 1, OLDEST, at(59), known) == Admission(True, ("a",), ())


async def test_a_record_that_is_newer_than_the_store_counts(leases: RedisLeases, viewer: ViewerRef) -> None:
    """Heartbeats go to the database alone while the store is away."""
    await leases.take(viewer, "a", 1, OLDEST, NOW, [])
    assert await leases.take(viewer, "b", 1, OLDEST, at(100), [stream("a", 0, 90)]) == REFUSED


@pytest.mark.parametrize(
    ("limit", "when_full", "admission"),
    [
        (4, NEWEST, GRANTED),
        (3, NEWEST, Admission(True, ("muter",), ())),
        (2, OLDEST, Admission(True, ("muter", "mute"), ())),
        (1, OLDEST, REFUSED),
        (1, NEWEST, Admission(True, ("muter", "mute"), ("live",))),
    ],
)
async def test_silent_streams_go_first_and_only_as_many_as_needed(
    leases: RedisLeases, viewer: ViewerRef, limit: int, when_full: WhenFull, admission: Admission
) -> None:
    for name, seen in (("mute", 5), ("muter", 4), ("live", 95)):
        await leases.renew(viewer, name, at(seen))
    known = [stream("mute", 3), stream("live", 0), stream("muter", 4)]
    assert await leases.take(viewer, "new", limit, when_full, at(100), known) == admission


async def test_after_a_flush_streams_count_as_long_as_their_record_may_lag(
    leases: RedisLeases, viewer: ViewerRef, valkey: redis.asyncio.Redis
) -> None:
    await leases.renew(viewer, "a", at(59))
    known = [stream("a", 0, 0)]
    await valkey.flushall()
    assert await leases.take(viewer, "b", 1, OLDEST, at(89.9), known) == REFUSED
    assert await leases.take(viewer, "b", 1, OLDEST, at(90), known) == Admission(True, ("a",), ())


async def test_what_the_database_does_not_have_open_holds_no_place(leases: RedisLeases, viewer: ViewerRef) -> None:
    await leases.take(viewer, "rolled back", 1, OLDEST, NOW, [])
    assert await leases.take(viewer, "a", 1, OLDEST, NOW, []) == GRANTED


@pytest.mark.parametrize("when_full", list(WhenFull))
@pytest.mark.parametrize("limit", [0, -1])
async def test_a_limit_of_nothing_lets_nobody_in(
    leases: RedisLeases, viewer: ViewerRef, limit: int, when_full: WhenFull
) -> None:
    assert await leases.take(viewer, "a", limit, when_full, NOW, [stream("b")]) == REFUSED


async def test_keys_carry_the_tenant_and_not_the_viewers_name(
    leases: RedisLeases, viewer: ViewerRef, valkey: redis.asyncio.Redis
) -> None:
    other = ViewerRef(uuid4().hex, viewer.viewer_id)
    await leases.renew(viewer, "a", at(50))
    assert await leases.take(other, "b", 1, OLDEST, at(95), [stream("a", 0, 0)]) == Admission(True, ("a",), ())
    [key] = [key async for key in valkey.scan_iter(f"*{viewer.organisation_id}*")]
    assert "somebody" not in key
    assert 0 < await valkey.pttl(key) <= 90_000


async def test_a_store_that_is_away_says_so(settings: Settings, viewer: ViewerRef) -> None:
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with open_leases(away) as leases:
        with pytest.raises(LeasesUnavailable):
            await leases.take(viewer, "a", 1, OLDEST, NOW, [])
        with pytest.raises(LeasesUnavailable):
            await leases.renew(viewer, "a", NOW)


async def test_a_store_that_hangs_is_waited_for_once(settings: Settings, viewer: ViewerRef) -> None:
    with Listener() as deaf:
        hanging = settings.model_copy(update={"redis_url": f"redis://127.0.0.1:{deaf.port}/0"})
        async with open_leases(hanging) as leases:
            started = time.monotonic()
            renewals = (leases.renew(viewer, str(n), NOW) for n in range(20))
            errors = await asyncio.gather(*renewals, return_exceptions=True)
            assert {type(error) for error in errors} == {LeasesUnavailable}
            waited = time.monotonic()
            assert waited - started > 0.9
            for n in range(100):
                with pytest.raises(LeasesUnavailable):
                    await leases.take(viewer, str(n), 1, OLDEST, NOW, [])
            assert time.monotonic() - waited < 0.9
