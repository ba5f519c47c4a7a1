"""Keyboard, screen reader and touch: axe-core finds nothing serious, and everything can be reached and is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page

from cli.proof.browser import browser_page
from tests.e2e.player_site import Site
from tests.e2e.watermark_screen import until

pytestmark = pytest.mark.usefixtures("chromium")

TIME = "document.querySelector('video').currentTime"


async def serious(page: Page, axe: str) -> list[dict[str, Any]]:
    """What axe finds serious or critical, with the elements."""
    await page.evaluate(axe)
    violations = await page.evaluate("axe.run().then(({ violations }) => violations)")
    return [
        {found["id"]: [node["html"] for node in found["nodes"]]}
        for found in violations
        if found["impact"] in {"serious", "critical"}
    ]


@pytest.fixture
def axe(player_modules: Path) -> str:
    return (player_modules / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize(("scheme", "language"), [("dark", "en"), ("light", "ar")])
async def test_axe_finds_nothing_serious(site: Site, axe: str, scheme: Literal["dark", "light"], language: str) -> None:
    async with browser_page() as page:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.goto(f"{site.url}/player?lang={language}#{site.token}")
        await until(page, "window.sealcast?.state === 'ready'")
        assert await serious(page, axe) == [], "ready"
        await page.click("#speed")
        assert await serious(page, axe) == [], "menu"
        await page.keyboard.press("Escape")
        await page.keyboard.press("?")
        assert await serious(page, axe) == [], "help"
        site.licence_status = 403
        await page.reload()
        await until(page, "window.sealcast?.state === 'error'")
        assert await serious(page, axe) == [], "error"


async def test_everything_can_be_done_by_keyboard(site: Site) -> None:
    async with browser_page() as page:
        await page.goto(site.player_url)
        await until(page, "window.sealcast?.state === 'ready'")
        reached = []
        for _ in range(14):
            await page.keyboard.press("Tab")
            reached.append(await page.evaluate("document.activeElement.id"))
            if reached[-1]:
                assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached
        wanted = [
            "big-play",
            "seek",
            "play",
            "mute",
            "volume",
            "audio",
            "captions",
            "caption-style",
            "speed",
            "full-screen",
        ]
        assert [name for name in wanted if name not in reached] == []
        await page.focus("#speed")
        await page.keyboard.press("Enter")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        assert await page.evaluate("document.querySelector('video').playbackRate") == 1.25
        assert await page.evaluate("document.activeElement.id") == "speed"
        await page.keyboard.press("<")
        assert await page.inner_text("#notice-text") == "Normal"
        await page.focus("#caption-style")
        await page.keyboard.press("Enter")
        await page.keyboard.press("End")
        await page.keyboard.press("Enter")
        assert await page.get_attribute("#stage", "data-captions") == "contrast"


async def test_the_end_offers_to_watch_again(site: Site) -> None:
    async with browser_page() as page:
        await page.goto(f"{site.url}/player?autoplay=muted#{site.token}")
        await until(page, f"{TIME} > 0.2")
        await page.keyboard.press("9")
        await until(page, "window.sealcast.state === 'ended'")
        assert await page.get_attribute("#big-play", "aria-label") == "Watch again"
        await page.click("#big-play")
        await until(page, f"{TIME} > 0.2 && {TIME} < 5")


async def test_two_taps_at_the_side_jump(site: Site) -> None:
    """Clicks as browsers make them of a finger's taps."""
    tap = """document.querySelector('video').dispatchEvent(
      new PointerEvent('click', { pointerType: 'touch', clientX: 1200, clientY: 300, bubbles: true }));"""
    async with browser_page() as page:
        await page.goto(site.player_url)
        await until(page, "window.sealcast?.state === 'ready'")
        await page.evaluate(tap + tap)
        await until(page, f"{TIME} > 7")
        assert await page.evaluate("document.querySelector('video').paused")


async def test_it_goes_on_where_this_browser_left_it(site: Site) -> None:
    """The sample lasts eight seconds: played as if it lasted sixty."""
    longer = """
      const { get } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'duration');
      Object.defineProperty(HTMLVideoElement.prototype, 'duration', { get() { return get.call(this) && 60; } });
      if (!localStorage.getItem('sealcast.positions')) localStorage.setItem('sealcast.positions', '[["v", 33]]');
    """
    async with browser_page() as page:
        await page.add_init_script(longer)
        await page.goto(f"{site.url}/v2/?otp={site.otp}&playbackInfo=eyJ2aWRlb0lkIjoidiJ9")
        await until(page, "document.querySelector('#notice').classList.contains('shown')")
        assert await page.inner_text("#notice-text") == "Continued at 0:33"
        await page.click("#start-over")
        assert await page.evaluate(TIME) == 0
        assert await page.evaluate("history.state.videoId") == "v"
