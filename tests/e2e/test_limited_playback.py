"""Limits that a viewer feels: our own page over the real API, opened with OTPs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from secrets import token_hex
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.async_api import Page

from cli.proof.browser import MEASURE, browser_page, prove_in_browser
from core.domain.media.plan import ProtectionScheme
from core.ports import Clock
from core.services.playback.issue_otp import IssuedOtp
from tests.e2e.published_title import PublishedTitle
from tests.fixtures.api_site import SteppedClock

pytestmark = [
    pytest.mark.stack,
    pytest.mark.usefixtures("chromium", "player_page"),
    pytest.mark.parametrize("published", [ProtectionScheme.CBCS], indirect=True, ids=str),
]

QUICK = {"heartbeat_seconds": 2, "heartbeat_grace_seconds": 2}
"""Settings: a player learns within two seconds that it must stop."""


def page_address(url: str, issued: IssuedOtp) -> str:
    return f"{url}/player/?{urlencode({'otp': issued.otp, 'playbackInfo': issued.playback_info})}"


async def until(page: Page, condition: Callable[[dict[str, Any]], bool], seconds: float = 30) -> dict[str, Any]:
    """What the page says once the condition holds."""
    async with asyncio.timeout(seconds):
        while not condition(measured := await page.evaluate(MEASURE)):  # noqa: ASYNC110 - the page's CSP forbids waiting there
            await asyncio.sleep(0.1)
    return measured


async def stopped_with(
    title: PublishedTitle, issued: IssuedOtp, stop: Callable[[], Awaitable[object]], clock: Clock | None = None
) -> dict[str, Any]:
    """Play by an OTP, do something, and wait until the page shows an error."""
    with title.served(clock, **QUICK) as url:
        async with browser_page() as page:
            await page.goto(page_address(url, issued) + "&autoplay=muted")
            await until(page, lambda now: now["time"] > 0.5)
            await stop()
            return await until(page, lambda now: now["state"] == "error")


async def test_an_otp_plays_once_and_then_no_more(published: PublishedTitle) -> None:
    issued = await published.otp(uses=1)
    with published.served() as url:
        proof = await prove_in_browser(page_address(url, issued), seconds=1.5)
        assert (proof.error, proof.proves(1.5)) == (None, True)
        again = await prove_in_browser(page_address(url, issued), seconds=1.5)
    assert (again.error, again.decoded_frames) == ("OTP_USED", 0)


async def test_a_second_stream_over_the_limit_does_not_start(published: PublishedTitle) -> None:
    viewer = {"userId": token_hex(8), "maxStreams": 1}
    await published.open_session(**viewer)
    with published.served() as url:
        proof = await prove_in_browser(page_address(url, await published.otp(**viewer)), seconds=1.5)
    assert (proof.error, proof.decoded_frames) == ("TOO_MANY_STREAMS", 0)


async def test_the_older_stream_stops_where_the_newest_wins(published: PublishedTitle) -> None:
    viewer = {"userId": token_hex(8), "maxStreams": 1, "whenFull": "newest_wins"}
    stopped = await stopped_with(published, await published.otp(**viewer), lambda: published.open_session(**viewer))
    assert stopped["error"] == "TAKEN_OVER"


async def test_a_session_that_is_killed_stops_playing(published: PublishedTitle) -> None:
    issued = await published.otp(userId=(viewer := token_hex(8)))

    stopped = await stopped_with(published, issued, lambda: published.end_sessions(viewer))
    assert stopped["error"] == "ENDED"


async def test_a_session_that_expires_stops_playing(published: PublishedTitle) -> None:
    clock = SteppedClock()

    async def expire() -> None:
        clock.ahead = timedelta(hours=25)

    stopped = await stopped_with(published, await published.otp(), expire, clock)
    assert stopped["error"] == "SESSION_EXPIRED"
