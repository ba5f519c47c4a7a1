from __future__ import annotations

import base64
import contextlib
import logging
import re
import threading
from pathlib import Path

import pytest
from lxml import etree

from core.adapters.packager.dash import MPD
from core.adapters.packager.hls import parse_attributes
from core.contracts import object_keys
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable, StorageUnavailable
from core.services.media.package_version import package_version
from core.services.media.verify_version import verify_version
from tests.fixtures.packaged_titles import (
    AUDIO,
    RUNGS,
    FixedKeys,
    Title,
    encode_black,
    encode_silence,
    ignore,
    make_plan,
    make_title,
    random_key,
)


def published_files(title: Title) -> dict[str, bytes]:
    root = title.published
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def playlists(title: Title) -> dict[str, str]:
    return {name: data.decode() for name, data in published_files(title).items() if name.endswith(".m3u8")}


def key_lines(text: str) -> list[dict[str, str]]:
    return [parse_attributes(line) for line in text.splitlines() if line.startswith("#EXT-X-KEY")]


def test_layout_is_the_same_for_every_title(title):
    names = set(published_files(title))
    assert {"manifest.mpd", "master.m3u8"} <= names
    for rung in RUNGS:
        assert {f"video/{rung.name}/{n}" for n in ("init.mp4", "1.m4s", "3.m4s", "index.m3u8", "iframe.m3u8")} <= names
    assert {f"audio/audio-1-en/{n}" for n in ("init.mp4", "1.m4s", "index.m3u8")} <= names
    assert {f"text/subtitle-1-ar/{n}" for n in ("init.mp4", "2.m4s", "2.vtt", "index.m3u8")} <= names


def test_a_subtitle_without_cues_is_left_out(title):
    assert not any("subtitle-2-de" in name for name in published_files(title))
    assert b"subtitle-2-de" not in published_files(title)["manifest.mpd"]


async def test_objects_have_the_types_players_expect(title):
    listed = await title.storage.list(object_keys.published_prefix(title.target))
    types = {stat.key.rpartition("stream/")[2]: stat.content_type for stat in listed}
    assert types["manifest.mpd"] == "application/dash+xml"
    assert types["video/90p/index.m3u8"] == "application/vnd.apple.mpegurl"
    assert types["video/90p/init.mp4"] == "video/mp4"
    assert types["audio/audio-0-en/init.mp4"] == "audio/mp4"
    assert types["text/subtitle-1-ar/1.vtt"] == "text/vtt"
    assert types["text/subtitle-1-ar/init.mp4"] == "application/mp4"
    assert types["video/90p/1.m4s"] == "video/iso.segment"


def test_entry_points_are_stored_last(title):
    names = [key.rpartition("stream/")[2] for key in title.storage.writes if "/stream/" in key]
    assert set(names[-2:]) == {"manifest.mpd", "master.m3u8"}


def test_every_address_in_the_manifests_is_relative(title):
    for text in playlists(title).values():
        uris = re.findall(r'URI="([^"]*)"', text) + [line for line in text.splitlines() if line[:1] not in {"", "#"}]
        assert uris
        assert all(re.match(r"(data:text/plain;|skd://|[a-z0-9])", uri) for uri in uris)
        assert not any(uri.startswith(("/", "http", "file")) or ".." in uri for uri in uris)
    mpd = published_files(title)["manifest.mpd"]
    assert b"BaseURL" not in mpd
    assert not re.search(rb'(initialization|media)="(/|\w+:)', mpd)


def test_names_languages_and_flags_come_from_the_plan(title):
    tags = [parse_attributes(line) for line in playlists(title)["master.m3u8"].splitlines() if "EXT-X-MEDIA" in line]
    shown = {tag["URI"].split("/")[1]: tag for tag in tags}
    english, director = shown["audio-0-en"], shown["audio-1-en"]
    assert (english["NAME"], english["DEFAULT"], english["AUTOSELECT"]) == ('"English"', "YES", "YES")
    assert (director["NAME"], director["DEFAULT"], director["AUTOSELECT"]) == ("\"Director, 'commentary'\"", "NO", "NO")
    assert "LANGUAGE" not in shown["audio-2-und"]
    assert shown["subtitle-0-zh-Hant"]["LANGUAGE"] == '"zh-Hant"'
    assert shown["subtitle-1-ar"]["FORCED"] == "YES"
    assert "FORCED" not in shown["subtitle-0-zh-Hant"]


