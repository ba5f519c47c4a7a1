"""The viewer's watermark in a real browser: in the pixels, and hard to get rid of."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Page

from cli.proof.browser import browser_page
from tests.e2e.player_site import Site
from tests.e2e.watermark_screen import MOVING, STILL, extent, playing, tamper, until

pytestmark = pytest.mark.usefixtures("chromium")

NOTICED_WITHIN = 500.0
"""Milliseconds."""

COVER = (
    "const cover = document.createElement('div');"
    "cover.style.cssText = 'position:fixed;inset:0;width:100%%;height:100%%;background:#123;z-index:2147483647;"
    "pointer-events:%s';"
)

DEEDS = {
    "remove": "mark().remove();",
    "hide": "mark().hidden = true; mark().style.setProperty('display', 'none', 'important');",
    "hide by a style sheet": "const sheet = new CSSStyleSheet(); sheet.replaceSync('#stage > div:last-child"
    " { visibility: hidden !important }'); document.adoptedStyleSheets = [sheet];"
    "mark().style.removeProperty('visibility'); mark().style.removeProperty('all');",
    "fade": "mark().style.setProperty('opacity', '0.01', 'important');",
    "filter": "mark().style.setProperty('filter', 'opacity(0)', 'important');",
    "clip": "mark().style.setProperty('clip-path', 'inset(50%)', 'important');",
    "fade the canvas": "stolen.querySelector('canvas').style.opacity = 0;",
    "style inside": "const sheet = new CSSStyleSheet(); sheet.replaceSync('canvas { opacity: 0 !important }');"
    "stolen.adoptedStyleSheets = [sheet];",
    "cover": COVER % "auto" + "document.body.append(cover);",
    "cover without touch": COVER % "none" + "document.body.append(cover);",
    "cover in the stage": COVER % "none" + "document.querySelector('#stage').append(cover);",
    "cover by a pseudo-element": "const sheet = new CSSStyleSheet(); sheet.replaceSync('#stage::after"
    ' { content: ""; position: absolute; inset: 0; background: #123; z-index: 2147483647 }\');'
    "document.adoptedStyleSheets = [sheet];",
    "cover by the top layer": COVER % "none" + "cover.popover = 'manual'; document.body.append(cover);"
    "cover.showPopover();",
    "move away": "mark().style.setProperty('transform', 'translateX(200%)', 'important');",
    "move out": "document.body.append(mark());",
    "move down": "document.querySelector('#stage').prepend(mark());",
    "shrink": "mark().style.setProperty('height', '1px', 'important');",
    "take the video out": "const video = document.querySelector('video'); document.body.append(video); video.play();",
    "replace the canvas": "stolen.querySelector('canvas').replaceWith(document.createElement('canvas'));",
    "wipe the canvas": "const canvas = stolen.querySelector('canvas'); canvas.width = canvas.width;",
}


@pytest.mark.timeout(240)
async def test_tampering_is_noticed_and_pauses(site: Site) -> None:
    """In one browser, loaded again for each deed: a browser takes longer to start than a deed to be noticed."""
    async with playing(site, STILL) as page:
        for deed, script in DEEDS.items():
            milliseconds, code = await tamper(page, script)
            assert code == "WATERMARK_TAMPERED", deed
            assert milliseconds <= NOTICED_WITHIN, deed
            assert await page.evaluate("document.querySelector('video').paused"), deed
            assert await page.locator("#error-title").is_visible(), deed
            await until(page, "document.querySelector('video').readyState === 0")
            await _told(site)
            await page.reload()
            await until(page, "document.querySelector('video').currentTime > 0.1")


async def _told(site: Site) -> None:
    """The server hears of it at once."""
    async with asyncio.timeout(5):
        while site.beats[-1]["watermark"]["state"] != "tampered":  # noqa: ASYNC110 - another thread's list
            await asyncio.sleep(0.02)
    assert site.beats[-1]["watermark"]["finding"] is not None


async def test_the_script_of_the_page_cannot_reach_into_it(site: Site) -> None:
    async with playing(site, STILL, script="") as page:
        assert await page.evaluate("document.querySelector('#stage').lastElementChild.shadowRoot") is None
        assert await page.evaluate("document.querySelector('video').disablePictureInPicture")


async def test_a_still_text_is_in_the_pixels_at_its_place(site: Site) -> None:
    async with playing(site, STILL) as page:
        for size in ({"width": 1280, "height": 720}, {"width": 640, "height": 360}):
            await page.set_viewport_size(size)
            await asyncio.sleep(0.4)
            seen = await extent(page)
            assert seen is not None
            assert seen.pixels > 300
            assert 98 <= seen.left <= 112
            assert 60 <= seen.top <= 80
            assert seen.bottom <= 110


async def test_a_moving_text_visits_the_whole_picture(site: Site) -> None:
    async with playing(site, MOVING) as page:
        places = []
        for _ in range(10):
            seen = await extent(page)
            assert seen is not None
            assert (seen.left >= 0, seen.right < 1280, seen.top >= 0, seen.bottom < 720) == (True,) * 4
            places.append((seen.left, seen.top))
            await asyncio.sleep(0.75)
    assert len(set(places)) >= 6
    assert max(x for x, _ in places) - min(x for x, _ in places) > 400
    assert max(y for _, y in places) - min(y for _, y in places) > 250


async def test_a_mark_that_skips_is_away_and_comes_back(site: Site) -> None:
    async with playing(site, MOVING | {"interval": "600", "skip": "600"}) as page:
        seen = [await _after(page, 0.2) for _ in range(14)]
    assert {mark is None for mark in seen} == {True, False}
    assert site.beats[-1]["watermark"]["state"] == "shown"


async def _after(page: Page, seconds: float) -> object:
    await asyncio.sleep(seconds)
    return await extent(page)


async def test_it_stays_in_full_screen(site: Site) -> None:
    async with playing(site, STILL) as page:
        await page.keyboard.press("f")
        await until(page, "document.fullscreenElement !== null")
        await asyncio.sleep(0.6)
        seen = await extent(page)
        assert seen is not None
        assert seen.pixels > 300
        assert await page.evaluate("window.sealcast.errorCode") is None
        await page.keyboard.press("f")
        await until(page, "document.fullscreenElement === null")
        await asyncio.sleep(0.6)
        assert await page.evaluate("window.sealcast.errorCode") is None


async def test_several_marks_at_once_and_a_picture(site: Site) -> None:
    logo = {"type": "image", "url": "/media/poster.jpg", "alpha": "0.9", "x": "5000", "y": "20"}
    async with playing(site, STILL, MOVING, logo) as page:
        box = await page.evaluate(
            "(({x, y, width}) => [x, y, width])(stolen.querySelector('img').getBoundingClientRect())"
        )
        assert box == [0, 0, 1280], "as large as the picture, it has one place only"
        _, code = await tamper(page, "stolen.querySelector('img').remove();")
        assert code == "WATERMARK_TAMPERED"


async def test_a_picture_that_is_blocked_plays_nothing(site: Site) -> None:
    site.watermark = [{"type": "image", "url": "/media/missing.png"}]
    async with browser_page() as page:
        await page.goto(site.player_url)
        await until(page, "window.sealcast.errorCode !== null")
        assert await page.evaluate("window.sealcast.errorCode") == "WATERMARK_MISSING"


async def test_menus_help_and_heartbeats_are_no_tampering(site: Site) -> None:
    async with playing(site, STILL, MOVING) as page:
        await page.mouse.move(300, 300)
        await page.click("#speed")
        await asyncio.sleep(0.4)
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        assert await page.locator("#help").is_visible()
        await asyncio.sleep(0.4)
        await page.keyboard.press("?")
        await page.keyboard.press("c")
        await asyncio.sleep(0.6)
        assert await page.evaluate("window.sealcast.errorCode") is None
    assert site.beats[-1]["watermark"]["checks"] > 0
