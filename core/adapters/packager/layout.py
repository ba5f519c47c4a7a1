"""Names of the published objects, relative to the version's published prefix, and of the files of a packaging job."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

DASH_MANIFEST = "manifest.mpd"
HLS_MASTER = "master.m3u8"
INIT = "init.mp4"
MEDIA_PLAYLIST = "index.m3u8"
IFRAME_PLAYLIST = "iframe.m3u8"
FOLDERS = ("video", "audio", "text")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")

_CONTENT_TYPES = {
    ".mpd": "application/dash+xml",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4s": "video/iso.segment",
    ".vtt": "text/vtt",
}
_INIT_TYPES = {"video": "video/mp4", "audio": "audio/mp4", "text": "application/mp4"}


def folder(kind: str, name: str) -> str:
    """Folder of one track, e.g. "video/720p". Raises ValueError for a name that is syntax to a path or the packager."""
    if kind not in FOLDERS or not _NAME.fullmatch(name):
        raise ValueError(f"not a track: {kind!r} {name!r}")
    return f"{kind}/{name}"


def input_file(kind: str, name: str) -> str:
    """What a track's mezzanine is called in the job's directory."""
    suffix = "vtt" if kind == "text" else "mp4"
    return f"{folder(kind, name).replace('/', '-')}.{suffix}"


def content_type(path: str) -> str:
    """Media type of a published object (RFC 8216, RFC 4337, ISO/IEC 23009-1 annex C, W3C WebVTT)."""
    parts = PurePosixPath(path)
    return _CONTENT_TYPES.get(parts.suffix) or _INIT_TYPES[parts.parts[0]]


def is_manifest(path: str) -> bool:
    return path in {DASH_MANIFEST, HLS_MASTER}
