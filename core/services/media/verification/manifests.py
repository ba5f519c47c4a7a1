"""What the published manifests promise players, track by track."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from core.adapters.packager.dash import DEFAULT_KID, MPD, PROTECTION, parse_mpd, protection_system
from core.adapters.packager.hls import CLEARKEY_FORMAT, parse_attributes
from core.domain.drm.systems import DrmSystem
from core.domain.drm.verification import VerificationFailed

_HEADERS = ("{urn:mpeg:cenc:2013}pssh", "{urn:microsoft:playready}pro")
_WIDEVINE = f'"urn:uuid:{DrmSystem.WIDEVINE.value}"'
_PLAYREADY = '"com.microsoft.playready"'
_FAIRPLAY = '"com.apple.streamingkeydelivery"'


@dataclass(frozen=True)
class KeyRun:
    """Key lines that stand together: they apply from the segment with the index `first` on.

    `kids` are those the lines show, by system; `embedded` are the DRM headers that they carry, decoded.
    """

    first: int
    kids: dict[DrmSystem, str | None]
    embedded: frozenset[bytes]


@dataclass(frozen=True)
class DashTrack:
    """One Representation. Paths are relative to the MPD; `kid` is hex, None when nothing is protected.

    `systems` are announced for it; `embedded` are the DRM headers that the manifest carries, decoded. `runs` are the
    key lines of the HLS playlist over the same segments, where that was read too.
    """

    init: str
    segments: tuple[str, ...]
    kid: str | None
    systems: frozenset[DrmSystem] = frozenset()
    embedded: frozenset[bytes] = frozenset()
    runs: tuple[KeyRun, ...] = ()

    def shown_period(self, segment: int) -> int:
        """The crypto period that the playlist has the segment in: each run of key lines begins one."""
        return sum(1 for run in self.runs if run.first <= segment) - 1


@dataclass(frozen=True)
class HlsTrack:
    """One media playlist. Paths are relative to the playlist; `runs` are its key lines, in their order."""

    init: str | None
    segments: tuple[str, ...]
    runs: tuple[KeyRun, ...]


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
    kid = next((each.get(DEFAULT_KID) for each in protections if each.get(DEFAULT_KID)), None)
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
    return HlsTrack(
        init=maps[0] if maps else None,
        segments=tuple(line for line in lines if not line.startswith("#")),
        runs=tuple(_key_runs(lines)),
    )


def _key_runs(lines: list[str]) -> Iterator[KeyRun]:
    """Lines of EXT-X-KEY with no segment between them are one key in several formats (RFC 8216, 4.3.2.4)."""
    segments, run = 0, list[dict[str, str]]()
    for line in lines:
        if line.startswith("#EXT-X-KEY:"):
            run.append(parse_attributes(line))
        elif not line.startswith("#"):
            if run:
                yield _key_run(segments, run)
            segments, run = segments + 1, []
    if run:
        yield _key_run(segments, run)


def _key_run(first: int, keys: list[dict[str, str]]) -> KeyRun:
    headers = [key for key in keys if _uri(key).startswith("data:") and key.get("KEYFORMAT") != CLEARKEY_FORMAT]
    return KeyRun(first, dict(map(_shown_kid, keys)), frozenset(map(_data, headers)))


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