def test_the_mpd_keeps_tracks_of_one_language_apart(title):
    root = etree.fromstring(published_files(title)["manifest.mpd"])
    sets = {
        each.findtext(f"{MPD}Label"): (
            each.get("lang"),
            [role.get("value") for role in each.findall(f"{MPD}Role")],
            len(each.findall(f"{MPD}Representation")),
        )
        for each in root.iter(f"{MPD}AdaptationSet")
        if each.get("contentType") != "video"
    }
    assert sets == {
        "English": ("en", ["main"], 1),
        'Director, "commentary"': ("en", ["alternate"], 1),
        "Track 3": (None, ["alternate"], 1),
        "中文 & more": ("zh-Hant", ["subtitle", "main"], 1),
        "Arabic": ("ar", ["forced-subtitle"], 1),
    }
    assert root.get("type") == "static"


def test_playlists_signal_each_system_with_the_right_kid(title):
    expected = {'"org.w3.clearkey"', '"com.microsoft.playready"', '"urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed"'}
    method = "SAMPLE-AES-CTR"
    if title.plan.scheme is ProtectionScheme.CBCS:
        expected, method = expected | {'"com.apple.streamingkeydelivery"'}, "SAMPLE-AES"
    lines = key_lines(playlists(title)["video/180p/index.m3u8"])
    assert {line["KEYFORMAT"] for line in lines} == expected
    assert {line["METHOD"] for line in lines} == {method}
    kid = title.keys.keys[KeyLabel.HD].kid
    assert [line["KEYID"] for line in lines if "KEYID" in line] == [f"0x{kid}"]
    skd = [line["URI"] for line in lines if "skd:" in line["URI"]]
    assert skd == [f'"skd://{base64.b64encode(bytes.fromhex(kid)).decode()}"'] * len(skd)


def test_no_playlist_offers_a_key_in_the_clear(title):
    assert not any("identity" in text for text in playlists(title).values())


def test_iframe_playlists_point_at_key_frames(title):
    text = playlists(title)["video/90p/iframe.m3u8"]
    assert "#EXT-X-I-FRAMES-ONLY" in text
    ranges = re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)\n(\S+)", text)
    assert [name for *_, name in ranges] == ["1.m4s", "2.m4s", "3.m4s"]
    for length, offset, name in ranges:
        data = published_files(title)[f"video/90p/{name}"]
        assert data[int(offset) + 4 : int(offset) + 8] == b"moof"
        assert int(offset) + int(length) <= len(data)


async def test_packaging_again_replaces_everything_and_leaves_nothing_stale(damaged):
    before = set(published_files(damaged))
    await damaged.storage.put_bytes(f"{object_keys.published_prefix(damaged.target)}video/90p/99.m4s", b"x", "x/y")
    await damaged.storage.put_bytes(f"{object_keys.published_prefix(damaged.target)}thumbnails/1.jpg", b"x", "x/y")
    result = await package_version(damaged.tools, damaged.keys, damaged.target, ignore)
    assert set(published_files(damaged)) == before | {"thumbnails/1.jpg"}
    assert result.objects == len(before)
    assert (await verify_version(damaged.tools, damaged.keys, damaged.target, ignore)).tracks == 8


async def test_an_unavailable_store_is_reported_as_such_and_a_retry_completes(cbcs_title, tmp_path):
    title = cbcs_title.copy(tmp_path)
    title.storage.refuse = lambda key: key.endswith("video/180p/2.m4s")
    with pytest.raises(StorageUnavailable):
        await package_version(title.tools, title.keys, title.target, ignore)
    title.storage.refuse = lambda _key: False
    await package_version(title.tools, title.keys, title.target, ignore)
    await verify_version(title.tools, title.keys, title.target, ignore)


@pytest.mark.parametrize("step", [package_version, verify_version])
async def test_a_missing_key_or_one_of_another_scheme_stops_both_steps(cbcs_title, tmp_path, step):
    title = cbcs_title.copy(tmp_path)
    for wrong in ({}, {**title.keys.keys, KeyLabel.HD: random_key(KeyLabel.HD, ProtectionScheme.CENC)}):
        with pytest.raises(KeyUnavailable, match=title.target.video_id):
            await step(title.tools, FixedKeys(wrong), title.target, ignore)


async def test_progress_ends_at_one_and_never_falls(cbcs_title, tmp_path):
    title, readings = cbcs_title.copy(tmp_path), []
    await package_version(title.tools, title.keys, title.target, readings.append)
    fractions = [reading.fraction for reading in readings]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("scheme", list(ProtectionScheme), ids=str)
