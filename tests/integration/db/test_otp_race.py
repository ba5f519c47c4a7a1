"""Redeeming on a real database: many at once, and the same player once more."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from core.adapters.local_root_key import LocalRootKey
from core.adapters.s3 import S3Storage
from core.contracts.version_ref import VersionRef
from core.db.engine import create_engine
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.domain.access.otp_policy import OtpPolicy
from core.domain.errors import DomainError, NotFound
from core.services.playback.issue_otp import issue_otp
from core.services.playback.redeem_otp import RETRY_WINDOW, redeem_otp
from core.services.playback.redeem_request import RedeemRequest
from core.services.playback.signing_keys import SigningKeys
from core.services.videos.delete_video import request_delete
from core.settings import Settings
from tests.fixtures.database import new_organisation
from tests.fixtures.published_video import publish, queue_version

pytestmark = pytest.mark.stack

KEYS = SigningKeys.derive(b"k" * 32)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Desk:
    """Issues and redeems OTPs of one published video, over as many connections as there are players."""

    uow: UnitOfWorkFactory
    target: VersionRef
    database_url: str

    async def issue(self, **policy: int) -> RedeemRequest:
        async with self.uow() as uow:
            target = self.target
            issued = await issue_otp(
                uow, None, target.organisation_id, target.video_id, OtpPolicy(viewer_id="u", **policy), NOW
            )
            await uow.commit()
        return RedeemRequest(issued.otp, issued.playback_info, nonce="n" * 16, device_id="d", user_agent="Test")

    async def redeem(self, request: RedeemRequest, now: datetime = NOW) -> str:
        """The session's token, or the code of the refusal."""
        try:
            async with self.uow() as uow:
                grant = await redeem_otp(uow, KEYS, None, None, "", request, timedelta(hours=1), now)
                await uow.commit()
        except DomainError as refused:
            return refused.code
        return grant.token

    async def all_at_once(self, requests: list[RedeemRequest]) -> Counter[str]:
        return Counter(await asyncio.gather(*(self.redeem(request) for request in requests)))

    async def rows(self) -> tuple[int, int]:
        """How many sessions and redemptions there are."""
        engine = create_engine(self.database_url)
        counts = []
        async with engine.connect() as connection:
            for table in ("playback_sessions", "otp_redemptions"):
                query = text(f"SELECT count(*) FROM {table} WHERE organisation_id = CAST(:id AS uuid)")  # noqa: S608
                counts.append(await connection.scalar(query, {"id": self.target.organisation_id}))
        await engine.dispose()
        return counts[0], counts[1]


@pytest.fixture
async def desk(settings: Settings, database_url: str) -> AsyncIterator[Desk]:
    storage = S3Storage.from_settings(settings)
    await storage.ensure_bucket()
    async with open_database(database_url, pool_size=25) as factory:
        target = await queue_version(factory, storage, await new_organisation(factory))
        await publish(factory, storage, LocalRootKey(bytes(range(32))), target)
        yield Desk(factory, target, database_url)
    await storage.close()


def players(request: RedeemRequest, count: int) -> list[RedeemRequest]:
    return [replace(request, nonce=f"player-{number:016}") for number in range(count)]


@pytest.mark.parametrize("uses", [1, 3])
async def test_of_fifty_at_once_as_many_win_as_there_are_uses(desk: Desk, uses: int) -> None:
    answers = await desk.all_at_once(players(await desk.issue(uses=uses), 50))
    assert answers.pop("OTP_USED") == 50 - uses
    assert list(answers.values()) == [1] * uses
    assert await desk.rows() == (uses, uses)


async def test_of_fifty_at_once_without_a_nonce_one_wins(desk: Desk) -> None:
    request = replace(await desk.issue(uses=1), nonce=None)
    answers = await desk.all_at_once([request] * 50)
    assert answers.pop("OTP_USED") == 49
    assert len(answers) == 1


@pytest.mark.parametrize("policy", [{"uses": 1}, {}], ids=["single use", "any number"])
async def test_one_player_that_asks_fifty_times_at_once_gets_one_session(desk: Desk, policy: dict[str, int]) -> None:
    answers = await desk.all_at_once([await desk.issue(**policy)] * 50)
    assert list(answers.values()) == [50]
    assert next(iter(answers)).count(".") == 2
    assert await desk.rows() == (1, 1)


async def test_without_a_limit_every_player_gets_a_session_of_its_own(desk: Desk) -> None:
    answers = await desk.all_at_once(players(await desk.issue(), 10))
    assert list(answers.values()) == [1] * 10


async def test_the_same_player_may_ask_again_for_a_while(desk: Desk) -> None:
    request = await desk.issue(uses=1)
    token = await desk.redeem(request)
    assert await desk.redeem(request, NOW + RETRY_WINDOW) == token
    assert await desk.redeem(request, NOW + RETRY_WINDOW + timedelta(seconds=1)) == "OTP_USED"
    for other in (
        replace(request, nonce="m" * 16),
        replace(request, nonce=None),
        replace(request, device_id="e"),
        replace(request, user_agent="Other"),
    ):
        assert await desk.redeem(other) == "OTP_USED"
    assert await desk.rows() == (1, 1)


async def test_a_repeat_is_judged_by_the_rules_like_the_first_time(desk: Desk) -> None:
    request = await desk.issue(uses=1, ttl=30)
    await desk.redeem(request)
    assert await desk.redeem(request, NOW + timedelta(seconds=30)) == "OTP_EXPIRED"


async def test_a_session_that_was_ended_is_not_given_again(desk: Desk) -> None:
    request = await desk.issue(uses=1)
    await desk.redeem(request)
    engine = create_engine(desk.database_url)
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE playback_sessions SET ended_at = now() WHERE organisation_id = CAST(:id AS uuid)"),
            {"id": desk.target.organisation_id},
        )
    await engine.dispose()
    assert await desk.redeem(request) == "SESSION_ENDED"


async def test_a_use_that_came_to_nothing_is_not_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    request = await desk.issue(uses=1)

    async def gone(*_: object, **__: object) -> None:
        raise NotFound("There is no such video.")

    with monkeypatch.context() as patched:
        patched.setattr("core.services.playback.redeem_otp.open_session", gone)
        assert await desk.redeem(request) == "NOT_FOUND"
    assert (await desk.redeem(request)).count(".") == 2


async def test_a_video_that_is_being_deleted_opens_no_session_and_takes_no_otp(desk: Desk) -> None:
    request = await desk.issue(uses=1)
    async with desk.uow() as uow:
        await request_delete(uow, desk.target.organisation_id, desk.target.video_id)
        await uow.commit()
    assert await desk.redeem(request) == "NOT_FOUND"
    with pytest.raises(NotFound):
        await desk.issue()
    assert await desk.rows() == (0, 0)
