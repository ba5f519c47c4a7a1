"""The addresses a player needs, signed for its session."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters.packager.layout import DASH_MANIFEST, HLS_MASTER
from core.domain.playback.path_signature import MediaGrant, sign
from core.services.media.make_storyboard import CUES, POSTER


@dataclass(frozen=True)
class PlaybackAddresses:
    """Absolute URLs; no poster and no thumbnails where there is no picture."""

    dash: str
    hls: str
    licence: str
    poster: str | None
    thumbnails: str | None


def addresses(public_url: str, key: bytes, grant: MediaGrant, *, pictures: bool) -> PlaybackAddresses:
    """`public_url` has no trailing slash."""
    base = f"{public_url}/media/{sign(key, grant)}/"
    return PlaybackAddresses(
        dash=base + DASH_MANIFEST,
        hls=base + HLS_MASTER,
        licence=f"{public_url}/api/licences/clearkey",
        poster=base + POSTER if pictures else None,
        thumbnails=base + CUES if pictures else None,
    )
