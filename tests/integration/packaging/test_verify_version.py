from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from core.adapters.isobmff.boxes import boxes, find
from core.adapters.isobmff.fragments import read_fragments
from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.isobmff.sample_table import read_samples
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import ObjectNotFound, StorageUnavailable
from core.services.media.package_version import package_version
from core.services.media.verify_version import verify_version
from tests.fixtures.packaged_titles import FixedKeys, Title, encode_video, ignore, random_key

COMMON = b"1077efec-c0b2-4d02-ace3-3c1e52e2fb4b"
"""The system that dash.js fails on."""


async def verdict(title: Title) -> str:
    """The reason given for refusing a title; fails when it is accepted."""
    with pytest.raises(VerificationFailed) as caught:
        await verify_version(title.tools, title.keys, title.target, ignore)
    assert caught.value.code == "VERIFICATION_FAILED"
    return caught.value.detail


def edit(title: Title, name: str, change: Callable[[bytes], bytes]) -> None:
    path = title.published / name
    before = path.read_bytes()
    after = change(before)
    assert after != before, "the damage must be real"
    path.write_bytes(after)


async def test_a_sound_title_passes_with_all_its_samples(title):
    result = await verify_version(title.tools, title.keys, title.target, ignore)
    assert result.tracks == 3 + 3 + 2
    assert result.samples >= 3 * 120 + 3 * 234


async def test_progress_counts_segments_to_the_end(title):
    readings = []
    await verify_version(title.tools, title.keys, title.target, readings.append)
    fractions = [reading.fraction for reading in readings]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("track", ["video/180p", "audio/audio-1-en"])
@pytest.mark.parametrize("place", [0.3, 0.6, 0.999])
async def test_one_flipped_bit_in_the_media_is_found(damaged, track, place):
    def flip(data: bytes) -> bytes:
        mdat = next(box for box in boxes(data) if box.kind == b"mdat")
        at = mdat.body + int((mdat.end - mdat.body - 1) * place)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    edit(damaged, f"{track}/2.m4s", flip)
    assert f"{track}/2.m4s: sample" in await verdict(damaged)


async def test_a_truncated_segment_is_found(damaged):
    edit(damaged, "video/90p/2.m4s", lambda data: data[:-10])
    assert "video/90p/2.m4s" in await verdict(damaged)


async def test_a_missing_segment_is_found(damaged):
    (damaged.published / "video/120p/2.m4s").unlink()
    assert "video/120p/2.m4s is missing" in await verdict(damaged)


async def test_a_last_segment_missing_from_manifests_too_is_found(damaged):
    (damaged.published / "audio/audio-0-en/3.m4s").unlink()
    for name in ("manifest.mpd", "audio/audio-0-en/index.m3u8"):
        edit(damaged, name, partial(_without_third_segment, name))
    assert "samples at the end are missing" in await verdict(damaged)


def _without_third_segment(name: str, data: bytes) -> bytes:
    if name.endswith(".m3u8"):
        lines = data.decode().splitlines()
        at = lines.index("3.m4s")
        return "\n".join(lines[: at - 1] + lines[at + 1 :]).encode() + b"\n"
    head, mark, tail = data.partition(b'media="audio/audio-0-en/$Number$.m4s"')
    timeline, end, rest = tail.partition(b"</SegmentTimeline>")
    return head + mark + timeline[: timeline.rindex(b"<S ")] + end + rest


async def test_segments_in_the_wrong_order_are_found(damaged):
    one, two = (damaged.published / "video/90p" / name for name in ("1.m4s", "2.m4s"))
    first = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(first)
    assert "differs in size or time" in await verdict(damaged)


async def test_an_object_in_no_manifest_is_found(damaged):
    (damaged.published / "video/90p/77.m4s").write_bytes(b"left over")
    assert "video/90p/77.m4s is in no manifest" in await verdict(damaged)


async def test_a_key_that_is_not_the_records_is_found(damaged):
    keys = dict(damaged.keys.keys)
    wrong = random_key(KeyLabel.HD, damaged.plan.scheme)
    object.__setattr__(wrong, "kid", keys[KeyLabel.HD].kid)
    object.__setattr__(wrong, "iv", keys[KeyLabel.HD].iv)
    damaged.keys = FixedKeys({**keys, KeyLabel.HD: wrong})
    assert "does not decrypt" in await verdict(damaged)


