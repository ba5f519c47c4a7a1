"""Proof by a real browser: headless Chromium opens the player page, and the video element says what it decoded."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from playwright.async_api import ConsoleMessage, Page, ViewportSize, async_playwright

from cli.proof.result import PlaybackProof

POLL_SECONDS = 0.1
VIEWPORT = ViewportSize(width=1280, height=720)

# Without a GPU, and without the services that a fresh profile would call. The page is our own, so that a
# container without user namespaces is no obstacle (--no-sandbox).
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)

# The decoder's own counters (bytes), where the browser has them.
MEASURE = """() => {
  const video = document.querySelector('video');
  return {
    state: window.sealcast?.state ?? 'loading',
    error: window.sealcast?.errorCode ?? null,
    keys: { ...(window.sealcast?.keyStatuses ?? {}) },
    time: video?.currentTime ?? 0,
    duration: Number.isFinite(video?.duration) ? video.duration : 0,
    frames: video?.getVideoPlaybackQuality().totalVideoFrames ?? 0,
    videoBytes: video?.webkitVideoDecodedByteCount ?? 0,
    audioBytes: video?.webkitAudioDecodedByteCount ?? 0,
    width: video?.videoWidth ?? 0,
    height: video?.videoHeight ?? 0,
  };
}"""


def find_chromium() -> str | None:
    """The system's Chromium (or Chrome), or None."""
    names = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


async def prove_in_browser(
    player_url: str,
    screenshot: Path | None = None,
    seconds: float = 3.0,
    timeout_seconds: float = 45.0,
) -> PlaybackProof:
    """Play muted until `currentTime` passes `seconds`, the title ends, the page shows an error, or time is out.

    `player_url` is the page with a playback token in its fragment, or an OTP in its query. Raises FileNotFoundError
    without Chromium.
    """
    async with browser_page() as page:
        return await _watch(page, player_url, screenshot, seconds, timeout_seconds)


@asynccontextmanager
async def browser_page() -> AsyncIterator[Page]:
    """A page of headless Chromium with a fresh profile. Raises FileNotFoundError without Chromium."""
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError("no Chromium on this machine")
    with tempfile.TemporaryDirectory(prefix="sealcast-browser-", ignore_cleanup_errors=True) as profile:
        async with async_playwright() as playwright:
            context = await playwright.chromium.launch_persistent_context(
                profile, executable_path=chromium, headless=True, args=list(FLAGS), viewport=VIEWPORT
            )
            try:
                yield context.pages[0] if context.pages else await context.new_page()
            finally:
                await context.close()


async def _watch(page: Page, url: str, screenshot: Path | None, seconds: float, limit: float) -> PlaybackProof:
    messages: list[str] = []
    page.on("console", lambda message: _keep(message, messages))
    page.on("pageerror", lambda error: messages.append(str(error)))
    await page.goto(_starting_by_itself(url))
    measured = await _until_played(page, seconds, limit)
    if screenshot is not None:
        await page.mouse.move(VIEWPORT["width"] / 2, VIEWPORT["height"] / 2)  # shows the controls
        await page.screenshot(path=screenshot, animations="disabled")
    return _proof(measured, screenshot, tuple(messages))


def _keep(message: ConsoleMessage, messages: list[str]) -> None:
    if message.type in {"warning", "error"}:
        messages.append(message.text)


def _starting_by_itself(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, "autoplay=muted"]))))


async def _until_played(page: Page, seconds: float, limit: float) -> dict[str, Any]:
    # Polled from here: the page's Content-Security-Policy forbids the evaluation that waiting in the page needs.
    deadline = asyncio.get_running_loop().time() + limit
    while True:
        measured: dict[str, Any] = await page.evaluate(MEASURE)
        if measured["time"] >= seconds or measured["state"] in {"ended", "error"}:
            return measured
        if asyncio.get_running_loop().time() > deadline:
            return measured | {"error": "TIMEOUT"}
        await asyncio.sleep(POLL_SECONDS)


def _proof(measured: Mapping[str, Any], screenshot: Path | None, messages: tuple[str, ...]) -> PlaybackProof:
    # A frame counts only with the bytes that the decoder took in for it.
    frames = measured["frames"] if measured["videoBytes"] else 0
    return PlaybackProof(
        method="browser",
        current_time=float(measured["time"]),
        duration=float(measured["duration"]),
        decoded_frames=int(frames),
        decoded_audio=int(measured["audioBytes"]),
        width=int(measured["width"]),
        height=int(measured["height"]),
        key_statuses=dict(measured["keys"]),
        error=measured["error"],
        screenshot=screenshot,
        page_messages=messages,
    )
