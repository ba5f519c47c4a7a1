"""A compromised key: `sealcast keys rekey` over real servers, the real packager and the real workers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.client import Client

from cli import rekey as command
from cli.failures import CommandFailed
from core.contracts import workflow_ids
from core.contracts.version_ref import VersionRef
from core.db.migrate import migrate
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import KeyState
from core.domain.errors import Conflict, NotFound
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.video import VideoState
from core.services.keys.revoke_content_key import revoke_content_key
from core.services.progress.read_progress import progress_of
from core.settings import Settings
from tests.fixtures.database import empty_database_url
from tests.fixtures.process_watch import ProcessWatch, program
from tests.fixtures.secret_search import Secret, SecretSearch
from tests.workflows.published_title import PICTURES, PublishedTitle, publish_title

pytestmark = pytest.mark.stack

__all__ = ["empty_database_url"]

TRACKS = {"video/90p": KeyLabel.SD, "video/180p": KeyLabel.HD, "audio/audio-0-en": KeyLabel.AUDIO}


@pytest.fixture
async def uow(empty_database_url: str) -> AsyncIterator[UnitOfWorkFactory]:
    migrate(empty_database_url)
    async with open_database(empty_database_url) as factory:
        yield factory


@pytest.fixture
async def published(
    uow: UnitOfWorkFactory, empty_database_url: str, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PublishedTitle:
    """Also makes its settings those of the operator's shell."""
    settings = Settings(database_url=empty_database_url, temporal_address=server, temporal_namespace="default")
    made = await publish_title(tmp_path, uow, settings)
    monkeypatch.setattr(command, "settings_or_explain", lambda: made.settings)
    monkeypatch.setattr(command, "_INTERVAL", 0.05)
    return made


