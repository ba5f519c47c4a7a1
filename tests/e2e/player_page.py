"""A customer's page: somebody else's player, the sample of docs/guides/players.md, and nothing of ours."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.schemas.playback import SessionOut
from cli.proof.browser import MEASURE
from tests.e2e.player_site import serve

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "players.md"
MODULES = ROOT / "web" / "player" / "node_modules"

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A customer's page</title>
<link rel="icon" href="data:,">
<video muted autoplay playsinline></video>
<script src="/npm/%(script)s"></script>
<script type="module">
const video = document.querySelector('video');
const session = %(session)s;
try {
%(sample)s
} catch (error) { window.failure = String(error.code ?? error); }
</script>
<script>
const measure = %(measure)s;
setInterval(() => fetch('/report', { method: 'POST', body: JSON.stringify(measure()) }), 250);
</script></html>"""


@dataclass
class CustomerPage:
    """`report` is what the page said last of its video element (see cli.proof.browser.MEASURE)."""

    url: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    async def until_played(self, seconds: float, limit: float = 60.0) -> dict[str, Any]:
        """The first report of so much playing. A fresh Firefox takes its time."""
        async with asyncio.timeout(limit):
            while True:
                report = self.report
                if report.get("time", 0) >= seconds:
                    return report
                await asyncio.sleep(0.1)


@dataclass(frozen=True)
class OtherPlayer:
    """`sample` names the code block in the guide, `script` the player's file below node_modules."""

    sample: str
    script: str

    @property
    def code(self) -> str:
        [block] = re.findall(rf"^```js {self.sample}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
        return str(block)


SHAKA = OtherPlayer("shaka", "shaka-player/dist/shaka-player.compiled.js")
DASHJS = OtherPlayer("dashjs", "dashjs/dist/modern/umd/dash.all.min.js")
HLSJS = OtherPlayer("hlsjs", "hls.js/dist/hls.min.js")


@contextmanager
def customer_page(player: OtherPlayer, session: SessionOut) -> Iterator[CustomerPage]:
    """The page, which is of another origin than the API's, while the block runs."""
    app, served = FastAPI(), CustomerPage()
    content = _PAGE % {
        "script": player.script,
        "session": json.dumps(session.model_dump(mode="json")),
        "sample": player.code,
        "measure": MEASURE,
    }

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(content)

    @app.post("/report", status_code=204)
    async def report(request: Request) -> None:
        served.report = json.loads(await request.body())

    app.mount("/npm", StaticFiles(directory=MODULES))
    with serve(app) as served.url:
        yield served
