"""Replacing and deleting a video while somebody watches it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.upload import _send_parts
from tests.e2e.faults.conftest import Site
from tests.e2e.faults.playing import open_session, play
from tests.e2e.faults.publication import Publication, Publisher, is_hit, until
from tests.fixtures.clips import make_clip
from tests.fixtures.fault_proxy import Fault, Trouble

pytestmark = pytest.mark.stack

_WATCHES_FOR = 20
"""Seconds. The shortest session of the API lasts a minute, so the test ends it in the database."""


async def test_replaced_and_deleted_versions_stay_until_their_last_session_has_ended(
    site: Site, publisher: Publisher, short_clip: Path, tmp_path: Path
) -> None:
    """Both at once, because both wait for a viewer."""
    other = make_clip(tmp_path / "other.mp4", seconds=3, size="426x240")
    first, second = await asyncio.gather(publisher.publish(short_clip), publisher.publish(short_clip))
    assert [await first.ended(), await second.ended()] == ["ready", "ready"]
    await asyncio.gather(replaced_while_watched(site, first, other), deleted_while_watched(second))


async def replaced_while_watched(site: Site, old: Publication, clip: Path) -> None:
    session = await open_session(old)
    new = replace(old, target=replace(old.target, version=2))
    with site.orchestration_store.fault(Fault(Trouble.HOLD, "GET", f"{old.video_id}/v2/stream/")) as switching:
        await upload_replacement(old, clip)
        await until(lambda: is_hit(switching), "the switch")
        end_session_soon(old)
    assert await new.ended() == "ready"
    assert (await play(old, session["token"])).decoded_frames == 100, "the running session sees what it began"
    assert (await play(new)).decoded_frames == 75
    await until(lambda: is_in(old, "retired"), "the end of the old version")
    await until(lambda: is_empty(old, "v1/"), "the removal of the old version")
    assert (old.usable_keys(), new.usable_keys() > 0) == (0, True)
    assert (await play(new)).decoded_frames == 75


async def deleted_while_watched(publication: Publication) -> None:
    session = await open_session(publication)
    end_session_soon(publication)
    http = publication.by.http
    assert (await http.delete(f"/v1/videos/{publication.video_id}")).status_code == 202
    assert (await http.post(f"/v1/videos/{publication.video_id}/playback-sessions", json={})).status_code == 404
    assert (await play(publication, session["token"])).decoded_frames == 100
    await until(lambda: is_in(publication, "deleted"), "the end of the video")
    assert await publication.objects() == {}
    assert publication.usable_keys() == 0
    assert (await play(publication, session["token"])).error is not None


async def upload_replacement(publication: Publication, clip: Path) -> None:
    body = {"filename": clip.name, "size": clip.stat().st_size}
    answer = await publication.by.http.post(f"/v1/videos/{publication.video_id}/replacement", json=body)
    assert answer.status_code == 201, answer.text
    upload: dict[str, Any] = answer.json()
    api = publication.by.api
    await _send_parts(api, publication.video_id, clip, upload["part_size"], upload["part_count"], lambda _: None)
    await api.complete_upload(publication.video_id)


def end_session_soon(publication: Publication) -> None:
    publication.by.rows(
        "UPDATE playback_sessions SET expires_at = now() + make_interval(secs => %s) WHERE video_id = %s",
        _WATCHES_FOR,
        publication.video_id,
    )


async def is_empty(publication: Publication, prefix: str) -> bool:
    """Objects go after the state has changed."""
    return not await publication.objects(prefix)


async def is_in(publication: Publication, state: str) -> bool:
    return await publication.state() == state
