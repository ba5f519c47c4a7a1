"""`python -m bench.player`: from navigation to the first frame, beside a bare page with Shaka Player, as a ratio.

Both play the same encrypted stream from the same origin in the same headless Chromium, in turn, each time with an
empty cache. The bare page has its session in it; ours redeems an OTP first.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any
from urllib.parse import urlencode

import httpx
import typer
import uvicorn
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse
from playwright.async_api import Browser, async_playwright
from rich.console import Console

from api.app import create_app
from bench import machine
from bench.clip import SAMPLE
from bench.pipeline import NotPublished, publish
from bench.servers import Platform, running_platform
from cli.proof.browser import FLAGS, find_chromium
from cli.stack.errors import StackError
from cli.stack.ports import free_port
from workers.client import connect
from workflows.gateway import TemporalGateway

BAR = 1.25
"""At most so many times the bare page's median."""
_SHAKA = Path(__file__).parents[1] / "web/player/node_modules/shaka-player/dist/shaka-player.compiled-es2021.js"
_LIMIT_SECONDS = 30.0

#: Media events do not bubble, and are caught on their way down. Milliseconds since the navigation began.
_WATCH = """
document.addEventListener('loadstart', ({ target }) => {
  target.requestVideoFrameCallback(() => (window.firstFrame ??= performance.now()));
}, { capture: true, once: true });
"""
_BARE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare</title><link rel="icon" href="data:,">
<video muted autoplay playsinline></video><script src="/bare/shaka.js"></script><script>
const session = %s;
(async () => {
  const player = new shaka.Player();
  await player.attach(document.querySelector('video'));
  player.configure({ drm: { servers: { 'org.w3.clearkey': session.licence_url } } });
  await player.load(session.dash_url);
})();
</script></html>"""


@dataclass(frozen=True)
class FirstFrames:
    """Milliseconds from navigation to the first frame, run by run."""

    ours: tuple[float, ...]
    bare: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return median(self.ours) / median(self.bare)

    @property
    def reached(self) -> bool:
        return self.ratio <= BAR


def main(
    runs: Annotated[int, typer.Option(min=1, max=200, help="Of each page, in turn.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that was measured, on stdout.")] = False,
) -> None:
    """How long our page takes to its first frame, in times of the bare page's."""
    console = Console(stderr=as_json)
    work = Path(tempfile.mkdtemp(prefix="sealcast-bench-"))
    try:
        found = asyncio.run(_bench(console, work, runs))
    except (NotPublished, StackError, httpx.HTTPError, OSError) as error:
        console.print(f"[bold red]no result:[/] {error or type(error).__name__}", highlight=False)
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    verdict = "[green]reached[/]" if found.reached else "[red]missed[/]"
    console.print(
        f"first frame: {median(found.ours):.0f} ms, bare page {median(found.bare):.0f} ms, "
        f"ratio {found.ratio:.2f} (bar {BAR}) {verdict}",
        highlight=False,
    )
    if as_json:
        print(json.dumps({"machine": machine.describe(), "ratio": found.ratio, "ours": found.ours, "bare": found.bare}))


async def _bench(console: Console, work: Path, runs: int) -> FirstFrames:
    async with running_platform(work / "stack", lambda line: console.print(line, style="dim")) as platform:
        console.print("publishing the sample")
        published = await publish(platform, await connect(platform.settings), SAMPLE)
        with await _site(platform) as url:
            async with httpx.AsyncClient(base_url=url, headers=_caller(platform)) as api, _browser() as browser:
                pages = _Pages(api, browser, url, published.video_id)
                await pages.ours(), await pages.bare()  # warms the server and the machine up
                ours, bare = [], []
                for number in range(1, runs + 1):
                    console.print(f"run {number} of {runs}", style="dim")
                    ours.append(await pages.ours())
                    bare.append(await pages.bare())
                return FirstFrames(tuple(ours), tuple(bare))


class _Pages:
    """The two pages, opened in a browser context of their own each time."""

    def __init__(self, api: httpx.AsyncClient, browser: Browser, url: str, video_id: str) -> None:
        self._api = api
        self._browser = browser
        self._url = url
        self._video_id = video_id

    async def ours(self) -> float:
        otp = await self._post(f"/api/videos/{self._video_id}/otp", {"ttl": 300})
        return await self._first_frame(f"{self._url}/v2/?{urlencode({**otp, 'autoplay': 'true'})}")

    async def bare(self) -> float:
        session = await self._post(f"/v1/videos/{self._video_id}/playback-sessions", {})
        addresses = {name: session[name] for name in ("dash_url", "licence_url")}
        return await self._first_frame(f"{self._url}/bare/?{urlencode({'session': json.dumps(addresses)})}")

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = (await self._api.post(path, json=body)).raise_for_status().json()
        return answer

    async def _first_frame(self, address: str) -> float:
        context = await self._browser.new_context(viewport={"width": 1280, "height": 720})
        try:
            page = await context.new_page()
            await page.add_init_script(_WATCH)
            await page.goto(address)
            async with asyncio.timeout(_LIMIT_SECONDS):
                while (first := await page.evaluate("window.firstFrame ?? null")) is None:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            return float(first)
        finally:
            await context.close()


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    chromium = find_chromium()
    if chromium is None:
        raise FileNotFoundError("no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, headless=True, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


def _caller(platform: Platform) -> dict[str, str]:
    return {"Authorization": f"Apisecret {platform.connection.key}"}


async def _site(platform: Platform) -> Any:
    """The API with one more page, so that neither page crosses origins."""
    port = free_port()
    settings = platform.settings.model_copy(update={"public_url": f"http://127.0.0.1:{port}"})
    app = create_app(settings, gateway=TemporalGateway(await connect(platform.settings)))
    _add_bare_page(app)
    return _serving(app, port)


def _add_bare_page(app: FastAPI) -> None:
    policy = {"Content-Security-Policy": "default-src 'self' 'unsafe-inline' blob: data:"}

    @app.get("/bare/")
    def bare(session: str) -> HTMLResponse:
        return HTMLResponse(_BARE % session, headers=policy)

    @app.get("/bare/shaka.js")
    def shaka() -> FileResponse:
        return FileResponse(_SHAKA, media_type="text/javascript")


@contextmanager
def _serving(app: FastAPI, port: int) -> Iterator[str]:
    """In a thread of its own: the browser is driven from this one."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            threading.Event().wait(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


if __name__ == "__main__":
    typer.run(main)
