"""The source that several versions have in common goes with the last of them, and not before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from temporalio.testing import ActivityEnvironment

from activities.lifecycle import LifecycleActivities
from core.adapters.clock import SystemClock
from core.adapters.local_root_key import LocalRootKey
from core.adapters.s3 import S3Storage
from core.contracts import object_keys
from core.contracts.publish_video import StepInput
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.services.media.plan_rekey import plan_rekey
from core.services.media.stored_plan import load_plan
from core.services.uploads.start_upload import SourceFile, open_version
from core.services.videos.rekey_video import rekey_video
from core.settings import Settings
from tests.fixtures.database import new_organisation
from tests.fixtures.published_video import LIMITS, PLAN, publish, queue_version, to_queued
from tests.fixtures.recording_gateway import RecordingGateway

pytestmark = pytest.mark.stack

VAULT = LocalRootKey(bytes(range(32)))


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[S3Storage]:
    store = S3Storage.from_settings(settings)
    await store.ensure_bucket()
    yield store
    await store.close()


@pytest.fixture
async def first(uow_factory: UnitOfWorkFactory, storage: S3Storage) -> VersionRef:
    """A published version with its original."""
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    await publish(uow_factory, storage, VAULT, target)
    await storage.put_bytes(object_keys.original(target), b"12345", "video/mp4")
    return target


async def rekeyed(factory: UnitOfWorkFactory, storage: S3Storage, target: VersionRef) -> VersionRef:
    new = await rekey_video(factory, RecordingGateway(), target.organisation_id, target.video_id)
    await publish(factory, storage, VAULT, new)
    return new


async def replaced(factory: UnitOfWorkFactory, storage: S3Storage, target: VersionRef) -> VersionRef:
    new = replace(target, version=target.version + 1)
    async with factory() as uow:
        await open_version(uow, storage, new, SourceFile("b.mp4", 5), LIMITS)
        await uow.commit()
    await to_queued(factory, new)
    await publish(factory, storage, VAULT, new)
    await storage.put_bytes(object_keys.original(new), b"54321", "video/mp4")
    return new


async def retire(factory: UnitOfWorkFactory, storage: S3Storage, target: VersionRef) -> None:
    activities = LifecycleActivities(factory, storage, RecordingGateway(), SystemClock())
    await ActivityEnvironment().run(activities.retire_version, StepInput(target))


async def names(storage: S3Storage, target: VersionRef) -> set[str]:
    """Of the version's objects: the first part of each."""
    prefix = object_keys.version_prefix(target)
    return {stat.key.removeprefix(prefix).partition("/")[0] for stat in await storage.list(prefix)}


async def test_the_original_stays_while_a_re_keyed_version_plays(
    uow_factory: UnitOfWorkFactory, storage: S3Storage, first: VersionRef
) -> None:
    second = await rekeyed(uow_factory, storage, first)
    third = await rekeyed(uow_factory, storage, second)
    await retire(uow_factory, storage, first)
    await retire(uow_factory, storage, second)
    assert [await names(storage, each) for each in (first, second, third)] == [{"original"}, set(), {"stream"}]
    fourth = await replaced(uow_factory, storage, third)
    await retire(uow_factory, storage, third)
    await retire(uow_factory, storage, third)
    assert [await names(storage, each) for each in (first, second, third)] == [set()] * 3
    assert await names(storage, fourth) == {"original", "stream"}


async def test_in_whatever_order_the_last_viewers_leave(
    uow_factory: UnitOfWorkFactory, storage: S3Storage, first: VersionRef
) -> None:
    second = await rekeyed(uow_factory, storage, first)
    await replaced(uow_factory, storage, second)
    await retire(uow_factory, storage, second)
    assert await names(storage, first) == {"original", "stream"}
    await retire(uow_factory, storage, first)
    assert await names(storage, first) == set()


async def test_the_plan_is_taken_over_under_the_scheme_that_was_asked_for(
    uow_factory: UnitOfWorkFactory, storage: S3Storage, first: VersionRef
) -> None:
    new = await rekey_video(uow_factory, RecordingGateway(), first.organisation_id, first.video_id)
    for _ in range(2):
        async with uow_factory() as uow:
            version = await uow.videos.version(new)
            version.scheme = "cenc"
            summary = await plan_rekey(uow, storage, new, first)
            await uow.commit()
    plan = await load_plan(storage, new)
    assert (plan.scheme, replace(plan, scheme=PLAN.scheme)) == ("cenc", PLAN)
    assert (summary.duration, summary.renditions) == (PLAN.duration, ("360p",))
    async with uow_factory() as uow:
        steps = await uow.progress.of_version(new)
        (await uow.videos.version(first)).plan = None
        with pytest.raises(Conflict):
            await plan_rekey(uow, storage, new, first)
    assert steps == [], "nothing is transcoded, so nothing of it is announced"
