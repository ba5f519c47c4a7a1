"""Players of others play what we publish: by the manifest's address alone, with licences from our server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Page
from sqlalchemy import text

from api.schemas.playback import session_out
from cli.proof.browser import MEASURE, browser_page
from core.db.engine import create_engine
from core.domain.media.plan import KeyLabel, ProtectionScheme
from tests.e2e.player_page import DASHJS, HLSJS, SHAKA, OtherPlayer, customer_page
from tests.e2e.published_title import SD_ONLY, PublishedTitle

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("chromium", "player_modules")]

SECONDS = 2.5
HD = 180
"""Height of the title's highest rung, the only one with the label HD."""
CBCS, CENC = ProtectionScheme.CBCS, ProtectionScheme.CENC
PLAYERS = pytest.mark.parametrize("player", [SHAKA, DASHJS, HLSJS], ids=lambda player: player.sample)


@dataclass(frozen=True)
class Viewing:
    """A customer's page that was not opened yet, for one session."""

    title: PublishedTitle
    session_id: str
    address: str
    page: Page

    async def play(self, seconds: float = SECONDS, limit: float = 30.0) -> dict[str, Any]:
        """What the video element says once it has played for so long."""
        console: list[str] = []
        self.page.on("console", lambda message: console.append(message.text))
        await self.page.goto(self.address)
        deadline = asyncio.get_running_loop().time() + limit
        while True:
            found: dict[str, Any] = await self.page.evaluate(MEASURE)
            assert await self.page.evaluate("window.failure ?? null") is None, console
            if found["time"] >= seconds:
                return found
            assert asyncio.get_running_loop().time() < deadline, (found, console)
            await asyncio.sleep(0.1)

    async def database(self, statement: str, **values: object) -> list[Any]:
        engine = create_engine(self.title.settings.database_url)
        async with engine.begin() as connection:
            result = await connection.execute(text(statement), {"id": self.session_id, **values})
            rows = [row[0] for row in result] if result.returns_rows else []
        await engine.dispose()
        return rows

    async def licensed_kids(self) -> set[str]:
        """From the audit: what our server gave to this session."""
        rows = await self.database("SELECT restrictions FROM drm_licenses WHERE session_id = CAST(:id AS uuid)")
        return {kid for row in rows for kid in row["kids"]}


@asynccontextmanager
async def viewing(player: OtherPlayer, title: PublishedTitle, **policy: Any) -> AsyncIterator[Viewing]:
    with title.served() as url:
        grant = await title.open_session(url, **policy)
        with customer_page(player, session_out(grant, url)) as customer:
            async with browser_page() as page:
                yield Viewing(title, grant.session_id, customer.url, page)


@PLAYERS
async def test_an_encrypted_title_plays_by_its_address(published: PublishedTitle, player: OtherPlayer) -> None:
    async with viewing(player, published) as viewer:
        played = await viewer.play()
        assert await viewer.page.evaluate("document.querySelector('video').mediaKeys !== null")
        assert played["frames"] >= 24 * SECONDS * 0.6, "24 frames a second, less what start-up drops"
        assert played["videoBytes"] > 10_000
        assert played["audioBytes"] > 5_000
        assert played["height"] == HD, "what the loopback has bandwidth for"
        assert await viewer.licensed_kids() >= published.kids(KeyLabel.AUDIO, KeyLabel.HD)


@pytest.mark.parametrize("published", [ProtectionScheme.AES128], indirect=True, ids=str)
@pytest.mark.parametrize("player", [SHAKA, HLSJS], ids=lambda player: player.sample)
async def test_an_aes128_title_plays_without_a_decryption_module(
    published: PublishedTitle, player: OtherPlayer
) -> None:
    async with viewing(player, published) as viewer:
        played = await viewer.play()
        assert await viewer.page.evaluate("document.querySelector('video').mediaKeys === null")
        assert played["frames"] >= 24 * SECONDS * 0.6
        assert played["audioBytes"] > 5_000
        assert await viewer.licensed_kids() >= published.kids(KeyLabel.AUDIO)


@pytest.mark.parametrize("published", [CBCS], indirect=True, ids=str)
@PLAYERS
async def test_a_licence_for_sd_only_limits_the_picture(published: PublishedTitle, player: OtherPlayer) -> None:
    async with viewing(player, published, **SD_ONLY) as viewer:
        played = await viewer.play()
        assert 0 < played["height"] < HD
        assert played["frames"] >= 24 * SECONDS * 0.6
        assert played["audioBytes"] > 5_000
        assert await viewer.licensed_kids() == published.kids(KeyLabel.AUDIO, KeyLabel.SD)


@pytest.mark.parametrize("published", [CBCS], indirect=True, ids=str)
@PLAYERS
async def test_a_session_that_was_ended_shows_nothing(published: PublishedTitle, player: OtherPlayer) -> None:
    async with viewing(player, published) as viewer:
        await viewer.database(
            "UPDATE playback_sessions SET ended_at = :now WHERE id = CAST(:id AS uuid)", now=datetime.now(UTC)
        )
        async with viewer.page.expect_response(lambda answer: answer.status == 403):
            await viewer.page.goto(viewer.address)
        # Long enough for a player that goes on regardless.
        await viewer.page.wait_for_timeout(1000)
        stopped = await viewer.page.evaluate(MEASURE)
        assert (stopped["frames"], stopped["time"] < 0.2) == (0, True)
        assert await viewer.licensed_kids() == set()
