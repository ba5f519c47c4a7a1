"""Transactions, tenant borders and locks in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from core.contracts.version_ref import VersionRef
from core.db.engine import create_engine
from core.db.models import DrmLicense, PlaybackSession, Video, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_records import ContentKeyRecord, KeyState, TenantKeyRecord
from core.domain.errors import NotFound
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.progress import Step, StepProgress, StepState
from core.services.organisations.ensure_demo_organisation import SLUG, ensure_demo_organisation
from core.services.progress.write_progress import write_progress
from tests.fixtures.database import new_organisation

pytestmark = pytest.mark.stack


async def new_video(factory: UnitOfWorkFactory, organisation_id: str) -> VersionRef:
    target = VersionRef(organisation_id, uuid4().hex, 1)
    async with factory() as uow:
        uow.videos.add(Video(id=target.video_id, organisation_id=organisation_id, title="x"))
        await uow.videos.flush()
        uow.videos.add_version(version_row(target))
        await uow.commit()
    return target


def version_row(target: VersionRef) -> VideoVersion:
    return VideoVersion(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        source_filename="x.mp4",
        source_key="x",
        source_size=1,
        part_size=8,
        scheme="cbcs",
    )


def session_row(target: VersionRef) -> PlaybackSession:
    return PlaybackSession(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        expires_at=datetime.now(UTC) + timedelta(hours=1),
    )


async def test_what_is_not_committed_is_undone(uow_factory: UnitOfWorkFactory) -> None:
    organisation_id, video_id = await new_organisation(uow_factory), uuid4().hex
    async with uow_factory() as uow:
        uow.videos.add(Video(id=video_id, organisation_id=organisation_id, title="x"))
        await uow.videos.flush()
    async with uow_factory() as uow:
        with pytest.raises(NotFound):
            await uow.videos.get(organisation_id, video_id)


async def test_another_organisation_finds_nothing(uow_factory: UnitOfWorkFactory) -> None:
    target = await new_video(uow_factory, await new_organisation(uow_factory))
    stranger = replace(target, organisation_id=await new_organisation(uow_factory))
    session = session_row(target)
    async with uow_factory() as uow:
        await uow.keys.add_tenant_key(tenant := TenantKeyRecord(uuid4().hex, target.organisation_id, 1, b"w", "r"))
        await uow.keys.add_content_keys([key_record(target, tenant.id)])
        uow.sessions.add(session)
        await uow.progress.announce(target, Step.TRANSCODE, {"a": 1.0})
        await uow.commit()
    async with uow_factory() as uow:
        for read in (
            uow.videos.version(stranger),
            uow.videos.get(stranger.organisation_id, target.video_id),
            uow.videos.lock(stranger.organisation_id, target.video_id),
            uow.videos.lock_shared(stranger.organisation_id, target.video_id),
            uow.videos.latest_version(stranger.organisation_id, target.video_id),
        ):
            with pytest.raises(NotFound):
                await read
        assert not await uow.videos.versions(stranger.organisation_id, target.video_id)
        assert not await uow.videos.page(stranger.organisation_id, 10)
        assert not await uow.variants.of_version(stranger)
        assert not await uow.progress.of_version(stranger)
        assert await uow.sessions.get(stranger.organisation_id, session.id) is None
        assert await uow.sessions.latest_end(stranger) is None
        assert await uow.licences.basis(stranger.organisation_id, session.id) is None
        assert not await uow.keys.content_keys(stranger)
        assert await uow.keys.active_tenant_key(stranger.organisation_id) is None
        assert await uow.keys.tenant_key(stranger.organisation_id, tenant.id) is None
        assert await uow.keys.destroy_content_keys(stranger, datetime.now(UTC)) == 0
        await uow.commit()
    async with uow_factory() as uow:
        basis = await uow.licences.basis(target.organisation_id, session.id)
        assert basis is not None
        assert len(basis.keys) == 1


async def test_rows_cannot_point_across_organisations(uow_factory: UnitOfWorkFactory) -> None:
    target = await new_video(uow_factory, await new_organisation(uow_factory))
    stranger = replace(target, organisation_id=await new_organisation(uow_factory))
    async with uow_factory() as uow:
        uow.sessions.add(session := session_row(target))
        await uow.commit()
    licence = DrmLicense(
        id=uuid4().hex,
        organisation_id=stranger.organisation_id,
        video_id=target.video_id,
        session_id=session.id,
        license_type="clearkey",
        expires_at=datetime.now(UTC),
    )
    for row in (session_row(stranger), version_row(replace(stranger, version=2)), licence):
        async with uow_factory() as uow:
            uow._session.add(row)
            with pytest.raises(IntegrityError):
                await uow.commit()
    async with uow_factory() as uow:
        with pytest.raises(IntegrityError):
            await uow.progress.announce(stranger, Step.TRANSCODE, {"a": 1.0})


async def test_a_stranger_cannot_write_progress_over_an_existing_row(uow_factory: UnitOfWorkFactory) -> None:
    target = await new_video(uow_factory, await new_organisation(uow_factory))
    stranger = replace(target, organisation_id=await new_organisation(uow_factory))
    for writer, fraction in ((target, 0.2), (stranger, 0.9)):
        async with uow_factory() as uow:
            await write_progress(uow, writer, Step.VERIFY, "", StepState.RUNNING, StepProgress(fraction))
            await uow.commit()
    async with uow_factory() as uow:
        [row] = await uow.progress.of_version(target)
    assert row.fraction == pytest.approx(0.2)


def key_record(target: VersionRef, tenant_key_id: str) -> ContentKeyRecord:
    return ContentKeyRecord(
        kid=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        label=KeyLabel.HD,
        scheme=ProtectionScheme.CBCS,
        wrapped_key=b"wrapped",
        tenant_key_id=tenant_key_id,
        iv=b"i" * 16,
    )


async def test_the_first_tenant_key_and_the_first_content_key_stay(uow_factory: UnitOfWorkFactory) -> None:
    target = await new_video(uow_factory, await new_organisation(uow_factory))

    async def issue() -> str:
        async with uow_factory() as uow:
            await uow.keys.add_tenant_key(TenantKeyRecord(uuid4().hex, target.organisation_id, 1, b"w", "root"))
            tenant = await uow.keys.active_tenant_key(target.organisation_id)
            assert tenant is not None
            await uow.keys.add_content_keys([key_record(target, tenant.id)])
            [kept] = await uow.keys.content_keys(target)
            await uow.commit()
        return kept.kid

    assert len(set(await asyncio.gather(*(issue() for _ in range(4))))) == 1


async def test_destroyed_keys_leave_no_bytes(uow_factory: UnitOfWorkFactory) -> None:
    target = await new_video(uow_factory, await new_organisation(uow_factory))
    async with uow_factory() as uow:
        await uow.keys.add_tenant_key(tenant := TenantKeyRecord(uuid4().hex, target.organisation_id, 1, b"w", "root"))
        await uow.keys.add_content_keys([key_record(target, tenant.id)])
        assert await uow.keys.destroy_content_keys(target, datetime.now(UTC)) == 1
        assert await uow.keys.destroy_content_keys(target, datetime.now(UTC)) == 0
        [row] = await uow.keys.content_keys(target)
    assert (row.wrapped_key, row.iv, row.state) == (b"", None, KeyState.DESTROYED)


async def test_a_switch_waits_for_a_session_that_is_being_opened(uow_factory: UnitOfWorkFactory) -> None:
    """Who counts a version's sessions after the switch must see every session opened before it."""
    target = await new_video(uow_factory, await new_organisation(uow_factory))
    order: list[str] = []
    opened = asyncio.Event()

    async def viewer() -> None:
        async with uow_factory() as uow:
            await uow.videos.lock_shared(target.organisation_id, target.video_id)
            opened.set()
            await asyncio.sleep(0.2)
            uow.sessions.add(session_row(target))
            order.append("session")
            await uow.commit()

    async def switch() -> None:
        await opened.wait()
        async with uow_factory() as uow:
            await uow.videos.lock(target.organisation_id, target.video_id)
            order.append("switch")
            assert await uow.sessions.latest_end(target) is not None

    await asyncio.wait_for(asyncio.gather(viewer(), switch()), 5)
    assert order == ["session", "switch"]


