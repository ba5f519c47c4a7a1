"""A worker that dies in the middle of a page: the next attempt goes on where the heartbeats ended."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities.keys import KeyActivities
from core.adapters.local_root_key import LocalRootKey
from core.contracts.rotate_keys import NextVersionInput, RewrapInput, Rewrapped
from core.db.unit_of_work import UnitOfWorkFactory
from core.services.keys import rewrap_secrets as rewrapping
from tests.fixtures.key_rows import video_with_keys

pytestmark = pytest.mark.stack


class WorkerKilled(Exception):
    """What the test does to the first attempt."""


async def attempt(
    activity: Callable[[RewrapInput], Awaitable[Rewrapped]],
    message: RewrapInput,
    told: list[Rewrapped],
    *,
    dies_after: int | None = None,
) -> Rewrapped:
    """Run the activity as a worker would, with the heartbeats of the attempt before as they come over the wire."""
    environment = ActivityEnvironment()
    details = [dataclasses.asdict(told[-1])] if told else []
    environment.info = dataclasses.replace(ActivityEnvironment.default_info(), heartbeat_details=details)

    def beat(*beats: Any) -> None:
        told.append(beats[0])
        if dies_after is not None and len(told) >= dies_after:
            raise WorkerKilled

    environment.on_heartbeat = beat
    result: Rewrapped = await environment.run(activity, message)
    return result


async def test_a_page_is_taken_up_where_the_last_heartbeat_left_it(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrapping, "BATCH", 1)
    for _ in range(2):
        await video_with_keys(uow_factory, vault, organisation_id)
    activities = KeyActivities(uow_factory, vault)
    version = await ActivityEnvironment().run(activities.next_tenant_key_version, NextVersionInput(organisation_id))
    await ActivityEnvironment().run(activities.activate_tenant_key, version)
    told: list[Rewrapped] = []
    message = RewrapInput(organisation_id, everything=False, after=None)
    with pytest.raises(WorkerKilled):
        await attempt(activities.rewrap_secrets, message, told, dies_after=2)
    assert [page.rewrapped for page in told] == [1, 2]
    done = await attempt(activities.rewrap_secrets, message, told)
    assert (done.rewrapped, done.refused, done.done) == (6, 0, True)
    async with uow_factory() as uow:
        [new, _] = await uow.key_rotation.tenant_keys(organisation_id)
        assert await uow.key_rotation.content_keys_left(new, None, 10) == []


async def test_a_page_ends_when_it_is_full(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    monkeypatch.setattr("activities.keys._PAGE", 2)
    await video_with_keys(uow_factory, vault, organisation_id)
    activities = KeyActivities(uow_factory, vault)
    version = await ActivityEnvironment().run(activities.next_tenant_key_version, NextVersionInput(organisation_id))
    await ActivityEnvironment().run(activities.activate_tenant_key, version)
    first = await attempt(activities.rewrap_secrets, RewrapInput(organisation_id, everything=False, after=None), [])
    assert (first.rewrapped, first.done) == (2, False)
    rest = await attempt(
        activities.rewrap_secrets, RewrapInput(organisation_id, everything=False, after=first.after), []
    )
    assert (rest.rewrapped, rest.done) == (1, True)
