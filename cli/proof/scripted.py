"""Proof without a browser: does over HTTP what a player does, then decrypts and decodes what came."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from cli.proof.client import PlaybackRefused, PlayerClient
from cli.proof.decoding import Decoded, NotDecodable, decode
from cli.proof.manifest import ManifestUnreadable, Track
from cli.proof.result import PlaybackProof


async def prove_by_script(api_url: str, token: str, seconds: float = 3.0) -> PlaybackProof:
    """Play the first `seconds` of the smallest picture and of one audio track.

    Each must be undecodable before the licence and decodable after it. Never raises for what a server or the
    content does wrong: that is the proof's `error`.
    """
    with tempfile.TemporaryDirectory(prefix="sealcast-proof-") as folder:
        async with httpx.AsyncClient(timeout=30.0) as http:
            try:
                return await _play(PlayerClient(http, api_url, token), seconds, Path(folder))
            except PlaybackRefused as refusal:
                return PlaybackProof("script", error=refusal.code)
            except ManifestUnreadable:
                return PlaybackProof("script", error="PLAYBACK_FAILED")
            except NotDecodable:
                return PlaybackProof("script", error="DECODING_FAILED")
            except httpx.TransportError:
                return PlaybackProof("script", error="NETWORK")


async def _play(client: PlayerClient, seconds: float, folder: Path) -> PlaybackProof:
    session = await client.session()
    chosen = _choose(await client.tracks(session))
    media = {
        track: await client.download(track, track.covering(seconds), folder / f"{index}.mp4")
        for index, track in enumerate(chosen)
    }
    if any(track.kid is None for track in chosen):
        return PlaybackProof("script", error="NOT_ENCRYPTED")
    before = {track: await _decoded_without_key(path) for track, path in media.items()}
    kids = {track.kid for track in chosen if track.kid is not None}
    keys = await client.licence(session, kids)
    if not kids <= keys.keys():
        return PlaybackProof("script", error="LICENCE_REFUSED")
    after = {track: await decode(path, keys[track.kid or ""]) for track, path in media.items()}
    if any(before[track] == after[track].checksums for track in chosen):
        return PlaybackProof("script", error="NOT_ENCRYPTED")
    return _proof(session.duration, kids, after)


def _choose(tracks: Sequence[Track]) -> list[Track]:
    """The smallest video and the first audio, whichever of them exist."""
    videos = sorted((track for track in tracks if track.content_type == "video"), key=lambda track: track.bandwidth)
    audios = [track for track in tracks if track.content_type == "audio"]
    chosen = [*videos[:1], *audios[:1]]
    if not chosen:
        raise ManifestUnreadable("neither video nor audio")
    return chosen


async def _decoded_without_key(path: Path) -> tuple[str, ...] | None:
    try:
        return (await decode(path, None)).checksums
    except NotDecodable:
        return None


def _proof(duration: float, kids: set[str], decoded: dict[Track, Decoded]) -> PlaybackProof:
    video = next((result for track, result in decoded.items() if track.content_type == "video"), None)
    audio = next((result for track, result in decoded.items() if track.content_type == "audio"), None)
    return PlaybackProof(
        method="script",
        current_time=min(result.seconds for result in decoded.values()),
        duration=duration,
        decoded_frames=len(video.checksums) if video else 0,
        decoded_audio=len(audio.checksums) if audio else 0,
        width=video.width if video else 0,
        height=video.height if video else 0,
        key_statuses=dict.fromkeys(sorted(kids), "usable"),
    )
