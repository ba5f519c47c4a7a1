"""HLS under AES-128: packaged, verified, opened by ffmpeg, and refused when it is not what it must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.services.media.package_version import package_version
from core.services.media.verification.whole_segments import opened
from core.services.media.verify_version import verify_version
from tests.fixtures.packaged_titles import AUDIO, FixedKeys, Title, ignore, make_plan, make_title, random_key
from tests.integration.packaging.test_decrypt_with_ffmpeg import TRACKS, decoded

AES128 = ProtectionScheme.AES128


@pytest.fixture
def damaged(aes128_title: Title, tmp_path: Path) -> Title:
    return aes128_title.copy(tmp_path)


async def verdict(title: Title) -> str:
    with pytest.raises(VerificationFailed) as caught:
        await verify_version(title.tools, title.keys, title.target, ignore)
    return caught.value.detail


def edit(title: Title, name: str, change: Callable[[bytes], bytes]) -> None:
    path = title.published / name
    before = path.read_bytes()
    after = change(before)
    assert after != before, "the damage must be real"
    path.write_bytes(after)


async def test_a_sound_title_passes_with_all_its_samples(aes128_title: Title) -> None:
    readings = []
    result = await verify_version(aes128_title.tools, aes128_title.keys, aes128_title.target, readings.append)
    assert result.tracks == 3 + 3 + 2
    assert result.samples >= 3 * 120 + 3 * 234
    assert readings[-1].fraction == 1.0


def test_there_is_hls_and_nothing_for_dash(aes128_title: Title) -> None:
    names = {path.relative_to(aes128_title.published).as_posix() for path in aes128_title.published.rglob("*.*")}
    assert {"master.m3u8", "video/180p/init.mp4", "video/180p/3.m4s", "text/subtitle-1-ar/2.vtt"} <= names
    assert not [name for name in names if name.endswith((".mpd", "iframe.m3u8")) or re.match("text/.*m4s", name)]


def test_playlists_name_the_key_of_their_label_without_an_address(aes128_title: Title) -> None:
    for folder, label in [
        ("video/90p", KeyLabel.SD),
        ("video/180p", KeyLabel.HD),
        ("audio/audio-0-en", KeyLabel.AUDIO),
    ]:
        text = (aes128_title.published / folder / "index.m3u8").read_text()
        kid = aes128_title.keys.keys[label].kid
        assert re.findall("#EXT-X-KEY.*", text) == re.findall(
            rf'#EXT-X-KEY:METHOD=AES-128,URI="urn:uuid:{kid}",IV=0x[0-9a-f]{{32}}', text
        )
        assert text.count("#EXT-X-KEY") == 1


@pytest.mark.parametrize(("folder", "mezzanine", "label"), TRACKS, ids=[track[0] for track in TRACKS])
def test_ffmpeg_opens_a_playlist_to_the_frames_of_its_mezzanine(
    damaged: Title, folder: str, mezzanine: str, label: KeyLabel
) -> None:
    """A second opinion: ffmpeg reads the playlist and decrypts the segments as any HLS player does."""
    place = damaged.published / folder
    (place / "key").write_bytes(damaged.keys.keys[label].key)
    playlist = place / "index.m3u8"
    playlist.write_text(re.sub(r"urn:uuid:[0-9a-f]+", "key", playlist.read_text()))
    expected = decoded("-i", str(damaged.mezzanine(mezzanine)))
    options = ("-allowed_extensions", "ALL", "-extension_picky", "0", "-protocol_whitelist", "file,crypto")
    assert decoded(*options, "-i", str(playlist)) == expected
    assert len(expected) >= 100


@pytest.mark.parametrize("track", ["video/180p", "audio/audio-1-en"])
@pytest.mark.parametrize("place", [0, 0.5, 0.9999])
async def test_one_flipped_bit_is_found(damaged: Title, track: str, place: float) -> None:
    def flip(data: bytes) -> bytes:
        at = int(len(data) * place)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    edit(damaged, f"{track}/2.m4s", flip)
    assert f"{track}/2.m4s: " in await verdict(damaged)


async def test_a_segment_in_the_clear_is_found(damaged: Title) -> None:
    key = damaged.keys.keys[KeyLabel.SD]
    playlist = (damaged.published / "video/90p/index.m3u8").read_text()
    iv = bytes.fromhex(re.findall("IV=0x([0-9a-f]{32})", playlist)[0])
    edit(damaged, "video/90p/2.m4s", lambda data: opened(data, key.key, iv))
    assert "video/90p/2.m4s: the segment does not decrypt" in await verdict(damaged)


async def test_another_key_is_found(damaged: Title) -> None:
    other = random_key(KeyLabel.HD, AES128)
    object.__setattr__(other, "kid", damaged.keys.keys[KeyLabel.HD].kid)
    damaged.keys = FixedKeys({**damaged.keys.keys, KeyLabel.HD: other})
    assert "video/180p/1.m4s" in await verdict(damaged)


@pytest.mark.parametrize(
    ("name", "before", "after", "reason"),
    [
        ("video/180p/index.m3u8", b"urn:uuid:", b"urn:uuid:0", "does not name one AES-128 key"),
        ("video/180p/index.m3u8", b"urn:uuid:", b"https://elsewhere/", "does not name one AES-128 key"),
        ("video/180p/index.m3u8", b",IV=0x", b",X=0x", "does not name one AES-128 key"),
        ("video/180p/index.m3u8", b"METHOD=AES-128", b"METHOD=NONE", "does not name one AES-128 key"),
        ("video/180p/index.m3u8", b"#EXT-X-KEY", b"#EXT-X-KEY:METHOD=NONE\n#EXT-X-KEY", "one key"),
        ("video/180p/index.m3u8", b"2.m4s", b"2.m4s\n#EXT-X-KEY:METHOD=NONE", "one key"),
        ("video/180p/index.m3u8", b"#EXT-X-KEY", b"0.m4s\n#EXT-X-KEY", "a segment before its key"),
        ("video/180p/index.m3u8", b"IV=0x", b"IV=0x0", "does not name one AES-128 key"),
        ("video/180p/index.m3u8", b"#EXT-X-ENDLIST", b"", "not complete"),
        ("video/180p/init.mp4", b"avc1\0", b"encv\0", "video/180p/init.mp4"),
        ("text/subtitle-1-ar/2.vtt", b"WEBVTT", b"nothing", "not WebVTT"),
        ("text/subtitle-1-ar/index.m3u8", b"#EXTINF", b"#EXT-X-KEY:METHOD=NONE\n#EXTINF", "announced as encrypted"),
        ("master.m3u8", b"video/180p/index.m3u8", b"video/90p/index.m3u8", "does not lead to every track"),
    ],
)
async def test_changed_playlists_are_found(damaged: Title, name: str, before: bytes, after: bytes, reason: str) -> None:
    edit(damaged, name, lambda data: data.replace(before, after, 1))
    assert reason in await verdict(damaged)


async def test_keys_swapped_between_labels_are_found(damaged: Title) -> None:
    kids = [damaged.keys.keys[label].kid.encode() for label in (KeyLabel.HD, KeyLabel.SD)]
    edit(damaged, "video/180p/index.m3u8", lambda data: data.replace(kids[0], kids[1]))
    assert "is announced with KID" in await verdict(damaged)


async def test_missing_and_left_over_objects_are_found(damaged: Title) -> None:
    (damaged.published / "video/90p/77.m4s").write_bytes(b"left over")
    assert "video/90p/77.m4s is in no manifest" in await verdict(damaged)
    (damaged.published / "video/90p/77.m4s").rename(damaged.published / "video/90p/2.m4s")
    (damaged.published / "video/90p/3.m4s").unlink()
    assert "video/90p/3.m4s is missing" in await verdict(damaged)


@pytest.mark.parametrize(
    "shape",
    [{"frames": 1}, {"rungs": (), "subtitles": ()}, {"rungs": (), "audio": AUDIO[:1], "frames": 3}, {"audio": ()}],
    ids=["one_frame_with_sound", "audio_only", "short_audio_with_subtitles", "silent"],
)
async def test_unusual_titles_package_and_verify(tmp_path: Path, shape: dict[str, object]) -> None:
    title = await make_title(tmp_path, make_plan(AES128, **shape))  # type: ignore[arg-type]
    await package_version(title.tools, title.keys, title.target, ignore)
    assert (await verify_version(title.tools, title.keys, title.target, ignore)).samples > 0
    assert (title.published / "master.m3u8").read_text().count("#EXT-X-STREAM-INF") >= 1
