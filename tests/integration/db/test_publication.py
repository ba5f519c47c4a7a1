"""The states of a video and its versions, step by step, in a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.adapters.local_root_key import LocalRootKey
from core.adapters.s3 import S3Storage
from core.contracts import object_keys
from core.contracts.publish_video import FailureNote, InspectionSummary
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.failures import FailureCode, VideoRejected
from core.domain.video import VideoState
from core.services.playback.sessions_left import sessions_left
from core.services.uploads.confirm_upload import confirm_upload
from core.services.uploads.start_upload import SourceFile, open_version
from core.services.videos.delete_video import request_delete
from core.services.videos.mark_deleted import mark_deleted
from core.services.videos.mark_failed import mark_failed
from core.services.videos.publish_version import publish_version
from core.services.videos.record_inspection import record_inspection
from core.services.videos.retire_version import retire_version
from core.services.videos.set_processing import set_processing
from core.settings import Settings
from tests.fixtures.database import new_organisation
from tests.fixtures.published_video import LIMITS, PLAN, publish, queue_version, to_queued

pytestmark = pytest.mark.stack


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[S3Storage]:
    store = S3Storage.from_settings(settings)
    await store.ensure_bucket()
    yield store
    await store.close()


@pytest.fixture
def vault() -> LocalRootKey:
    return LocalRootKey(bytes(range(32)))


async def states(factory: UnitOfWorkFactory, target: VersionRef) -> tuple[VideoState, list[VideoState], int | None]:
    async with factory() as uow:
        video = await uow.videos.get(target.organisation_id, target.video_id)
        versions = await uow.videos.versions(target.organisation_id, target.video_id)
    return video.status, [version.status for version in versions], video.current_version


async def add_version(factory: UnitOfWorkFactory, storage: S3Storage, target: VersionRef) -> None:
    async with factory() as uow:
        await open_version(uow, storage, target, SourceFile("b.mp4", 5), LIMITS)
        await uow.commit()
    await to_queued(factory, target)


async def test_publishing_twice_changes_nothing(
    uow_factory: UnitOfWorkFactory, storage: S3Storage, vault: LocalRootKey
) -> None:
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    await publish(uow_factory, storage, vault, target)
    objects = await storage.list(object_keys.published_prefix(target))
    async with uow_factory() as uow:
        before = [row.id for row in await uow.variants.of_version(target)]
        await publish_version(uow, target, PLAN, objects)
        await uow.commit()
        assert [row.id for row in await uow.variants.of_version(target)] == before
    assert await states(uow_factory, target) == (VideoState.READY, [VideoState.READY], 1)


async def test_nothing_is_published_without_objects(uow_factory: UnitOfWorkFactory, storage: S3Storage) -> None:
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    async with uow_factory() as uow:
        await set_processing(uow, target)
        with pytest.raises(Conflict, match="nothing to publish"):
            await publish_version(uow, target, PLAN, [])


async def test_a_replacement_that_fails_leaves_the_old_version_playing(
    uow_factory: UnitOfWorkFactory, storage: S3Storage, vault: LocalRootKey
) -> None:
    first = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    await publish(uow_factory, storage, vault, first)
    second = replace(first, version=2)
    await add_version(uow_factory, storage, second)
    async with uow_factory() as uow:
        await set_processing(uow, second)
        for _ in range(2):
            await mark_failed(uow, FailureNote(second, "failed", "CORRUPT", "detail", ("w",)))
        await uow.commit()
    assert await states(uow_factory, first) == (VideoState.READY, [VideoState.READY, VideoState.FAILED], 1)
    async with uow_factory() as uow:
        video = await uow.videos.get(first.organisation_id, first.video_id)
    assert video.failure_code is None


async def test_a_replaced_version_is_retired_but_never_the_current_one(
    uow_factory: UnitOfWorkFactory, storage: S3Storage, vault: LocalRootKey
) -> None:
    first = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    await publish(uow_factory, storage, vault, first)
    second = replace(first, version=2)
    await add_version(uow_factory, storage, second)
    async with uow_factory() as uow:
        with pytest.raises(Conflict):
            await retire_version(uow, first)
    await publish(uow_factory, storage, vault, second)
    async with uow_factory() as uow:
        assert await sessions_left(uow, first, datetime.now(UTC)) == 0
        for _ in range(2):
            await retire_version(uow, first)
        await uow.commit()
    assert await states(uow_factory, first) == (VideoState.READY, [VideoState.RETIRED, VideoState.READY], 2)


async def test_deletion_outlives_a_publication_that_is_still_ending(
    uow_factory: UnitOfWorkFactory, storage: S3Storage
) -> None:
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    async with uow_factory() as uow:
        await set_processing(uow, target)
        assert (await request_delete(uow, target.organisation_id, target.video_id)).versions == (1,)
        await mark_failed(uow, FailureNote(target, "cancelled", "CANCELLED"))
        with pytest.raises(Conflict):
            await set_processing(uow, target)
        for _ in range(2):
            await mark_deleted(uow, target.organisation_id, target.video_id)
        await uow.commit()
    assert await states(uow_factory, target) == (VideoState.DELETED, [VideoState.DELETED], None)


async def test_nothing_is_marked_deleted_that_nobody_asked_to_delete(
    uow_factory: UnitOfWorkFactory, storage: S3Storage
) -> None:
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    async with uow_factory() as uow:
        with pytest.raises(Conflict):
            await mark_deleted(uow, target.organisation_id, target.video_id)


@pytest.mark.parametrize(
    ("content", "announced", "failure"),
    [
        (None, 5, FailureCode.UPLOAD_MISSING),
        (b"1234", 5, FailureCode.UPLOAD_MISMATCH),
        (b"", 0, FailureCode.EMPTY),
    ],
)
async def test_an_upload_that_is_not_what_was_announced_is_rejected(
    uow_factory: UnitOfWorkFactory,
    storage: S3Storage,
    content: bytes | None,
    announced: int,
    failure: FailureCode,
) -> None:
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    if content is not None:
        await storage.put_bytes(object_keys.original(target), content, "video/mp4")
    async with uow_factory() as uow:
        (await uow.videos.version(target)).source_size = announced
        with pytest.raises(VideoRejected) as caught:
            await confirm_upload(uow, storage, target)
    assert caught.value.failure is failure


async def test_an_announced_checksum_must_match_what_inspection_found(
    uow_factory: UnitOfWorkFactory, storage: S3Storage
) -> None:
    target = await queue_version(uow_factory, storage, await new_organisation(uow_factory))
    summary = InspectionSummary("mov,mp4", 5, "a" * 64, 12.5, "not_scanned", ("odd size",))
    async with uow_factory() as uow:
        for _ in range(2):
            await record_inspection(uow, target, summary)
        with pytest.raises(VideoRejected) as caught:
            await record_inspection(uow, target, replace(summary, sha256="b" * 64))
        version = await uow.videos.version(target)
    assert caught.value.failure is FailureCode.UPLOAD_MISMATCH
    assert (version.antivirus, version.warnings, version.source_sha256) == ("not_scanned", ["odd size"], "a" * 64)
