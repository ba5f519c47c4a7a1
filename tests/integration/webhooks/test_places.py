"""The rate and the number at once of an endpoint, on a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from core.adapters.redis_places import RedisPlaces, open_places
from core.ports import EndpointLimits, LeasesUnavailable
from core.settings import Settings

pytestmark = pytest.mark.stack


@pytest.fixture
async def places(settings: Settings) -> AsyncIterator[RedisPlaces]:
    async with open_places(settings) as opened:
        yield opened


async def test_no_more_at_once_than_allowed_even_when_all_come_together(places: RedisPlaces) -> None:
    endpoint, limits = uuid4().hex, EndpointLimits(100, 3)
    taken = await asyncio.gather(*(places.take(endpoint, str(number), limits, reserved=False) for number in range(20)))
    assert sum(place.granted for place in taken) == 3
    assert all(place.reserved and place.wait_seconds == 0 for place in taken if not place.granted)


async def test_whoever_holds_a_place_may_ask_again_and_gives_it_back(places: RedisPlaces) -> None:
    endpoint, limits = uuid4().hex, EndpointLimits(100, 1)
    assert (await places.take(endpoint, "a", limits, reserved=False)).granted
    assert (await places.take(endpoint, "a", limits, reserved=True)).granted
    assert not (await places.take(endpoint, "b", limits, reserved=True)).granted
    await places.give_back(endpoint, "a")
    await places.give_back(endpoint, "a")
    assert (await places.take(endpoint, "b", limits, reserved=True)).granted


async def test_who_comes_too_early_is_told_when_its_own_place_in_the_rate_is(places: RedisPlaces) -> None:
    endpoint, limits = uuid4().hex, EndpointLimits(1, 20)
    first, second, third = [await places.take(endpoint, name, limits, reserved=False) for name in "abc"]
    assert first.granted
    assert not second.granted
    assert not third.granted
    # A second apart, whatever time passed between the calls.
    assert 0 < second.wait_seconds <= 1
    assert third.wait_seconds - second.wait_seconds == pytest.approx(1, abs=0.9)
    assert third.wait_seconds > second.wait_seconds
    assert second.reserved
    assert (await places.take(endpoint, "b", limits, reserved=True)).granted


async def test_a_burst_of_one_second_may_come_together(places: RedisPlaces) -> None:
    endpoint, limits = uuid4().hex, EndpointLimits(10, 20)
    taken = await asyncio.gather(*(places.take(endpoint, str(number), limits, reserved=False) for number in range(10)))
    assert all(place.granted for place in taken)


async def test_endpoints_do_not_share(places: RedisPlaces) -> None:
    limits = EndpointLimits(1, 1)
    for _ in range(3):
        assert (await places.take(uuid4().hex, "a", limits, reserved=False)).granted


async def test_a_store_that_is_away_lets_nobody_in(settings: Settings) -> None:
    away = settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with open_places(away) as places:
        with pytest.raises(LeasesUnavailable):
            await places.take("a", "b", EndpointLimits(1, 1), reserved=False)
        with pytest.raises(LeasesUnavailable):
            await places.give_back("a", "b")
