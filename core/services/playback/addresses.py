"""The addresses a player needs, signed for its session."""

from __future__ import annotations

from dataclasses import dataclass

from core.adapters.packager.layout import DASH_MANIFEST, HLS_MASTER
from core.domain.drm.challenge import KeySystem
from core.domain.drm.systems import DrmSystem
from core.domain.playback.path_signature import MediaGrant, sign
from core.services.media.make_storyboard import CUES, POSTER
from core.services.playback.signing_keys import SigningKeys

_DRM = {
    KeySystem.CLEARKEY: DrmSystem.CLEARKEY,
    KeySystem.WIDEVINE: DrmSystem.WIDEVINE,
    KeySystem.FAIRPLAY: DrmSystem.FAIRPLAY,
    KeySystem.PLAYREADY: DrmSystem.PLAYREADY,
}


@dataclass(frozen=True, repr=False)
class PlaybackAddresses:
    """Absolute URLs; no DASH under AES-128, no poster and no thumbnails where there is no picture.

    Whoever has them can play, so `repr` does not show them.

    `licence` is ClearKey's; `licence_token` is what LicencePlaces makes the other systems' addresses of.
    """

    dash: str | None
    hls: str
    licence: str
    licence_token: str
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
        licence=LicencePlaces(public_url).of(licence)[DrmSystem.CLEARKEY],
        licence_token=licence,
        poster=base + POSTER if pictures else None,
        thumbnails=base + CUES if pictures else None,
    )


def licence_query(licence: str) -> str:
    """A query, because references in a manifest drop it: addresses of segments give nobody a licence."""
    return f"licence={licence}"


@dataclass(frozen=True)
class LicencePlaces:
    """Where licences are, for the systems of which this installation makes some, ClearKey always among them."""

    public_url: str
    systems: frozenset[KeySystem] = frozenset()

    def of(self, licence: str) -> dict[DrmSystem, str]:
        """By system. `licence` is signed with the key for licence paths."""
        found = {_DRM[system]: system for system in (KeySystem.CLEARKEY, *sorted(self.systems))}
        return {drm: f"{self.public_url}/api/licences/{system.value}/{licence}" for drm, system in found.items()}

    def key(self, licence: str, kid: str) -> str:
        """Where HLS players fetch an AES-128 key (RFC 8216, 5) by its KID in hex."""
        return f"{self.public_url}/api/licences/{KeySystem.AES128.value}/{licence}/{kid}"