async def test_keys_swapped_between_labels_are_found(damaged):
    keys = dict(damaged.keys.keys)
    for one, other in ((KeyLabel.SD, KeyLabel.HD), (KeyLabel.HD, KeyLabel.SD)):
        swapped = random_key(one, damaged.plan.scheme)
        for field in ("kid", "key", "iv"):
            object.__setattr__(swapped, field, getattr(damaged.keys.keys[other], field))
        keys[one] = swapped
    damaged.keys = FixedKeys(keys)
    assert "KID" in await verdict(damaged)


async def test_another_constant_iv_is_found(cbcs_title, tmp_path):
    title = cbcs_title.copy(tmp_path)
    key = random_key(KeyLabel.HD, ProtectionScheme.CBCS)
    object.__setattr__(key, "kid", title.keys.keys[KeyLabel.HD].kid)
    object.__setattr__(key, "key", title.keys.keys[KeyLabel.HD].key)
    title.keys = FixedKeys({**title.keys.keys, KeyLabel.HD: key})
    assert "constant IV" in await verdict(title)


async def test_a_segment_planted_in_the_clear_is_found(damaged):
    """The segment's bytes replaced by the mezzanine's: a player that trusts `tenc` would show noise."""
    name = "video/180p/2.m4s"
    init = read_init_segment((damaged.published / "video/180p/init.mp4").read_bytes())

    def decrypt(data: bytes) -> bytes:
        clear = bytearray(data)
        for sample in read_fragments(data, init):
            start, size = sample.place.offset, sample.place.size
            clear[start : start + size] = _clear(damaged, "180p", sample.place.decode_time)
        return bytes(clear)

    edit(damaged, name, decrypt)
    assert f"{name}: sample" in await verdict(damaged)


def _clear(title: Title, rung: str, decode_time: int) -> bytes:
    data = title.mezzanine(f"{rung}.mp4").read_bytes()
    found = next(sample for sample in read_samples(data) if sample.decode_time == decode_time)
    return data[found.offset : found.offset + found.size]


async def test_a_clear_segment_that_says_it_is_clear_is_found(damaged):
    """Consistent for a player: every subsample says "all clear, nothing protected", and the bytes are clear."""
    name = "video/180p/2.m4s"
    init = read_init_segment((damaged.published / "video/180p/init.mp4").read_bytes())

    def plant(data: bytes) -> bytes:
        clear = bytearray(data)
        for sample in read_fragments(data, init):
            start, size = sample.place.offset, sample.place.size
            clear[start : start + size] = _clear(damaged, "180p", sample.place.decode_time)
        _mark_clear(clear, data, init.entries[0].encryption.iv_size)
        return bytes(clear)

    edit(damaged, name, plant)
    assert "mostly clear" in await verdict(damaged)


def _mark_clear(clear: bytearray, data: bytes, iv_size: int) -> None:
    """Move all protected bytes of each first pair to its clear count; sizes of `senc` entries stay as they are."""
    senc = find(data, "moof/traf/senc")
    position = senc.body + 8
    while position < senc.end:
        position += iv_size
        count = int.from_bytes(data[position : position + 2], "big")
        for pair in range(position + 2, position + 2 + 6 * count, 6):
            total = int.from_bytes(data[pair : pair + 2], "big") + int.from_bytes(data[pair + 2 : pair + 6], "big")
            assert total < 65536, "the test's samples fit a 16-bit clear count"
            clear[pair : pair + 6] = total.to_bytes(2, "big") + bytes(4)
        position += 2 + 6 * count


async def test_an_iv_used_in_two_renditions_is_found(cenc_title, tmp_path):
    """What the packager does when cenc is given an IV: both renditions of a label start from the same counter."""
    title = cenc_title.copy(tmp_path)
    shared = random_key(KeyLabel.SD, ProtectionScheme.CENC)
    original = title.keys.keys[KeyLabel.SD]
    for field in ("kid", "key"):
        object.__setattr__(shared, field, getattr(original, field))
    object.__setattr__(shared, "iv", b"\x01" * 8)
    good, title.keys = title.keys, FixedKeys({**title.keys.keys, KeyLabel.SD: shared})
    await package_version(title.tools, title.keys, title.target, ignore)
    title.keys = good
    assert await verdict(title) == "an IV was used twice under the key of label SD"


