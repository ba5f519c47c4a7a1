"""Records of licences granted at the same time: fewer transactions, and nobody pays for another's failure."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from core.db.repositories.licences import LicenceRecord
from core.domain.webhooks.event import NewEvent
from core.domain.webhooks.event_types import EventType
from core.services.licences.licence_records import LicenceRecords
from tests.api.test_licences import ask
from tests.fixtures.api_site import ApiSite

pytestmark = pytest.mark.stack


async def record_of(site: ApiSite) -> LicenceRecord:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    session = await site.session(tenant, target.video_id)
    now = site.clock.now()
    return LicenceRecord(
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        session_id=session["session_id"],
        user_id=None,
        device_id=None,
        license_type="clearkey",
        issued_at=now,
        expires_at=now + timedelta(hours=1),
        restrictions={"kids": []},
    )


def told(record: LicenceRecord) -> NewEvent:
    return NewEvent(record.organisation_id, EventType.LICENCE_GRANTED, record.session_id, {})


def like(record: LicenceRecord, **other: Any) -> LicenceRecord:
    return replace(record, id=uuid4().hex, **other)


async def written(site: ApiSite, record: LicenceRecord) -> set[str]:
    async with site.services.uow() as uow:
        return {row.id for row in await uow.licences.newest(record.organisation_id, None, 100)}


async def test_records_that_come_together_share_a_transaction(site: ApiSite) -> None:
    record = await record_of(site)
    records = [like(record) for _ in range(40)]
    keeper, commits = LicenceRecords(site.services.uow), 0
    engine = site.services.uow()._session.get_bind()

    def count(*_: Any) -> None:
        nonlocal commits
        commits += 1

    event.listen(engine, "commit", count)
    await asyncio.gather(*(keeper.write(one, told(one)) for one in records))
    event.remove(engine, "commit", count)
    assert await written(site, record) == {one.id for one in records}
    assert commits == 1


async def test_one_that_cannot_be_written_fails_alone(site: ApiSite) -> None:
    record = await record_of(site)
    good = [like(record) for _ in range(5)]
    bad = like(record, session_id=uuid4().hex)
    keeper = LicenceRecords(site.services.uow)
    answers = await asyncio.gather(
        *(keeper.write(one, told(one)) for one in (*good[:3], bad, *good[3:])), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [type(None)] * 3 + [IntegrityError] + [type(None)] * 2
    assert await written(site, record) == {one.id for one in good}
    with pytest.raises(IntegrityError):
        await keeper.write(bad, told(bad))


async def test_who_gives_up_takes_nobody_along(site: ApiSite) -> None:
    record = await record_of(site)
    gone, stays = like(record), like(record)
    keeper = LicenceRecords(site.services.uow)
    impatient = asyncio.create_task(keeper.write(gone, told(gone)))
    await asyncio.sleep(0)
    impatient.cancel()
    await keeper.write(stays, told(stays))
    with pytest.raises(asyncio.CancelledError):
        await impatient
    assert await written(site, record) == {gone.id, stays.id}


async def test_a_licence_whose_record_cannot_be_written_does_not_leave(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)

    async def full(*_: object) -> None:
        raise IntegrityError("disk full", None, Exception())

    monkeypatch.setattr(site.services.licence_front.records, "_insert", full)
    answer = await ask(site, session["token"], published.kids)
    assert answer.status_code == 500
    assert "keys" not in answer.json()
