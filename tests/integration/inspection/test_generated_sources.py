"""The same behaviour on clips made here, so that a clone without the shared set proves it too."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.facts import FrameRate
from core.domain.media.magic import MATROSKA
from core.domain.media.plan import ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.domain.media.policy import IngestLimits
from core.ports import ScanResult, ScanState
from core.services.media.inspect_source import inspect_source
from core.services.media.probe_source import SourceProbe
from core.services.media.stored_plan import load_facts
from core.services.media.tools import MediaTools
from tests.fixtures.clips import make_clip
from tests.fixtures.directory_storage import DirectoryStorage
from tests.integration.inspection.conftest import Inspect

KEY = "00112233445566778899aabbccddeeff"
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nsibling.mp4\n#EXT-X-ENDLIST\n"


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of 320x180 with sound, header last."""
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", seconds=2, size="320x180")


@pytest.fixture(scope="module")
def faststart(clip: Path) -> bytes:
    """The same with the header first."""
    moved = clip.with_name("faststart.mp4")
    ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", moved)
    return moved.read_bytes()


async def refusal(inspect: Inspect, source: Path | bytes, limits: IngestLimits | None = None) -> FailureCode:
    with pytest.raises(VideoRejected) as caught:
        await inspect(source, limits)
    return caught.value.failure


async def test_plain_clip_is_accepted_with_true_facts(
    clip: Path, inspect: Inspect, tools: MediaTools, storage: DirectoryStorage, target: VersionRef
) -> None:
    summary = await inspect(clip)
    facts = await load_facts(storage, target)
    assert summary.size == clip.stat().st_size
    assert summary.sha256 == await tools.cache.sha256(object_keys.original(target))
    assert summary.antivirus == "not_scanned: no virus scanner is configured"
    assert summary.warnings == ()
    assert facts.video is not None
    assert (facts.video.packets, facts.video.average_rate) == (50, FrameRate(25))
    assert facts.video.end == pytest.approx(2.0, abs=0.001)
    assert facts.exact_seek
    assert not list((tools.scratch.root / "jobs").glob("*"))


@pytest.mark.parametrize(
    ("suffix", "exact"), [("mkv", True), ("avi", False), ("ts", False), ("flv", False), ("mov", True)]
)
async def test_container_decides_about_exact_seeks_and_not_about_the_length(
    suffix: str,
    exact: bool,
    clip: Path,
    tmp_path: Path,
    inspect: Inspect,
    storage: DirectoryStorage,
    target: VersionRef,
) -> None:
    other = tmp_path / f"clip.{suffix}"
    ffmpeg("-i", clip, "-c", "copy", other)
    await inspect(other)
    facts = await load_facts(storage, target)
    assert facts.exact_seek is exact
    assert facts.video is not None
    assert facts.video.end == pytest.approx(2.0, abs=0.1)
    assert plan_encoding(facts, ProtectionScheme.CBCS, "veryfast").video is not None


async def test_recordings_put_one_after_the_other_are_planned_whole(
    clip: Path, tmp_path: Path, inspect: Inspect, storage: DirectoryStorage, target: VersionRef
) -> None:
    part = tmp_path / "part.ts"
    ffmpeg("-i", clip, "-c", "copy", part)
    await inspect(part.read_bytes() * 2)
    facts = await load_facts(storage, target)
    assert not facts.continuous
    plan = plan_encoding(facts, ProtectionScheme.CBCS, "veryfast")
    assert plan.video is not None
    assert plan.video.total_frames == pytest.approx(100, abs=2)
    assert plan.index_source


@pytest.mark.parametrize("share", [0.4, 0.7])
async def test_cut_clip_is_truncated_although_its_header_is_whole(
    share: float, faststart: bytes, inspect: Inspect
) -> None:
    assert await refusal(inspect, faststart[: int(len(faststart) * share)]) is FailureCode.TRUNCATED


