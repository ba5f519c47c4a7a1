"""Networks that fail while it plays: what can be mended is, and what cannot is said in the viewer's language."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Route

from cli.proof.browser import browser_page
from tests.e2e.player_site import Site
from tests.e2e.watermark_screen import until

pytestmark = pytest.mark.usefixtures("chromium")

TIME = "document.querySelector('video').currentTime"
NO_ERROR = "window.sealcast.errorCode === null"


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with browser_page() as opened:
        yield opened


async def missing(route: Route) -> None:
    await route.fulfill(status=404)


async def begin(site: Site, page: Page, query: str = "") -> None:
    await page.goto(f"{site.url}/player?autoplay=muted{query}#{site.token}")
    await until(page, f"{TIME} > 0.2")


async def test_offline_in_the_middle_goes_on_by_itself(site: Site, page: Page) -> None:
    # Little is buffered, or the whole sample would be there before the connection goes.
    await page.route("**/media/v*/[34].m4s", lambda route: route.abort("internetdisconnected"))
    await begin(site, page)
    await page.context.set_offline(True)
    await until(page, "document.querySelector('#notice').classList.contains('shown')")
    assert await page.inner_text("#notice-text") == "Connection lost. Trying again …"
    await asyncio.sleep(1)
    assert await page.evaluate(NO_ERROR)
    await page.unroute("**/media/v*/[34].m4s")
    await page.context.set_offline(False)
    await until(page, f"{TIME} > 6", 40)
    assert await page.evaluate(NO_ERROR)


async def test_a_segment_that_one_rendition_lacks_comes_from_another(site: Site, page: Page) -> None:
    await page.route("**/media/v720/2.m4s", missing)
    await page.route("**/media/v360/3.m4s", missing)
    await begin(site, page)
    await until(page, f"{TIME} > 6.5", 40)
    assert await page.evaluate(NO_ERROR)


async def test_a_segment_that_is_nowhere_is_left_out(site: Site, page: Page) -> None:
    await page.route("**/media/v*/3.m4s", missing)
    await begin(site, page)
    await until(page, f"{TIME} > 7", 60)
    assert await page.evaluate(NO_ERROR)


async def test_a_video_without_segments_says_so(site: Site, page: Page) -> None:
    await page.route("**/media/v*/*.m4s", missing)
    await page.goto(f"{site.url}/player?autoplay=muted&lang=de#{site.token}")
    await until(page, "window.sealcast?.errorCode !== null && window.sealcast?.errorCode !== undefined", 60)
    assert await page.evaluate("window.sealcast.errorCode") == "SEGMENT_MISSING"
    assert await page.inner_text("#error-title") == "Ein Teil dieses Videos fehlt"
    assert await page.locator("#retry").inner_text() == "Noch einmal versuchen"


async def test_a_licence_that_is_refused_when_it_is_asked_for_again(site: Site, page: Page) -> None:
    await begin(site, page, "&lang=es")
    site.licence_status = 403
    await page.reload()
    await until(page, "window.sealcast?.errorCode === 'LICENCE_REFUSED'")
    assert await page.inner_text("#error-title") == "No se puede desbloquear este vídeo"
    assert await page.get_attribute("html", "lang") == "es"
    assert not await page.locator("#retry").is_visible(), "the same session would be refused again"


async def test_offline_from_the_start_comes_back_with_the_connection(site: Site, page: Page) -> None:
    await page.goto(f"{site.url}/player?litemode=true#{site.token}")
    await page.context.set_offline(True)
    await page.click("#big-play")
    await until(page, "window.sealcast.errorCode === 'OFFLINE'")
    async with page.expect_navigation():
        await page.context.set_offline(False)


@pytest.mark.parametrize("code", ["DOMAIN_NOT_ALLOWED", "LOCATION_NOT_ALLOWED", "OTP_EXPIRED"])
async def test_refusals_of_otps_have_their_own_screens(site: Site, page: Page, code: str) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=403, json={"code": code})

    await page.route("**/api/playback/redeem", refuse)
    await page.goto(f"{site.otp_url}&lang=ar")
    await until(page, f"window.sealcast?.errorCode === '{code}'")
    assert await page.get_attribute("html", "dir") == "rtl"
    assert await page.locator("#error-title").is_visible()


async def test_a_browser_that_cannot_play_says_so(site: Site, page: Page) -> None:
    await page.add_init_script("delete window.MediaSource; delete window.ManagedMediaSource;")
    await page.goto(site.player_url)
    await until(page, "window.sealcast?.errorCode === 'UNSUPPORTED_BROWSER'")
    assert await page.inner_text("#error-title") == "This browser cannot play protected video"


async def test_clearkey_plays_without_encrypted_media_extensions(site: Site, page: Page) -> None:
    """Shaka Player decrypts with Web Cryptography then: ClearKey hides nothing from the page anyway."""
    await page.add_init_script("delete Navigator.prototype.requestMediaKeySystemAccess;")
    await begin(site, page)
    await until(page, f"{TIME} > 1")
    assert await page.evaluate(NO_ERROR)
