"""The HTTP side of a player: session, manifest, segments, licence."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx

from cli.proof.manifest import ManifestUnreadable, Segment, Track, parse_manifest


class PlaybackRefused(Exception):
    """A server said no; `code` is the one that the player page shows for the same answer."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code} ({detail})")
        self.code = code


@dataclass(frozen=True)
class Session:
    """`duration` in seconds; the addresses are absolute. A title under AES-128 has no DASH."""

    duration: float
    dash_url: str | None
    licence_url: str


class PlayerClient:
    """Fetches as the player page does: the token goes to the API and the licence server, media paths are signed."""

    def __init__(self, http: httpx.AsyncClient, api_url: str, token: str) -> None:
        self._http = http
        self._api_url = api_url.rstrip("/")
        self._authorisation = {"Authorization": f"Bearer {token}"}

    async def session(self) -> Session:
        url = f"{self._api_url}/api/playback/session"
        answer = await self._http.get(url, headers=self._authorisation)
        refusals = {401: "SESSION_EXPIRED", 403: "SESSION_REFUSED", 404: "TITLE_UNAVAILABLE"}
        body = _accepted(answer, refusals).json()
        return Session(
            duration=float(body["duration"]),
            dash_url=urljoin(url, body["dash_url"]) if body["dash_url"] else None,
            licence_url=urljoin(url, body["licence_url"]),
        )

    async def tracks(self, session: Session) -> tuple[Track, ...]:
        """Raises PlaybackRefused, ManifestUnreadable."""
        if session.dash_url is None:
            raise ManifestUnreadable("the title has no DASH manifest")
        return parse_manifest(await self._media(session.dash_url), session.dash_url)

    async def download(self, track: Track, segments: tuple[Segment, ...], into: Path) -> Path:
        """Initialisation and media segments, one after the other, as one fragmented MP4."""
        parts = [await self._media(url) for url in (track.init_url, *(segment.url for segment in segments))]
        await asyncio.to_thread(into.write_bytes, b"".join(parts))
        return into

    async def licence(self, session: Session, kids: set[str]) -> dict[str, bytes]:
        """Key id (hex) → 16-byte key, by one ClearKey request (W3C EME, section 9.1.3)."""
        request = {"kids": [_to_base64url(bytes.fromhex(kid)) for kid in sorted(kids)], "type": "temporary"}
        answer = await self._http.post(session.licence_url, json=request, headers=self._authorisation)
        refusals = {401: "SESSION_EXPIRED", 403: "LICENCE_REFUSED", 404: "LICENCE_REFUSED"}
        body: dict[str, Any] = _accepted(answer, refusals).json()
        return {_from_base64url(key["kid"]).hex(): _from_base64url(key["k"]) for key in body["keys"]}

    async def _media(self, url: str) -> bytes:
        refusals = {401: "SESSION_EXPIRED", 403: "SESSION_EXPIRED", 404: "TITLE_UNAVAILABLE"}
        return _accepted(await self._http.get(url), refusals).content


def _accepted(answer: httpx.Response, refusals: dict[int, str]) -> httpx.Response:
    if answer.is_success:
        return answer
    if _problem_code(answer) == "SESSION_ENDED":
        raise PlaybackRefused("SESSION_EXPIRED", f"HTTP {answer.status_code}")
    raise PlaybackRefused(refusals.get(answer.status_code, "SERVICE_UNAVAILABLE"), f"HTTP {answer.status_code}")


def _problem_code(answer: httpx.Response) -> str | None:
    """The stable code of an RFC 9457 problem; None when the answer is something else."""
    if answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        code: str | None = answer.json().get("code")
        return code
    return None


def _to_base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