async def test_cut_matroska_is_truncated(clip: Path, tmp_path: Path, inspect: Inspect) -> None:
    longer = tmp_path / "longer.mkv"
    ffmpeg("-stream_loop", "4", "-i", clip, "-c", "copy", longer)
    data = longer.read_bytes()
    assert await refusal(inspect, data[: len(data) // 2]) is FailureCode.TRUNCATED


async def test_clip_without_its_header_is_unreadable(clip: Path, inspect: Inspect) -> None:
    data = clip.read_bytes()
    assert await refusal(inspect, data[: data.rindex(b"moov") - 4]) is FailureCode.UNREADABLE
    assert await refusal(inspect, data[:32]) is FailureCode.UNREADABLE


async def test_header_without_content_is_truncated(faststart: bytes, inspect: Inspect) -> None:
    assert await refusal(inspect, faststart[: faststart.index(b"mdat") - 4]) is FailureCode.TRUNCATED


async def test_header_that_claims_gigabytes_is_unreadable(faststart: bytes, inspect: Inspect) -> None:
    at = faststart.index(b"moov") - 4
    forged = faststart[:at] + (2**31 - 1).to_bytes(4, "big") + faststart[at + 4 :]
    assert await refusal(inspect, forged) is FailureCode.UNREADABLE


async def test_sample_count_of_billions_is_refused_in_bounded_memory(faststart: bytes, inspect: Inspect) -> None:
    at = faststart.index(b"stsz") + 12
    forged = faststart[:at] + (2**31 - 1).to_bytes(4, "big") + faststart[at + 4 :]
    assert await refusal(inspect, forged) in {FailureCode.UNREADABLE, FailureCode.TRUNCATED}


async def test_content_that_never_decodes_is_corrupt(faststart: bytes, inspect: Inspect) -> None:
    at = faststart.index(b"mdat") + 4
    assert await refusal(inspect, faststart[:at] + bytes(len(faststart) - at)) is FailureCode.CORRUPT


async def test_damage_in_the_middle_is_accepted_with_a_warning(faststart: bytes, inspect: Inspect) -> None:
    at = faststart.index(b"mdat") + 4
    middle = at + (len(faststart) - at) // 6
    summary = await inspect(faststart[:middle] + b"\x55" * 3000 + faststart[middle + 3000 :])
    assert summary.warnings == ("DECODE_ERRORS",)


async def test_encrypted_clip_is_refused(clip: Path, tmp_path: Path, inspect: Inspect) -> None:
    locked = tmp_path / "locked.mp4"
    scheme = ["-encryption_scheme", "cenc-aes-ctr", "-encryption_key", KEY, "-encryption_kid", KEY]
    ffmpeg("-i", clip, "-c", "copy", *scheme, locked)
    assert await refusal(inspect, locked) is FailureCode.ENCRYPTED_INPUT


async def test_unknown_picture_codec_is_unsupported(faststart: bytes, inspect: Inspect) -> None:
    assert await refusal(inspect, faststart.replace(b"avc1\x00", b"zzz1\x00")) is FailureCode.UNSUPPORTED_CODEC


async def test_sound_that_cannot_be_decoded_is_left_out(faststart: bytes, inspect: Inspect) -> None:
    video, audio = faststart.index(b"stsd"), faststart.rindex(b"stsd", 0, faststart.index(b"mdat"))
    assert video < audio
    summary = await inspect(faststart[:audio] + b"free" + faststart[audio + 4 :])
    assert summary.warnings == ("AUDIO_TRACK_SKIPPED:stream 1",)


async def test_picture_above_the_limit_is_refused_before_it_is_decoded(clip: Path, inspect: Inspect) -> None:
    assert await refusal(inspect, clip, IngestLimits(max_pixels=319 * 180)) is FailureCode.TOO_MANY_PIXELS


async def test_limits_of_the_installation_apply(clip: Path, inspect: Inspect) -> None:
    assert await refusal(inspect, clip, IngestLimits(max_duration=1.0)) is FailureCode.TOO_LONG
    assert await refusal(inspect, clip, IngestLimits(max_streams=1)) is FailureCode.TOO_MANY_STREAMS


async def test_crowd_of_streams_is_refused(tmp_path: Path, inspect: Inspect) -> None:
    crowd = tmp_path / "crowd.mkv"
    maps = [option for _ in range(65) for option in ("-map", "0:0")]
    ffmpeg("-f", "lavfi", "-i", "sine=duration=0.5", *maps, "-c:a", "pcm_s16le", crowd)
    assert await refusal(inspect, crowd) is FailureCode.TOO_MANY_STREAMS


async def test_thousand_frames_a_second_are_planned_at_sixty_at_most(
    tmp_path: Path, inspect: Inspect, storage: DirectoryStorage, target: VersionRef
) -> None:
    fast = make_clip(tmp_path / "fast.mp4", seconds=2, size="32x32", rate="1000", audio=False)
    await inspect(fast)
    plan = plan_encoding(await load_facts(storage, target), ProtectionScheme.CBCS, "veryfast")
    assert plan.video is not None
    assert plan.video.total_frames <= 121


async def test_sound_with_a_cover_is_an_audio_asset(
    tmp_path: Path, inspect: Inspect, storage: DirectoryStorage, target: VersionRef
) -> None:
    cover, song = tmp_path / "cover.png", tmp_path / "song.flac"
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1", cover)
    inputs = ["-f", "lavfi", "-i", "sine=duration=2", "-i", cover]
    ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic", song)
    await inspect(song)
    facts = await load_facts(storage, target)
    assert facts.video is None
    assert facts.duration == pytest.approx(2.0, abs=0.05)


async def test_tracks_keep_language_title_and_flags(
    clip: Path, tmp_path: Path, inspect: Inspect, storage: DirectoryStorage, target: VersionRef
) -> None:
    text, full = tmp_path / "text.srt", tmp_path / "full.mkv"
    text.write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    maps = ["-map", "0:v", "-map", "0:a", "-map", "0:a", "-map", "1"]
    named = ["-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Ton"]
    flags = ["-metadata:s:s:0", "language=ara", "-disposition:a:0", "0", "-disposition:a:1", "default"]
    ffmpeg("-i", clip, "-i", text, *maps, "-c", "copy", *named, *flags, "-disposition:s:0", "forced", full)
    await inspect(full)
    plan = plan_encoding(await load_facts(storage, target), ProtectionScheme.CBCS, "veryfast")
    assert [(a.language, a.title, a.default) for a in plan.audio] == [("en", "English", False), ("de", "Ton", True)]
    assert [(s.language, s.title, s.forced) for s in plan.subtitles] == [("ar", "Arabic", True)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", FailureCode.EMPTY),
        (b"\x00", FailureCode.UNREADABLE),
        (b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00", FailureCode.UNREADABLE),
        (PLAYLIST, FailureCode.NOT_A_VIDEO),
        (b"ffconcat version 1.0\nfile sibling.mp4\n", FailureCode.NOT_A_VIDEO),
        (b"<html>502 Bad Gateway</html>", FailureCode.NOT_A_VIDEO),
        (bytes(range(256)) * 16, FailureCode.NOT_A_VIDEO),
        (b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * 64, FailureCode.UNREADABLE),
        (b"\x1a\x45\xdf\xa3" + bytes(4096), FailureCode.UNREADABLE),
    ],
)
async def test_what_is_no_media_ends_with_its_code(
    content: bytes, code: FailureCode, inspect: Inspect, storage: DirectoryStorage, target: VersionRef
) -> None:
    assert await refusal(inspect, content) is code
    assert storage.writes == [object_keys.original(target)]


@pytest.mark.parametrize("content", [PLAYLIST, b"ffconcat version 1.0\nfile sibling.mp4\n"])
async def test_script_that_got_past_the_magic_is_still_not_followed(
    content: bytes, clip: Path, tools: MediaTools
) -> None:
    """The second line of defence alone: the demuxer is bound to the family, so nothing reads the sibling."""
    async with tools.scratch.job() as job:
        (job.path / "source").write_bytes(content)
        (job.path / "sibling.mp4").write_bytes(clip.read_bytes())
        probe = SourceProbe(tools.runner, job, MATROSKA, 10**7)
        with pytest.raises(VideoRejected) as caught:
            await probe.declared()
    assert caught.value.failure is FailureCode.UNREADABLE


class FixedVerdict:
    def __init__(self, state: ScanState) -> None:
        self.result = ScanResult(state, "Eicar-Signature")

    async def scan(self, path: Path) -> ScanResult:
        assert path.stat().st_size > 0
        return self.result


async def test_infected_file_is_refused_before_ffmpeg_sees_it(clip: Path, inspect: Inspect) -> None:
    with pytest.raises(VideoRejected) as caught:
        await inspect(clip, antivirus=FixedVerdict(ScanState.INFECTED))
    assert caught.value.failure is FailureCode.MALWARE_FOUND
    assert caught.value.detail == "Eicar-Signature"


async def test_verdict_of_the_scanner_is_recorded(clip: Path, inspect: Inspect) -> None:
    assert (await inspect(clip, antivirus=FixedVerdict(ScanState.CLEAN))).antivirus == "clean: Eicar-Signature"


async def test_missing_original_is_reported_as_such(tools: MediaTools, target: VersionRef) -> None:
    with pytest.raises(VideoRejected) as caught:
        await inspect_source(tools, target, IngestLimits(), FixedVerdict(ScanState.CLEAN), lambda _reading: None)
    assert caught.value.failure is FailureCode.UPLOAD_MISSING