@pytest.mark.parametrize(
    "shape",
    [
        {"frames": 1, "audio": (), "subtitles": ()},
        {"frames": 1},
        {"rungs": (), "subtitles": ()},
        {"rungs": (), "audio": AUDIO[:1], "frames": 3},
        {"audio": ()},
    ],
    ids=["one_frame", "one_frame_with_sound", "audio_only", "short_audio_with_subtitles", "silent"],
)
async def test_unusual_titles_package_and_verify(tmp_path, scheme, shape):
    title = await make_title(tmp_path, make_plan(scheme, **shape))
    await package_version(title.tools, title.keys, title.target, ignore)
    result = await verify_version(title.tools, title.keys, title.target, ignore)
    assert result.samples > 0
    assert playlists(title)["master.m3u8"].count("#EXT-X-STREAM-INF") == max(1, len(shape.get("rungs", RUNGS)))


def secret_forms(title: Title) -> list[bytes]:
    forms: list[bytes] = []
    for key in title.keys.keys.values():
        hexed, coded = key.key.hex(), base64.b64encode(key.key)
        forms += [key.key, hexed.encode(), hexed.upper().encode(), coded, coded.rstrip(b"=")]
        forms += [base64.urlsafe_b64encode(key.key).rstrip(b"="), repr(key.key)[2:-1].encode()]
    return forms


@pytest.mark.parametrize(
    "options",
    [(), ("-slices", "4"), ("-aud", "1", "-x264-params", "repeat-headers=1")],
    ids=["one_slice", "four_slices", "headers_in_stream"],
)
async def test_frames_smaller_than_a_cipher_block_package_and_verify(title, tmp_path, options):
    """Under cbcs such slices have nothing to encrypt, which is no fault of the packager's."""
    copy = title.copy(tmp_path)
    for rung in RUNGS:
        encode_black(copy.mezzanine(f"{rung.name}.mp4"), rung, 120, *options)
    for track in AUDIO:
        encode_silence(copy.mezzanine(f"{track.name}.mp4"), copy.plan.audio[0])
    await package_version(copy.tools, copy.keys, copy.target, ignore)
    assert (await verify_version(copy.tools, copy.keys, copy.target, ignore)).samples > 1000


class ProcessWatcher:
    """Reads the command line of every process of the host, over and over, as any user of it could."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> ProcessWatcher:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.is_set():
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    self.seen.add(path.read_bytes())

    @property
    def saw_packager(self) -> bool:
        return any(b"--flagfile=" in line and b"packager" in line.split(b"\0")[0] for line in self.seen)


async def test_no_key_is_seen_in_argv_logs_objects_or_files(cbcs_title, tmp_path, caplog):
    title = cbcs_title.copy(tmp_path)
    caplog.set_level(logging.DEBUG)
    given: list[bytes] = []
    run = title.tools.runner.run

    async def look_first(command, job, **options):
        flags = job.path / "packager.flags"
        assert flags.stat().st_mode & 0o777 == 0o600
        given.append(flags.read_bytes())
        return await run(command, job, **options)

    title.tools.runner.run = look_first
    with ProcessWatcher() as watcher:
        for _ in range(50):  # the packager lives for a tenth of a second; repeat until it was seen alive
            await package_version(title.tools, title.keys, title.target, ignore)
            if watcher.saw_packager:
                break
    assert watcher.saw_packager
    assert all(key.key.hex().encode() in given[0] for key in title.keys.keys.values()), "the forms sought are right"
    left = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for where in (*watcher.seen, caplog.text.encode(), *left):
        assert not [form for form in secret_forms(title) if form in where]
    assert not list((tmp_path / "scratch" / "jobs").iterdir())


async def test_a_failing_packager_is_not_quoted_with_its_keys(cbcs_title, tmp_path):
    title = cbcs_title.copy(tmp_path)
    title.mezzanine("90p.mp4").write_bytes(b"not an mp4")
    with pytest.raises(Exception, match="packager") as caught:
        await package_version(title.tools, title.keys, title.target, ignore)
    shown = f"{caught.value!r} {caught.value} {vars(caught.value)}".encode()
    assert not [form for form in secret_forms(title) if form in shown]
    assert caught.value.__cause__ is None


async def test_keys_quoted_by_the_packager_are_redacted(cbcs_title, tmp_path):
    """A label without a key makes the packager fail, a malformed flag makes it quote the flag: see key_file.redact."""
    title = cbcs_title.copy(tmp_path)
    broken = random_key(KeyLabel.HD, ProtectionScheme.CBCS)
    object.__setattr__(broken, "kid", "not hex")
    title.keys = FixedKeys({**title.keys.keys, KeyLabel.HD: broken})
    with pytest.raises(Exception, match="packager") as caught:
        await package_version(title.tools, title.keys, title.target, ignore)
    assert "[redacted]" in caught.value.tail
    assert not [form for form in secret_forms(title) if form in str(vars(caught.value)).encode()]
