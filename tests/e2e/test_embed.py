"""Customers' pages on another origin: those written for VdoCipher (but for the host), and those with our package."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Frame, Page

from cli.proof.browser import browser_page
from tests.e2e.player_site import Site, serve

pytestmark = pytest.mark.usefixtures("chromium")

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@contextmanager
def customer(site: Site, example: str) -> Iterator[str]:
    """The example behind an origin of its own (another port), with the site in place of the host it names."""
    page = (EXAMPLES / example).read_text("utf-8")
    for host in ("https://player.vdocipher.com", "https://video.example.com"):
        page = page.replace(host, site.url)
    page = page.replace("PLAYBACK_INFO", "eyJ9").replace("VIDEO_ID", "0" * 32)
    page = re.sub(r"""(?<=otp=)OTP|(?<=otp=")OTP|(?<=')OTP(?=')""", site.otp, page)
    app = FastAPI()

    @app.get("/")
    def home() -> HTMLResponse:
        return HTMLResponse(page)

    with serve(app) as url:
        yield url


@asynccontextmanager
async def opened(site: Site, example: str) -> AsyncIterator[Page]:
    site.otp_uses = 2
    with customer(site, example) as url:
        async with browser_page() as page:
            errors: list[str] = []
            # Shaka Player leaves a rendition out for a while when frames are dropped: not because this machine is busy.
            await page.add_init_script("delete HTMLVideoElement.prototype.getVideoPlaybackQuality;")
            page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            await page.goto(url)
            yield page
            assert errors == []


async def until(page: Page | Frame, condition: str, limit: float = 20.0) -> Any:
    """Promises are awaited."""
    async with asyncio.timeout(limit):
        while not (value := await page.evaluate(condition)):  # noqa: ASYNC110 - nothing to wait for in the frame
            await asyncio.sleep(0.05)
    return value


async def test_the_documented_embed_and_its_calls(site: Site) -> None:
    async with opened(site, "vdocipher-embed.html") as page:
        await until(page, "player.video.currentTime.then((time) => time > 0.5)")
        assert await page.evaluate("player.video.muted") is True
        await page.evaluate("player.video.pause()")
        assert await page.evaluate("player.video.paused") is True
        await page.evaluate("player.video.currentTime = 5")
        await until(page, "player.video.currentTime.then((time) => Math.abs(time - 5) < 0.1)")
        assert await page.evaluate("player.video.duration") == pytest.approx(8, abs=0.2)
        await page.evaluate("player.video.volume = 0.5")
        lines = (
            "play",
            "pause",
            "seeked",
            "volumechange",
            "status playing",
            "status paused",
            "title A test of playing",
        )
        for line in lines:
            # Each comes when the player has got there: a seek ends when its media have come.
            await until(page, f"[...document.querySelectorAll('#events li')].some((li) => li.innerText === '{line}')")
        frame = page.frames[1]
        assert (
            await frame.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')") == "#e53935"
        )


async def test_every_function_of_the_api(site: Site) -> None:
    async with opened(site, "vdocipher-embed.html") as page:
        await until(page, "player.api.getTotalPlayed().then((seconds) => seconds > 1)")
        covered = await page.evaluate("player.api.getTotalCovered()")
        counts = await page.evaluate("player.api.getTotalCoveredArray()")
        assert (covered >= 1, counts[0]) == (True, 1)
        assert await page.evaluate("player.api.getCaptionLanguages()") == {
            "visible": False,
            "languages": [{"id": ANY_NUMBER, "lang": "en", "label": "English", "active": False}],
        }
        await page.evaluate("player.api.setCaptionLanguage('en')")
        languages = await page.evaluate("player.api.getCaptionLanguages()")
        assert languages["visible"] is True
        await page.evaluate("player.api.hideCaptions()")
        await page.evaluate(f"player.api.setCaptionLanguage({json.dumps({'id': languages['languages'][0]['id']})})")
        assert (await page.evaluate("player.api.getCaptionLanguages()"))["visible"] is True
        await page.evaluate(
            """window.heard = [];
            for (const name of ['videoQualityChange', 'videoAdaptivenessChange', 'fullscreenChange'])
              player.api.addEventListener(name, ({ type }) => heard.push(type));"""
        )
        qualities = await page.evaluate("player.api.getVideoQualities()")
        assert [quality["height"] for quality in qualities] == [720, 360]
        other = next(quality["id"] for quality in qualities if not quality["active"])
        await page.evaluate(f"player.api.setVideoQuality({other})")
        await until(page, "heard.includes('videoQualityChange') && heard.includes('videoAdaptivenessChange')")
        await page.evaluate("player.api.enableAdaptiveVideo()")
        assert (
            await page.evaluate("player.api.setVideoQuality(9).catch(({ message }) => message)") == "no video quality 9"
        )
        await page.frames[1].click("#stage")
        await page.evaluate("player.api.setFullscreen(true)")
        await until(page, "heard.includes('fullscreenChange')")
        await page.evaluate("player.api.setFullscreen(false)")


