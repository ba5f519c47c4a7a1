"""Many openings at once, and a lease store that forgets in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import redis.asyncio

from core.domain.errors import InvalidInput
from core.domain.playback.endings import EndReason
from core.domain.playback.session_policy import SessionPolicy, WhenFull
from core.ports import LeasesUnavailable, ViewerRef
from core.services.playback.open_session import Viewer, open_session
from core.services.viewers.block_device import block_device
from tests.integration.leases.conftest import KEYS, Cinema

pytestmark = pytest.mark.stack

ONE = SessionPolicy(max_streams=1)
NEWEST_OF_ONE = SessionPolicy(max_streams=1, when_full=WhenFull.NEWEST_WINS)
MANY = 50


async def rush(cinema: Cinema, policy: SessionPolicy, viewer: ViewerRef | None = None) -> tuple[Counter[str], int]:
    """How 50 openings at once ended, and how many streams the viewer has then."""
    who = viewer or cinema.viewer()
    outcomes = await asyncio.gather(*(cinema.open(who, policy) for _ in range(MANY)))
    return Counter(outcomes), await cinema.playing(who)


@pytest.mark.parametrize("limit", [1, 3])
async def test_of_fifty_openings_at_once_as_many_win_as_there_are_places(cinema: Cinema, limit: int) -> None:
    outcomes, playing = await rush(cinema, SessionPolicy(max_streams=limit))
    assert outcomes == {"granted": limit, "TOO_MANY_STREAMS": MANY - limit}
    assert playing == limit


async def test_where_the_newest_wins_one_stream_is_left(cinema: Cinema) -> None:
    outcomes, playing = await rush(cinema, NEWEST_OF_ONE)
    assert (outcomes, playing) == ({"granted": MANY}, 1)


async def test_a_flush_gives_no_place_twice(cinema: Cinema, valkey: redis.asyncio.Redis) -> None:
    viewer = cinema.viewer()
    assert await cinema.open(viewer, ONE) == "granted"
    await valkey.flushall()
    assert await rush(cinema, ONE, viewer) == ({"TOO_MANY_STREAMS": MANY}, 1)


async def test_flushes_during_the_rush_give_no_place_twice(cinema: Cinema, valkey: redis.asyncio.Redis) -> None:
    over = asyncio.Event()

    async def forget() -> int:
        flushes = 0
        while not over.is_set():
            await valkey.flushall()
            flushes += 1
        return flushes

    forgetting = asyncio.create_task(forget())
    outcomes, playing = await rush(cinema, ONE)
    over.set()
    assert await forgetting > 1
    assert (outcomes, playing) == ({"granted": 1, "TOO_MANY_STREAMS": MANY - 1}, 1)


async def test_an_opening_waits_for_one_that_is_not_committed_yet(cinema: Cinema, valkey: redis.asyncio.Redis) -> None:
    """Between the grant and its commit a flush would otherwise leave no trace of it."""
    viewer = cinema.viewer()
    async with cinema.uow() as uow:
        await cinema.enter(uow, viewer, ONE)
        await valkey.flushall()
        second = asyncio.create_task(cinema.open(viewer, ONE))
        done, _ = await asyncio.wait([second], timeout=0.3)
        assert not done
        await uow.commit()
    assert await second == "TOO_MANY_STREAMS"


async def test_an_opening_that_was_undone_holds_no_place(cinema: Cinema) -> None:
    viewer = cinema.viewer()
    async with cinema.uow() as uow:
        await cinema.enter(uow, viewer, ONE)
    assert await cinema.open(viewer, ONE) == "granted"


async def test_what_a_newer_stream_replaced_has_ended_in_the_database(cinema: Cinema) -> None:
    viewer = cinema.viewer()
    async with cinema.uow() as uow:
        first = await cinema.enter(uow, viewer, NEWEST_OF_ONE)
        await uow.commit()
    assert await cinema.open(viewer, NEWEST_OF_ONE) == "granted"
    async with cinema.uow() as uow:
        session = await uow.sessions.get(viewer.organisation_id, first)
    assert session is not None
    assert (session.ended_reason, session.ended_at is None) == (EndReason.TAKEN_OVER, False)


async def test_of_fifty_new_devices_at_once_as_many_are_taken_as_allowed(cinema: Cinema) -> None:
    viewer, policy = cinema.viewer(), SessionPolicy(max_devices=2)
    outcomes = await asyncio.gather(*(cinema.open(viewer, policy, f"device {n}") for n in range(MANY)))
    assert Counter(outcomes) == {"granted": 2, "DEVICE_LIMIT": MANY - 2}
    async with cinema.uow() as uow:
        assert len(await uow.devices.page(viewer, 100)) == 2


async def test_one_device_at_once_is_one_device(cinema: Cinema) -> None:
    viewer = cinema.viewer()
    for policy in (SessionPolicy(), SessionPolicy(max_devices=1)):
        assert set(await asyncio.gather(*(cinema.open(viewer, policy, "tv") for _ in range(10)))) == {"granted"}
    async with cinema.uow() as uow:
        [device] = await uow.devices.page(viewer, 100)
    assert device.last_seen > device.first_seen


async def test_a_refused_stream_registers_no_device(cinema: Cinema) -> None:
    viewer, policy = cinema.viewer(), SessionPolicy(max_streams=1, max_devices=5)
    assert await cinema.open(viewer, policy, "tv") == "granted"
    assert await cinema.open(viewer, policy, "phone") == "TOO_MANY_STREAMS"
    async with cinema.uow() as uow:
        assert [device.device_id for device in await uow.devices.page(viewer, 100)] == ["tv"]


async def test_a_block_reaches_a_session_that_is_being_opened(cinema: Cinema) -> None:
    viewer, organisation_id = cinema.viewer(), cinema.target.organisation_id
    assert await cinema.open(viewer, SessionPolicy(), "tv") == "granted"
    async with cinema.uow() as uow:
        [device] = await uow.devices.page(viewer, 1)

    async def block() -> None:
        async with cinema.uow() as uow:
            await block_device(uow, organisation_id, device.id, datetime.now(UTC))
            await uow.commit()

    async with cinema.uow() as uow:
        await cinema.enter(uow, viewer, SessionPolicy(), "tv")
        blocking = asyncio.create_task(block())
        done, _ = await asyncio.wait([blocking], timeout=0.3)
        assert not done
        await uow.commit()
    await blocking
    assert await cinema.playing(viewer) == 0
    assert await cinema.open(viewer, SessionPolicy(), "tv") == "DEVICE_BLOCKED"


@pytest.mark.parametrize(
    ("policy", "who", "field"),
    [
        (ONE, Viewer(), "viewer_id"),
        (SessionPolicy(max_devices=1), Viewer(device_id="tv"), "viewer_id"),
        (SessionPolicy(max_devices=1), Viewer(viewer_id="v"), "device_id"),
    ],
)
async def test_a_limit_without_whom_to_count_it_for_opens_nothing(
    cinema: Cinema, policy: SessionPolicy, who: Viewer, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await opened(cinema, policy, who, with_leases=True)
    assert caught.value.fields == {field: "missing"}


async def test_a_limit_of_streams_without_a_lease_store_opens_nothing(cinema: Cinema) -> None:
    with pytest.raises(LeasesUnavailable):
        await opened(cinema, ONE, Viewer(viewer_id="v"), with_leases=False)
    await opened(cinema, SessionPolicy(), Viewer(viewer_id="v"), with_leases=False)


async def opened(cinema: Cinema, policy: SessionPolicy, who: Viewer, *, with_leases: bool) -> None:
    async with cinema.uow() as uow:
        await open_session(
            uow,
            KEYS,
            "",
            cinema.target.organisation_id,
            cinema.target.video_id,
            who,
            timedelta(hours=1),
            datetime.now(UTC),
            policy=policy,
            leases=cinema.leases if with_leases else None,
        )
