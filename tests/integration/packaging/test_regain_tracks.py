"""The clear tracks come back from what is published, sample by sample, and can be packaged by either scheme again."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.isobmff.sample_table import read_samples
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable, StorageUnavailable
from core.services.media.frame_faults import frame_faults
from core.services.media.mezzanines import protected_tracks, track_key
from core.services.media.package_version import package_version
from core.services.media.regain_tracks import regain_tracks
from core.services.media.stored_plan import save_plan
from core.services.media.verify_version import verify_version
from tests.fixtures.packaged_titles import FixedKeys, Title, ignore, make_keys, random_key


@pytest.fixture(params=list(ProtectionScheme), ids=str)
def damaged(request: pytest.FixtureRequest, tmp_path: Path) -> Title:
    """Every scheme; a copy that the test may change."""
    title: Title = request.getfixturevalue(f"{request.param.value}_title")
    return title.copy(tmp_path)


async def regain(title: Title) -> VersionRef:
    """Regain the title's tracks for its next version."""
    target = replace(title.target, version=2)
    await regain_tracks(title.tools, title.keys, target, title.target, title.plan, ignore)
    return target


@contextmanager
def mapped(path: Path) -> Iterator[mmap.mmap]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def samples(path: Path) -> list[tuple[int, int, bytes]]:
    """(decode time, composition time, content) of each."""
    with mapped(path) as data:
        return [
            (each.decode_time, each.composition_time, data[each.offset : each.offset + each.size])
            for each in read_samples(data)
        ]


async def test_every_sample_comes_back_at_its_time(damaged: Title) -> None:
    target, readings = replace(damaged.target, version=2), list[float]()
    await regain_tracks(
        damaged.tools, damaged.keys, target, damaged.target, damaged.plan, lambda each: readings.append(each.fraction)
    )
    assert readings == sorted(readings)
    assert readings[-1] == pytest.approx(0.95)
    for track in protected_tracks(damaged.plan):
        before, after = damaged.mezzanine(f"{track.name}.mp4"), damaged.root / "bucket" / track_key(target, track)
        assert samples(after) == samples(before)
        with mapped(before) as old, mapped(after) as new:
            one, other = read_init_segment(old), read_init_segment(new)
        assert (other.handler, other.timescale, other.edit_start) == (one.handler, one.timescale, one.edit_start)
        assert [(e.coding, e.configuration) for e in other.entries] == [
            (e.coding, e.configuration) for e in one.entries
        ]
        assert other.systems == ()
        if track.kind == "video":
            assert damaged.plan.video is not None
            assert frame_faults(after, damaged.plan.video) == ()


@pytest.mark.parametrize("scheme", list(ProtectionScheme))
async def test_it_is_packaged_under_new_keys_by_any_scheme(damaged: Title, scheme: ProtectionScheme) -> None:
    target = await regain(damaged)
    plan = replace(damaged.plan, scheme=scheme)
    await save_plan(damaged.storage, target, plan)
    keys = FixedKeys(make_keys(plan))
    await package_version(damaged.tools, keys, target, ignore)
    result = await verify_version(damaged.tools, keys, target, ignore)
    assert result.tracks == 8
    new = replace(damaged, target=target)
    texts = [path.relative_to(damaged.published) for path in damaged.published.glob("text/*/*.*")]
    assert len([path for path in texts if path.suffix == ".vtt"]) >= 4
    for path in texts:
        if path.suffix == ".vtt" or (path.suffix == ".m4s" and scheme is not ProtectionScheme.AES128):
            assert (new.published / path).read_bytes() == (damaged.published / path).read_bytes()


async def test_pictures_come_along(damaged: Title) -> None:
    prefix = object_keys.published_prefix(damaged.target)
    pictures = {
        "thumbnails/storyboard.vtt": ("text/vtt", b"WEBVTT\n"),
        "thumbnails/poster.jpg": ("image/jpeg", b"\xff"),
    }
    for name, (content_type, content) in pictures.items():
        await damaged.storage.put_bytes(prefix + name, content, content_type)
    there = object_keys.published_prefix(await regain(damaged))
    for name, (content_type, content) in pictures.items():
        assert (await damaged.storage.stat(there + name)).content_type == content_type
        assert await damaged.storage.get_bytes(there + name) == content
    assert damaged.storage.writes[-1] == there + "thumbnails/storyboard.vtt"


async def test_what_is_stored_is_not_made_again(damaged: Title) -> None:
    """As after a worker that was killed, or a store that went away in the middle."""
    storage, third = damaged.storage, object_keys.mezzanine(replace(damaged.target, version=2), "180p.mp4")
    storage.refuse = lambda key: key == third
    with pytest.raises(StorageUnavailable):
        await regain(damaged)
    storage.refuse = lambda _: False
    before = set(storage.writes)
    assert len([key for key in before if "/v2/" in key]) == 2
    await regain(damaged)
    await regain(damaged)
    assert len(storage.writes) == len(set(storage.writes))
    assert not list((damaged.root / "scratch" / "jobs").iterdir())


@pytest.mark.parametrize(
    "name", ["video/90p/2.m4s", "audio/audio-1-en/init.mp4", "text/subtitle-1-ar/1.vtt", "master.m3u8"]
)
async def test_what_is_not_whole_is_refused(damaged: Title, name: str) -> None:
    (damaged.published / name).unlink()
    with pytest.raises(VerificationFailed, match=f"{name} is missing"):
        await regain(damaged)


async def test_a_missing_segment_in_the_manifest_is_a_missing_frame(damaged: Title) -> None:
    playlist = damaged.published / "video/120p/index.m3u8"
    text = playlist.read_text()
    assert "\n1.m4s\n" in text
    playlist.write_text(text.replace("\n1.m4s\n", "\n"))
    with pytest.raises(VerificationFailed, match="instead of 0"):
        await regain(damaged)


async def test_keys_that_are_not_the_tracks_are_refused(damaged: Title) -> None:
    """Sound would decrypt to noise and still look like sound."""
    scheme = damaged.plan.scheme
    damaged.keys = FixedKeys({**damaged.keys.keys, KeyLabel.AUDIO: random_key(KeyLabel.AUDIO, scheme)})
    with pytest.raises(VerificationFailed, match="not protected by the key of label AUDIO"):
        await regain(damaged)
    damaged.keys = FixedKeys({KeyLabel.AUDIO: random_key(KeyLabel.AUDIO, scheme)})
    with pytest.raises(KeyUnavailable):
        await regain(damaged)