@pytest.mark.parametrize(
    ("name", "before", "after", "reason"),
    [
        ("video/180p/init.mp4", b"schm", b"skip", "no schm"),
        ("video/180p/init.mp4", b"encv", b"avc1", "not protected"),
        ("video/180p/init.mp4", bytes.fromhex("edef8ba9"), b"abcd", "pssh"),
        ("audio/audio-0-en/init.mp4", b"enca", b"mp4a", "not protected"),
        ("video/90p/2.m4s", b"tfdt", b"free", "no tfdt"),
        ("video/180p/index.m3u8", b"#EXT-X-KEY", b'#EXT-X-KEY:URI="k"\n#EXT-X-KEY', "identity"),
        ("video/180p/index.m3u8", b"KEYID=0x", b"KEYID=0xff", "another KID"),
        ("video/180p/index.m3u8", b"#EXT-X-ENDLIST", b"", "not complete"),
        ("video/180p/index.m3u8", b"1.m4s", b"2.m4s", "other segments"),
        ("master.m3u8", b"video/180p/index.m3u8", b"video/90p/index.m3u8", "does not lead to every track"),
        ("video/180p/index.m3u8", b"org.w3.clearkey", b"org.w3.nothing", "org.w3.nothing"),
        ("video/180p/iframe.m3u8", b'URI="data:text/plain;base64,', b'URI="data:text/plain;base64,AAAA', "another KID"),
        ("manifest.mpd", b"e2719d58-a985", b"1077efec-a985", "is announced in the MPD for"),
        ("manifest.mpd", b"e2719d58-a985-b3c9-781a-b030af78d30e", COMMON, "is announced in the MPD for"),
        ("manifest.mpd", b"</MPD>", b"", "well-formed"),
        ("manifest.mpd", b"<cenc:pssh>AAAA", b"<cenc:pssh>AAAB", "other DRM headers"),
        ("manifest.mpd", b"<cenc:pssh>AAAA", b"<cenc:pssh>?AAA", "not base64"),
        ("manifest.mpd", b'startNumber="1"', b'startNumber="x"', "no number"),
        ("video/180p/index.m3u8", b"base64,AAAA", b"base64,AAAB", "other DRM headers"),
        ("video/180p/iframe.m3u8", b'#EXT-X-MAP:URI="init.mp4"', b"#EXT-X-MAP:", "without its URI"),
        ("master.m3u8", b"English", b"\xff", "not text"),
        ("text/subtitle-1-ar/2.vtt", b"WEBVTT", b"nothing", "not WebVTT"),
        ("text/subtitle-1-ar/init.mp4", b"wvtt", b"encv", "text/subtitle-1-ar/init.mp4"),
    ],
)
async def test_changed_headers_and_manifests_are_found(damaged, name, before, after, reason):
    edit(damaged, name, lambda data: data.replace(before, after, 1))
    assert reason in await verdict(damaged)


async def test_a_kid_swapped_in_the_mpd_is_found(damaged):
    def swap(data: bytes) -> bytes:
        dashed = [_dashed(damaged.keys.keys[label].kid) for label in (KeyLabel.HD, KeyLabel.SD)]
        return data.replace(dashed[0], dashed[1])

    edit(damaged, "manifest.mpd", swap)
    assert "announced in the MPD with KID" in await verdict(damaged)


def _dashed(kid: str) -> bytes:
    return f"{kid[:8]}-{kid[8:12]}-{kid[12:16]}-{kid[16:20]}-{kid[20:]}".encode()


async def test_a_sample_group_that_lifts_the_encryption_is_found(damaged):
    """`seig` may declare samples clear whatever `tenc` says; here it hides where `mdat` slack would be, in `traf`."""
    name = "video/90p/1.m4s"

    def plant(data: bytes) -> bytes:
        moof, traf = find(data, "moof"), find(data, "moof/traf")
        group = (20).to_bytes(4, "big") + b"sgpd" + bytes(4) + b"seig" + bytes(4)
        grown = bytearray(data[: traf.end] + group + data[traf.end :])
        for box in (moof, traf):
            grown[box.start : box.start + 4] = (box.end - box.start + len(group)).to_bytes(4, "big")
        return bytes(grown)

    edit(damaged, name, plant)
    assert "overrides" in await verdict(damaged)


async def test_a_mezzanine_that_was_not_packaged_is_found(damaged):
    """The right length and times, another picture."""
    rung = damaged.plan.video.renditions[2]
    encode_video(damaged.mezzanine("180p.mp4"), rung, 119)
    assert "video/180p" in await verdict(damaged)


async def test_an_unavailable_store_is_no_verdict(damaged):
    damaged.storage.refuse = lambda key: key.endswith("video/90p/2.m4s")
    with pytest.raises(StorageUnavailable):
        await verify_version(damaged.tools, damaged.keys, damaged.target, ignore)


async def test_a_missing_mezzanine_is_no_verdict(damaged):
    damaged.mezzanine("90p.mp4").unlink()
    with pytest.raises(ObjectNotFound):
        await verify_version(damaged.tools, damaged.keys, damaged.target, ignore)
