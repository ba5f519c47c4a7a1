"""VdoCipher's `playbackInfo`: standard base64 of `{"videoId": "<32 hex>"}`. Opaque to clients, but some build it."""

from __future__ import annotations

import base64
import binascii
import json
import re

_LONGEST = 500
_VIDEO_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def playback_info(video_id: str) -> str:
    return base64.b64encode(json.dumps({"videoId": video_id}, separators=(",", ":")).encode()).decode()


def video_of(text: str) -> str | None:
    """The video's id; None for anything else. It went through URLs: padding may be gone, the alphabet URL-safe."""
    try:
        standard = text.replace("-", "+").replace("_", "/").rstrip("=") if len(text) <= _LONGEST else ""
        given = json.loads(base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    video_id = given.get("videoId") if isinstance(given, dict) else None
    return video_id if isinstance(video_id, str) and _VIDEO_ID.fullmatch(video_id) else None