async def test_a_statement_that_runs_too_long_is_stopped(database_url: str) -> None:
    engine = create_engine(database_url, statement_timeout_seconds=1)
    async with engine.connect() as connection:
        with pytest.raises(OperationalError, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(30)"))
    await engine.dispose()


async def test_a_connection_that_died_is_replaced(database_url: str) -> None:
    engine = create_engine(database_url, pool_size=1)
    async with engine.connect() as connection:
        pid = await connection.scalar(text("SELECT pg_backend_pid()"))
    killer = create_engine(database_url)
    async with killer.connect() as connection:
        await connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    await killer.dispose()
    await engine.dispose()


async def test_errors_do_not_quote_parameters(uow_factory: UnitOfWorkFactory) -> None:
    target = VersionRef(uuid4().hex, uuid4().hex, 1)
    async with uow_factory() as uow:
        row = session_row(target)
        row.otp = "canary-otp"
        uow.sessions.add(row)
        with pytest.raises(IntegrityError) as caught:
            await uow.commit()
    assert "canary" not in str(caught.value)


async def test_the_demo_organisation_is_one_with_as_many_keys_as_asked(uow_factory: UnitOfWorkFactory) -> None:
    secrets = []
    for _ in range(2):
        async with uow_factory() as uow:
            secrets.append(await ensure_demo_organisation(uow))
            await uow.commit()
    async with uow_factory() as uow:
        demo = await uow.organisations.by_slug(SLUG)
    assert demo is not None
    assert {len(secret) for secret in secrets} == {64}
    assert len(set(secrets)) == 2
