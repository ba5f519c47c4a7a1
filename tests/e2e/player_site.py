"""A small site with the API's routes for playing, over one packaged title: page, session, media, licence."""

from __future__ import annotations

import base64
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from tests.e2e.sample_title import SECONDS, Title

PAGE = Path(__file__).parents[2] / "api" / "static" / "player"

# What the page must live with; the API sends the same (docs/guides/player.md).
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src blob:; worker-src blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'"
)


@dataclass
class Site:
    """`licences_for` names the labels whose keys are given out; `licence_requests` counts what was asked.

    `stop` is the reason for which heartbeats are told to stop; `beats` is what they said.
    """

    title: Title
    url: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    licences_for: set[str] = field(default_factory=lambda: {"AUDIO", "SD", "HD"})
    licence_status: int = 200
    licence_requests: int = 0
    otp: str = field(default_factory=lambda: secrets.token_hex(32))
    otp_uses: int = 1
    forced_bitrate: int | None = None
    stop: str | None = None
    watermark: list[dict[str, Any]] = field(default_factory=list)
    beats: list[dict[str, Any]] = field(default_factory=list)

    @property
    def player_url(self) -> str:
        return f"{self.url}/player#{self.token}"

    @property
    def otp_url(self) -> str:
        return f"{self.url}/player?otp={self.otp}&playbackInfo=eyJ9"

    def describe(self) -> dict[str, Any]:
        return {
            "title": "A test of playing",
            "duration": SECONDS,
            "dash_url": "/media/manifest.mpd",
            "hls_url": None,
            "licence_url": "/api/licence/clearkey",
            "poster_url": "/media/poster.jpg",
            "thumbnails_url": "/media/storyboard.vtt",
            "expires_at": "2100-01-01T00:00:00Z",
            "forced_bitrate": self.forced_bitrate,
            "watermark": self.watermark,
        }

    def redeem(self, otp: str) -> dict[str, Any] | None:
        """None when it is another OTP, or used up."""
        if otp != self.otp or self.otp_uses == 0:
            return None
        self.otp_uses -= 1
        return {**self.describe(), "token": self.token}

    def check(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise HTTPException(401)

    def grant(self, kids: list[str]) -> list[dict[str, str]]:
        allowed = {self.title.labels[label] for label in self.licences_for}
        asked = {base64.urlsafe_b64decode(f"{kid}==").hex() for kid in kids}
        return [
            {"kty": "oct", "kid": _base64url(kid), "k": _base64url(self.title.keys[kid])} for kid in asked & allowed
        ]


def _base64url(hexadecimal: str) -> str:
    return base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).rstrip(b"=").decode()


def make_app(site: Site) -> FastAPI:
    app = FastAPI()

    @app.get("/player")
    @app.get("/v2/")
    def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": POLICY})

    @app.get("/v2/{script}")
    def script(script: str) -> FileResponse:
        headers = {"Access-Control-Allow-Origin": "*"}
        return FileResponse(PAGE / "v2" / script, media_type="text/javascript", headers=headers)

    @app.get("/api/playback/session")
    def session(request: Request) -> dict[str, Any]:
        site.check(request)
        return site.describe()

    @app.post("/api/playback/redeem")
    async def redeem(request: Request) -> JSONResponse:
        redeemed = site.redeem((await request.json())["otp"])
        return JSONResponse({"code": "OTP_USED"}, 403) if redeemed is None else JSONResponse(redeemed)

    @app.post("/api/playback/heartbeat")
    async def heartbeat(request: Request) -> dict[str, Any]:
        site.check(request)
        site.beats.append(await request.json())
        action = "continue" if site.stop is None else "stop"
        return {"action": action, "interval": 1, "reason": site.stop}

    @app.post("/api/licence/clearkey")
    async def licence(request: Request) -> dict[str, Any]:
        site.check(request)
        site.licence_requests += 1
        if site.licence_status != 200:
            raise HTTPException(site.licence_status)
        body = await request.json()
        return {"keys": site.grant(body["kids"]), "type": body["type"]}

    app.mount("/player", StaticFiles(directory=PAGE, check_dir=False))
    app.mount("/media", StaticFiles(directory=site.title.folder))
    return app


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """Serve until the block ends."""
    with serve(make_app(site)) as site.url:
        yield site


@contextmanager
def serve(app: FastAPI | Callable[[str], FastAPI]) -> Iterator[str]:
    """The application's address on a free port of the loopback; the socket listens before the thread starts.

    An application that must know its address is given as a function of it.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        ready = app if isinstance(app, FastAPI) else app(url)
        server = uvicorn.Server(uvicorn.Config(ready, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield url
        finally:
            server.should_exit = True
            thread.join(timeout=10)
