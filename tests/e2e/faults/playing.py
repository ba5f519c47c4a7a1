"""Proof that what was published plays, whole."""

from __future__ import annotations

from typing import Any

from cli.proof.result import PlaybackProof
from cli.proof.scripted import prove_by_script
from tests.e2e.faults.publication import Publication


async def open_session(publication: Publication) -> dict[str, Any]:
    """For a minute, the shortest there is."""
    answer = await publication.by.http.post(
        f"/v1/videos/{publication.video_id}/playback-sessions", json={"ttl_seconds": 60}
    )
    assert answer.status_code == 201, answer.text
    session: dict[str, Any] = answer.json()
    return session


async def play(publication: Publication, token: str | None = None, seconds: float = 1000) -> PlaybackProof:
    """With a session of its own unless one is given."""
    token = token or (await open_session(publication))["token"]
    return await prove_by_script(publication.by.platform.connection.url, token, seconds)
