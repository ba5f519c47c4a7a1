"""What the published manifests promise players, track by track."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from lxml import etree

from core.adapters.packager.dash import MPD, PROTECTION, parse_mpd, protection_system
from core.adapters.packager.hls import CLEARKEY_FORMAT, parse_attributes
from core.domain.drm.systems import DrmSystem
from core.domain.drm.verification import VerificationFailed

_HEADERS = ("{urn:mpeg:cenc:2013}pssh", "{urn:microsoft:playready}pro")
_DEFAULT_KID = "{urn:mpeg:cenc:2013}default_KID"
_WIDEVINE = f'"urn:uuid:{DrmSystem.WIDEVINE.value}"'
_PLAYREADY = '"com.microsoft.playready"'
_FAIRPLAY = '"com.apple.streamingkeydelivery"'


@dataclass(frozen=True)
class DashTrack:
    """One Representation. Paths are relative to the MPD; `kid` is hex, None when nothing is protected.

    `systems` are announced for it; `embedded` are the DRM headers that the manifest carries, decoded.
    """

    init: str
    segments: tuple[str, ...]
    kid: str | None
    systems: frozenset[DrmSystem] = frozenset()
    embedded: frozenset[bytes] = frozenset()


@dataclass(frozen=True)
class HlsTrack:
    """One media playlist. Paths are relative to the playlist; `kids` are those its key lines show, by system.

    `embedded` are the DRM headers that key lines carry, decoded.
    """

    init: str | None
    segments: tuple[str, ...]
    kids: dict[DrmSystem, str | None]
    encrypted: bool
    embedded: frozenset[bytes] = frozenset()


def read_dash(data: bytes) -> dict[str, DashTrack]:
    """Tracks by folder, e.g. "video/720p". Raises VerificationFailed."""
    try:
        root = parse_mpd(data)
    except ValueError as error:
        raise VerificationFailed(str(error)) from error
    tracks: dict[str, DashTrack] = {}
    for adaptation in root.iter(f"{MPD}AdaptationSet"):
        for representation in adaptation.iter(f"{MPD}Representation"):
            track = _dash_track(adaptation, representation)
            tracks[track.init.rpartition("/")[0]] = track
    return tracks


def _dash_track(adaptation: etree._Element, representation: etree._Element) -> DashTrack:
    template = representation.find(f"{MPD}SegmentTemplate")
    timeline = template.find(f"{MPD}SegmentTimeline") if template is not None else None
    if template is None or timeline is None:
        raise VerificationFailed("a Representation without a segment timeline")
    count = sum(_number(entry.get("r", "0")) + 1 for entry in timeline.iter(f"{MPD}S"))
    first = _number(template.get("startNumber", "1"))
    media = template.get("media", "")
    protections = adaptation.findall(PROTECTION)
    kid = next((each.get(_DEFAULT_KID) for each in protections if each.get(_DEFAULT_KID)), None)
    return DashTrack(
        init=template.get("initialization", ""),
        segments=tuple(media.replace("$Number$", str(number)) for number in range(first, first + count)),
        kid=kid.replace("-", "").lower() if kid else None,
        systems=frozenset(filter(None, map(protection_system, protections))),
        embedded=frozenset(_decoded(text.text or "") for each in protections for text in each.iter(*_HEADERS)),
    )


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise VerificationFailed("the MPD has a count that is no number")
    return int(text)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise VerificationFailed("a manifest has something that is not base64") from error


def read_hls(text: str) -> HlsTrack:
    """Read a media playlist. Raises VerificationFailed when it ends early or hands out a key in the clear."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U" or lines[-1] != "#EXT-X-ENDLIST":
        raise VerificationFailed("a playlist is not complete")
    maps = [_uri(parse_attributes(line)) for line in lines if line.startswith("#EXT-X-MAP:")]
    keys = [parse_attributes(line) for line in lines if line.startswith("#EXT-X-KEY:")]
    return HlsTrack(
        init=maps[0] if maps else None,
        segments=tuple(line for line in lines if not line.startswith("#")),
        kids=dict(_shown_kid(key) for key in keys),
        encrypted=bool(keys),
        embedded=frozenset(
            _data(key) for key in keys if _uri(key).startswith("data:") and key.get("KEYFORMAT") != CLEARKEY_FORMAT
        ),
    )


def _shown_kid(key: dict[str, str]) -> tuple[DrmSystem, str | None]:
    """The KID that a key line shows outright; PlayReady's is inside its header object."""
    form = key.get("KEYFORMAT", '"identity"')
    if form == _WIDEVINE:
        return DrmSystem.WIDEVINE, key.get("KEYID", "").removeprefix("0x").lower()
    if form == _FAIRPLAY:
        return DrmSystem.FAIRPLAY, _decoded(_uri(key).removeprefix("skd://")).hex()
    if form == _PLAYREADY:
        return DrmSystem.PLAYREADY, None
    if form == CLEARKEY_FORMAT:
        return DrmSystem.CLEARKEY, _data(key).hex()
    raise VerificationFailed(f"a playlist has a key line of format {form}")


def _data(key: dict[str, str]) -> bytes:
    return _decoded(_uri(key).partition("base64,")[2])


def _uri(attributes: dict[str, str]) -> str:
    if "URI" not in attributes:
        raise VerificationFailed("a playlist has a tag without its URI")
    return attributes["URI"].strip('"')


@dataclass(frozen=True)
class MasterPlaylist:
    """Paths relative to the master playlist: of the variants that players choose from, and of all it leads to."""

    variants: frozenset[str]
    playlists: frozenset[str]


def read_master(text: str) -> MasterPlaylist:
    """A path on a line of its own belongs to the EXT-X-STREAM-INF before it (RFC 8216, 4.3.4.2)."""
    lines = [line for line in text.splitlines() if line]
    others = [line for line in lines if line.startswith(("#EXT-X-MEDIA:", "#EXT-X-I-FRAME-STREAM-INF:"))]
    variants = frozenset(line for line in lines if not line.startswith("#"))
    return MasterPlaylist(variants, variants | {_uri(parse_attributes(line)) for line in others})
