"""A customer's page: somebody else's player, the sample of docs/guides/players.md, and nothing of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from api.schemas.playback import SessionOut
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
</script></html>"""


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
def customer_page(player: OtherPlayer, session: SessionOut) -> Iterator[str]:
    """The page's address, which is of another origin than the API's, while the block runs."""
    app = FastAPI()
    content = _PAGE % {
        "script": player.script,
        "session": json.dumps(session.model_dump(mode="json")),
        "sample": player.code,
    }

    @app.get("/")
    def page() -> HTMLResponse:
        return HTMLResponse(content)

    app.mount("/npm", StaticFiles(directory=MODULES))
    with serve(app) as url:
        yield url