async def test_another_video_in_the_same_frame(site: Site) -> None:
    async with opened(site, "vdocipher-embed.html") as page:
        await until(page, "player.video.currentTime.then((time) => time > 0.3)")
        code = json.dumps({"otp": site.otp, "playbackInfo": "eyJ9"})
        await page.evaluate(f"player.api.loadVideo({code})")
        assert site.otp_uses == 0
        assert (await page.evaluate("player.api.getMetaData()"))["title"] == "A test of playing"


async def test_what_is_not_offered_is_refused(site: Site) -> None:
    async with opened(site, "vdocipher-embed.html") as page:
        for call in (
            "player.video.srcObject",
            "player.video.captureStream",
            "player.connection.call('api', 'call', 'constructor')",
        ):
            assert "has no" in await page.evaluate(f"{call}.then(() => 'given', ({{ message }}) => message)")


async def test_only_the_embedding_page_is_heard(site: Site) -> None:
    async with opened(site, "vdocipher-embed.html") as page:
        await until(page, "player.video.currentTime.then((time) => time > 0.3)")
        deaf = await page.evaluate(
            """async () => {
              // A frame beside the player is not its parent, and an unknown version is nobody.
              const stranger = document.createElement('iframe');
              document.body.append(stranger);
              const answers = await Promise.all([
                [stranger.contentWindow, { sealcast: 1, kind: 'hello' }],
                [window, { sealcast: 2, kind: 'hello' }],
              ].map(([from, hello]) => new Promise((resolve) => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => resolve('heard');
                setTimeout(() => resolve('deaf'), 600);
                const send = new from.Function('frame', 'hello', 'port', "frame.postMessage(hello, '*', [port])");
                send(document.querySelector('iframe').contentWindow, hello, port2);
              })));
              return answers;
            }"""
        )
        assert deaf == ["deaf", "deaf"]


async def test_the_element(site: Site) -> None:
    async with opened(site, "vdocipher-element.html") as page:
        await until(page, "document.querySelector('#state').textContent === 'playing, captions on'")
        box = await page.locator("vdocipher-player iframe").bounding_box()
        assert box is not None
        assert (box["width"], round(box["height"])) == (640, 360)


async def test_our_own_package(site: Site) -> None:
    async with opened(site, "sealcast.html") as page:
        await until(page, "document.querySelector('#state').textContent === 'ready'")
        await page.click("#toggle")
        await until(page, "document.querySelector('#toggle').textContent === 'Pause'")
        frame = page.frames[1]
        await until(frame, "document.querySelector('video').currentTime > 0.3")
        assert await frame.evaluate("document.querySelector('video').disablePictureInPicture"), "a mark is set"
        await page.click("#toggle")
        await until(frame, "document.querySelector('video').paused")


async def test_lite_mode_asks_for_nothing_until_play_is_pressed(site: Site) -> None:
    site.otp_uses = 1
    async with browser_page() as page:
        await page.goto(f"{site.url}/v2/?otp={site.otp}&playbackInfo=eyJ9&litemode=true")
        await page.locator("#big-play").wait_for()
        await asyncio.sleep(0.3)
        assert (site.otp_uses, await page.evaluate("document.documentElement.dataset.state")) == (1, "lite")
        await page.click("#big-play")
        await until(page, "document.querySelector('video').currentTime > 0.3")
        assert site.otp_uses == 0
        assert not await page.evaluate("document.querySelector('video').muted")


class _AnyNumber:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, int)

    __hash__ = None  # type: ignore[assignment]


ANY_NUMBER = _AnyNumber()