async def test_a_compromised_title_is_published_under_new_keys_and_the_old_ones_are_gone(
    client: Client, published: PublishedTitle, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = published.target, replace(published.target, version=2)
    old_keys, before = await published.keys(1), published.objects(1)
    assert all(piece not in content for piece in published.clear.values() for content in before.values())
    await _revoke(published, old_keys[KeyLabel.HD])
    with ProcessWatch() as watch:
        async with published.workers(client):
            await command.run_rekey(old.video_id, None, wait=True)
            done = await client.get_workflow_handle(workflow_ids.rekey_video(new)).result()
    assert done["target"]["version"] == 2
    printed = capsys.readouterr().out
    assert "regain: done" in printed
    assert "published as version 2" in printed
    new_keys, after = await published.keys(2), published.objects(2)
    _same_title(published, (before, old_keys), (after, new_keys))
    _nothing_clear(published, after)
    assert set(published.objects(1)) == {"original"}
    await _rows(published)
    secrets = [Secret(f"{key.label} {key.kid}", key.key) for key in (*old_keys.values(), *new_keys.values())]
    await _no_key_shows(client, new, watch, secrets)


async def test_a_title_whose_keys_change_inside_it_keeps_its_crypto_periods(
    client: Client,
    uow: UnitOfWorkFactory,
    empty_database_url: str,
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = Settings(database_url=empty_database_url, temporal_address=server, temporal_namespace="default")
    published = await publish_title(tmp_path, uow, settings, crypto_period_seconds=4)
    monkeypatch.setattr(command, "settings_or_explain", lambda: published.settings)
    monkeypatch.setattr(command, "_INTERVAL", 0.05)
    old_keys = await published.keys(1)
    async with published.workers(client):
        await command.run_rekey(published.target.video_id, None, wait=True)
        await client.get_workflow_handle(workflow_ids.rekey_video(replace(published.target, version=2))).result()
    new_keys, objects = await published.keys(2), published.objects(2)
    old, new = ({key.kid for first in keys.values() for key in first.periods} for keys in (old_keys, new_keys))
    assert (len(new), old & new) == (6, set())
    for track, label in TRACKS.items():
        shown = re.findall(r"KEYID=0x([0-9a-f]{32})", objects[f"stream/{track}/index.m3u8"].decode())
        assert shown == [key.kid for key in new_keys[label].periods]
    async with uow() as work:
        keys = await work.keys.content_keys(published.target)
    assert {(key.kid in old, key.state) for key in keys} == {(True, KeyState.DESTROYED)}
    assert len(keys) == 6


def _same_title(
    published: PublishedTitle,
    old: tuple[dict[str, bytes], dict[KeyLabel, ContentKey]],
    new: tuple[dict[str, bytes], dict[KeyLabel, ContentKey]],
) -> None:
    """The same frames at the same times, under other keys: each opens its own version only."""
    assert not {key.kid for key in old[1].values()} & {key.kid for key in new[1].values()}
    assert not {key.key for key in old[1].values()} & {key.key for key in new[1].values()}
    for track, label in TRACKS.items():
        expected = published.frames(old[0], track, old[1][label])
        assert len(expected) >= 120
        assert published.frames(new[0], track, new[1][label]) == expected
        assert not set(_pictures(published.frames(new[0], track, old[1][label]))) & set(_pictures(expected))
    assert set(new[0]) == set(old[0]) - {"original"}
    assert {f"stream/{name}" for name in PICTURES} <= set(new[0])
    unchanged = [name for name in new[0] if name.endswith((".vtt", ".jpg"))]
    assert len(unchanged) >= len(PICTURES) + 2
    assert all(new[0][name] == old[0][name] for name in unchanged)


def _pictures(frames: list[str]) -> list[str]:
    """Without their times."""
    return [line.split(",")[-1].strip() for line in frames]


def _nothing_clear(published: PublishedTitle, objects: dict[str, bytes]) -> None:
    assert all(name.startswith("stream/") for name in objects)
    assert len(published.clear) == len(TRACKS)
    for name, piece in published.clear.items():
        assert [place for place, content in objects.items() if piece in content] == [], name


async def _rows(published: PublishedTitle) -> None:
    target = published.target
    async with published.uow() as work:
        video = await work.videos.get(target.organisation_id, target.video_id)
        first, second = await work.videos.versions(target.organisation_id, target.video_id)
        keys = await work.keys.content_keys(target)
        tracks = await work.variants.of_version(replace(target, version=2))
        audit = await work.key_audit.entries(target.organisation_id, 0, 100)
        steps = progress_of(second, await work.progress.of_version(replace(target, version=2)), second.updated_at).steps
    assert (video.status, video.current_version) == (VideoState.READY, 2)
    assert (first.status, second.status) == (VideoState.RETIRED, VideoState.READY)
    assert (second.rekeyed_from, second.source_key, second.scheme) == (1, first.source_key, "cbcs")
    assert {(key.state, key.wrapped_key) for key in keys} == {(KeyState.DESTROYED, b"")}
    assert len(tracks) == 4
    uses = [(entry.use.purpose, entry.use.actor, set(entry.kids)) for entry in audit]
    assert ("rekeying", "step:regain_tracks", {key.kid for key in keys}) in uses
    assert [(step.step, step.state) for step in steps] == [
        (name, "done") for name in ("plan", "regain", "package", "verify", "publish")
    ]


async def _no_key_shows(client: Client, new: VersionRef, watch: ProcessWatch, secrets: list[Secret]) -> None:
    programs = {program(arguments) for seen in watch.seen.values() for arguments in seen.views}
    assert any(name.startswith("packager") for name in programs), programs
    handle = client.get_workflow_handle(workflow_ids.rekey_video(new))
    history = b"".join(event.SerializeToString() for event in (await handle.fetch_history()).events)
    assert b"regain_tracks" in history
    assert SecretSearch(secrets).in_all({"processes": watch.everything(), "history": history}) == set()


async def _revoke(published: PublishedTitle, key: ContentKey) -> None:
    async with published.uow() as work:
        await revoke_content_key(work, published.target.organisation_id, key.kid, "test", "test")
        await work.commit()


async def test_what_cannot_be_regained_stays_published(
    client: Client, published: PublishedTitle, capsys: pytest.CaptureFixture[str]
) -> None:
    before = published.objects(1)
    segment = published.title.published / "video/180p/2.m4s"
    segment.write_bytes(segment.read_bytes()[:-100])
    async with published.workers(client):
        with pytest.raises(CommandFailed, match="version 2 is failed"):
            await command.run_rekey(published.target.video_id, ProtectionScheme.CENC, wait=True)
    assert published.objects(2) == {}
    assert set(published.objects(1)) == set(before)
    new = replace(published.target, version=2)
    async with published.uow() as work:
        video = await work.videos.get(new.organisation_id, new.video_id)
        failed = await work.videos.version(new)
        keys = await work.keys.content_keys(new)
    assert (video.status, video.current_version) == (VideoState.READY, 1)
    assert (failed.status, failed.failure_code) == (VideoState.FAILED, "VERIFICATION_FAILED")
    assert keys == []
    assert len(await published.keys(1)) == len(TRACKS)


async def test_the_command_names_what_is_wrong(published: PublishedTitle) -> None:
    for wrong, error in (("0" * 32, NotFound), ("nonsense", CommandFailed)):
        with pytest.raises(error):
            await command.run_rekey(wrong, None, wait=False)
    async with published.uow() as work:
        video = await work.videos.lock(published.target.organisation_id, published.target.video_id)
        video.status = VideoState.DELETING
        await work.commit()
    with pytest.raises(Conflict):
        await command.run_rekey(published.target.video_id, None, wait=False)
