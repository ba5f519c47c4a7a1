"""The addresses a player needs, signed for its session."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters.packager.layout import DASH_MANIFEST, HLS_MASTER
from core.domain.drm.systems import DrmSystem
from core.domain.playback.path_signature import MediaGrant, sign
from core.services.media.make_storyboard import CUES, POSTER
from core.services.playback.signing_keys import SigningKeys


@dataclass(frozen=True)
class PlaybackAddresses:
    """Absolute URLs; no DASH under AES-128, no poster and no thumbnails where there is no picture."""

    dash: str | None
    hls: str
    licence: str
    poster: str | None
    thumbnails: str | None


def addresses(
    public_url: str, keys: SigningKeys, grant: MediaGrant, *, dash: bool, pictures: bool
) -> PlaybackAddresses:
    """`public_url` has no trailing slash."""
    base = f"{public_url}/media/{sign(keys.media_path, grant)}/"
    licence = sign(keys.licence_path, grant)
    return PlaybackAddresses(
        dash=f"{base}{DASH_MANIFEST}?{licence_query(licence)}" if dash else None,
        hls=f"{base}{HLS_MASTER}?{licence_query(licence)}",
        licence=licence_addresses(public_url, licence)[DrmSystem.CLEARKEY],
        poster=base + POSTER if pictures else None,
        thumbnails=base + CUES if pictures else None,
    )


def licence_query(licence: str) -> str:
    """A query, because references in a manifest drop it: addresses of segments give nobody a licence."""
    return f"licence={licence}"


def licence_addresses(public_url: str, licence: str) -> dict[DrmSystem, str]:
    """Where the session's licences are, by system. `licence` is signed with the key for licence paths."""
    return {DrmSystem.CLEARKEY: f"{public_url}/api/licences/clearkey/{licence}"}


def key_address(public_url: str, licence: str, kid: str) -> str:
    """Where HLS players fetch an AES-128 key (RFC 8216, 5) by its KID in hex."""
    return f"{public_url}/api/licences/aes128/{licence}/{kid}"
