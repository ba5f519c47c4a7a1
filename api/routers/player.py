"""The player page, and the scripts for pages that embed it.

A playback token is in the page's fragment, which browsers keep to themselves; an OTP is in its query.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

from api.dependencies import Services
from core.domain.errors import NotFound

router = APIRouter(tags=["player"])

STATIC = Path(__file__).parents[1] / "static" / "player"

#: No inline code, nothing from elsewhere. Media goes through blob: addresses (Media Source Extensions).
POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        # A customer's logo in a watermark may be anywhere.
        "img-src 'self' blob: data: https:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
)

_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Player not built</title>
<h1>The player has not been built</h1><p>Run <code>make setup</code>, then load this page again.</p></html>"""


#: For `<script>` and `import` on pages of any origin.
_FOR_ANYBODY = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


@router.get("/v2", response_class=HTMLResponse, include_in_schema=False)
@router.get("/v2/", response_class=HTMLResponse, include_in_schema=False)
@router.get("/player", response_class=HTMLResponse, include_in_schema=False)
@router.get("/player/", response_class=HTMLResponse)
async def read_player(services: Services) -> Response:
    """The page that plays a session: `/player/#<playback token>`, or `/v2/?otp=…&playbackInfo=…` as with VdoCipher."""
    page = STATIC / "index.html"
    if not page.is_file():
        return HTMLResponse(_NOT_BUILT, status_code=503, headers={"Retry-After": "60"})
    policy = f"{POLICY}; frame-ancestors {services.settings.frame_ancestors}"
    return FileResponse(page, headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"})


@router.get("/v2/{script}", include_in_schema=False)
async def read_script(script: Literal["api.js", "player.js", "sealcast-player.js"]) -> FileResponse:
    """`VdoPlayer`, the element `<vdocipher-player>`, or our own package as a module."""
    file = STATIC / "v2" / script
    if not file.is_file():
        raise NotFound("The player has not been built.")
    return FileResponse(file, media_type="text/javascript", headers=_FOR_ANYBODY)
