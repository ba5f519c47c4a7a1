"""The player's own controls: buttons, menus and keys act on the playing video."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from playwright.async_api import Page

from cli.proof.browser import browser_page
from tests.e2e.player_site import Site

pytestmark = pytest.mark.usefixtures("chromium")

VIDEO = "document.querySelector('video')"


async def until(page: Page, condition: str, limit: float = 15.0) -> None:
    """Polls from outside: the page's Content-Security-Policy forbids the evaluation that waiting inside needs."""
    async with asyncio.timeout(limit):
        while True:
            if await page.evaluate(condition):
                return
            await asyncio.sleep(0.05)


async def read(page: Page, expression: str) -> Any:
    return await page.evaluate(expression)


@pytest.fixture
async def player(site: Site) -> AsyncIterator[Page]:
    async with browser_page() as page:
        await page.goto(site.player_url)
        await until(page, "window.sealcast?.state === 'ready'")
        yield page


async def test_big_button_plays_and_space_pauses(player: Page) -> None:
    await player.click("#big-play")
    await until(player, f"{VIDEO}.currentTime > 0.5")
    await player.keyboard.press("Space")
    assert await read(player, f"{VIDEO}.paused")
    assert await read(player, "window.sealcast.state") == "paused"
    assert await player.get_attribute("#play", "aria-label") == "Play"


async def test_keys_seek_and_set_the_volume(player: Page) -> None:
    await player.keyboard.press("5")
    assert await read(player, f"{VIDEO}.currentTime") == pytest.approx(4.0, abs=0.1)
    await player.keyboard.press("ArrowLeft")
    assert await read(player, f"{VIDEO}.currentTime") == pytest.approx(0.0, abs=0.2)
    await player.keyboard.press("ArrowDown")
    assert await read(player, f"{VIDEO}.volume") == pytest.approx(0.95)
    await player.keyboard.press("m")
    assert await read(player, f"{VIDEO}.muted")
    assert await player.get_attribute("#mute", "aria-label") == "Unmute"


async def test_quality_menu_switches_the_rendition(player: Page) -> None:
    await player.click("#big-play")
    await player.click("#quality")
    await player.get_by_role("menuitemradio", name="360p", exact=True).click()
    await until(player, f"{VIDEO}.videoHeight === 360")
    await player.click("#quality")
    chosen = player.locator('[role="menuitemradio"][aria-checked="true"]', has_text="360p")
    assert await chosen.count() == 1


async def test_audio_menu_offers_the_languages_by_their_names(player: Page) -> None:
    await player.click("#audio")
    await player.get_by_role("menuitemradio", name="Deutsch").click()
    await player.click("#audio")
    entries = player.get_by_role("menuitemradio")
    assert await entries.all_inner_texts() == ["English", "Deutsch"]
    assert await entries.nth(1).get_attribute("aria-checked") == "true"
    await player.keyboard.press("Escape")
    assert await read(player, "document.activeElement.id") == "audio"


async def test_captions_are_off_until_asked_for(player: Page) -> None:
    caption = player.locator("#captions-layer", has_text="rings twice")
    await player.click("#big-play")
    await until(player, f"{VIDEO}.currentTime > 0.5")
    assert await caption.count() == 0
    await player.keyboard.press("c")
    await caption.wait_for()


async def test_hovering_the_seek_bar_shows_the_storyboard(player: Page) -> None:
    await player.locator("#seek").hover()
    picture = player.locator("#preview-picture")
    await picture.wait_for()
    box = await picture.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (160, 90)
    assert "sprite.jpg" in await read(player, "document.querySelector('#preview-picture').style.backgroundImage")


async def test_full_screen_holds_the_wrapper(player: Page) -> None:
    await player.keyboard.press("f")
    await until(player, "document.fullscreenElement !== null")
    assert await read(player, "document.fullscreenElement.id") == "stage"


async def test_after_an_otp_the_page_can_be_loaded_again(site: Site) -> None:
    async with browser_page() as page:
        for load in (partial(page.goto, f"{site.otp_url}&ccLanguage=de"), page.reload):
            await load()
            await until(page, "window.sealcast?.state === 'ready'")
            assert page.url == f"{site.url}/player?ccLanguage=de#{site.token}"
    assert site.otp_uses == 0
