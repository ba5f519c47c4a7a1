"""Media types of published objects, by their names' endings."""

from __future__ import annotations

from pathlib import PurePosixPath

#: ISO/IEC 23009-1 annex C, RFC 8216 section 4, RFC 4337, W3C WebVTT.
_TYPES = {
    ".mpd": "application/dash+xml",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".mp4": "video/mp4",
    ".m4s": "video/mp4",
    ".vtt": "text/vtt",
    ".jpg": "image/jpeg",
}
_FOLDERS = {"audio": "audio/mp4"}
_OTHER = "application/octet-stream"


def media_type(path: str) -> str:
    """What is not known is only ever downloaded, never rendered."""
    parts = PurePosixPath(path)
    found = _TYPES.get(parts.suffix, _OTHER)
    return _FOLDERS.get(parts.parts[0], found) if found == "video/mp4" else found
