"""Everything that real files do, on clips made here: each published through the API, decrypted and looked at.

The same over the shared media set is in `media_set/test_shared_files.py`.
"""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path

import pytest

from cli.ingest import Outcome
from tests.e2e.media_set import clips
from tests.e2e.media_set.checks import check_pictures, check_sounds, check_upscaling, heard_from
from tests.e2e.media_set.measure import TURNS, bright_from, interlaced_share, signal, similarity
from tests.e2e.media_set.published import PublishedVideo, fetch_published, of_kind
from tests.e2e.media_set.publishing import publish_all
from tests.fixtures.platform import Platform

SAMPLE = next((Path(__file__).parents[2] / "samples").glob("*.mkv"))
REJECTED = {"tiny.mp4": "TOO_SMALL", "single_frame.mp4": "TOO_SHORT"}

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]


class Set:
    """The clips, how each ended, and what was published, fetched once."""

    def __init__(self, platform: Platform, files: dict[str, Path], outcomes: dict[str, Outcome], folder: Path) -> None:
        self.files = files
        self.outcomes = outcomes
        self._platform = platform
        self._folder = folder
        self._fetched: dict[str, PublishedVideo] = {}

    async def published(self, name: str) -> PublishedVideo:
        if name not in self._fetched:
            outcome = self.outcomes[name]
            assert outcome.state == "ready", outcome
            self._fetched[name] = await fetch_published(self._platform.connection, outcome.id, self._folder / name)
        return self._fetched[name]


@pytest.fixture(scope="module")
def published_set(platform: Platform, tmp_path_factory: pytest.TempPathFactory) -> Set:
    folder = tmp_path_factory.mktemp("media-set")
    files = {"sample": SAMPLE}
    for name, build in clips.GENERATED.items():
        files[name] = folder / name
        build(files[name])
    return Set(platform, files, asyncio.run(publish_all(platform.connection, files)), folder / "clear")


@pytest.mark.parametrize("name", ["sample", *(name for name in clips.GENERATED if name not in REJECTED)])
async def test_clip_is_published_as_any_device_can_play_it(name: str, published_set: Set) -> None:
    video = await published_set.published(name)
    assert published_set.outcomes[name].warnings == []
    assert video.videos or video.audio
    check_pictures(video)


@pytest.mark.parametrize(("name", "code"), REJECTED.items())
def test_clip_below_the_limits_is_refused(name: str, code: str, published_set: Set) -> None:
    outcome = published_set.outcomes[name]
    assert (outcome.state, outcome.failure_code) == ("failed", code)
    assert outcome.failure_sentence
    assert outcome.renditions == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plain.mp4", (320, 180)),
        ("rotated90.mov", (180, 320)),
        ("rotated180.mov", (320, 180)),
        ("rotated270.mov", (180, 320)),
        ("hdr10.mp4", (320, 180)),
    ],
)
async def test_picture_is_upright_and_in_time(name: str, shown: tuple[int, int], published_set: Set) -> None:
    video, source = await published_set.published(name), published_set.files[name]
    check_upscaling(video, shown)
    top = video.top
    assert top.size == shown
    likeness = {turn: similarity(source, top.path, top.size, top.rate, turn=turn, frames=20) for turn in TURNS}
    assert max(likeness, key=lambda turn: likeness[turn]) == 0, likeness
    late = similarity(source, top.path, top.size, top.rate, shift=2, frames=20)
    assert likeness[0] > late, "as much like the source two frames later"
    if name != "hdr10.mp4":
        assert likeness[0] > 0.9, likeness


async def test_anamorphic_picture_keeps_its_display_aspect(published_set: Set) -> None:
    video = await published_set.published("anamorphic.mp4")
    assert video.top.size == (500, 288)
    check_upscaling(video, (501, 288))
    source = published_set.files["anamorphic.mp4"]
    assert similarity(source, video.top.path, (500, 288), video.top.rate, frames=20) > 0.9


async def test_interlaced_picture_has_no_combing(published_set: Set) -> None:
    video = await published_set.published("interlaced.ts")
    assert interlaced_share(published_set.files["interlaced.ts"]) > 0.8, "the source is not what this test needs"
    assert interlaced_share(video.top.path) < 0.2
    assert video.top.rate in {25, 50}


async def test_hdr_picture_is_mapped_to_sdr_and_not_washed_out(published_set: Set) -> None:
    video = await published_set.published("hdr10.mp4")
    naive, mapped = signal(published_set.files["hdr10.mp4"]), signal(video.top.path)
    assert video.top.stream["color_transfer"] == "bt709"
    assert video.top.stream["color_primaries"] == "bt709"
    # PQ code values shown as if they were SDR have little colour.
    assert mapped["SATAVG"] > naive["SATAVG"] * 1.2
    assert mapped["YHIGH"] - mapped["YLOW"] > 60, "flat"
    assert 40 < mapped["YAVG"] < 200


async def test_variable_rate_keeps_length_and_sync_to_a_frame(published_set: Set) -> None:
    video = await published_set.published("variable_rate.mp4")
    frame = 1 / video.top.rate
    assert video.top.rate == 30
    assert abs(video.top.seconds - 86 / 30) <= frame * Fraction(3, 2)
    assert abs(video.audio[0].seconds_heard - 3.0) < 0.05
    flash, beep = bright_from(video.top.path), heard_from(video.audio[0])
    assert flash is not None
    # The source itself has no frame in the very instant: its own first bright one is the reference.
    assert abs(flash - (bright_from(published_set.files["variable_rate.mp4"]) or 0)) <= float(frame)
    assert abs(beep - clips.FLASH_SECONDS) <= float(frame)


async def test_sound_that_begins_late_still_does(published_set: Set) -> None:
    video = await published_set.published("late_audio.mkv")
    assert heard_from(video.audio[0]) == pytest.approx(1.0, abs=0.04)


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("silent.mp4", 0),
        ("odd_444.mp4", 0),
        ("plain.mp4", 1),
        ("surround.mp4", 1),
        ("data_tracks.mov", 1),
        ("sound_only.m4a", 1),
        ("many_tracks.mkv", 3),
    ],
)
async def test_there_are_as_many_sounds_as_in_the_source(name: str, sounds: int, published_set: Set) -> None:
    video = await published_set.published(name)
    check_sounds(video, sounds)
    assert bool(video.videos) is (name != "sound_only.m4a")
    assert {group.kind for group in video.dash} <= {"video", "audio", "text"}


async def test_odd_size_becomes_even(published_set: Set) -> None:
    assert (await published_set.published("odd_444.mp4")).top.size == (318, 240)


async def test_rates_above_sixty_are_divided(published_set: Set) -> None:
    video = await published_set.published("fast.mp4")
    assert (video.top.rate, video.top.frames) == (60, 90)


async def test_tracks_keep_languages_names_and_flags_in_both_manifests(published_set: Set) -> None:
    video = await published_set.published("many_tracks.mkv")
    sounds, texts = of_kind(video.hls, "AUDIO"), of_kind(video.hls, "SUBTITLES")
    assert [(one.language, one.name, one.default) for one in sounds] == [
        ("en", "Stereo", False),
        ("en", "Commentary", False),
        ("de", "German", True),
    ]
    assert [(one.language, one.name, one.default, one.forced) for one in texts] == [
        ("en", "English", True, False),
        ("fr", "French", False, False),
        ("ar", "Arabic", False, True),
    ]
    dash = [(group.kind, group.language, group.label, group.roles) for group in video.dash if group.kind != "video"]
    assert dash == [
        ("audio", "en", "Stereo", ("alternate",)),
        ("audio", "en", "Commentary", ("alternate",)),
        ("audio", "de", "German", ("main",)),
        ("text", "en", "English", ("subtitle", "main")),
        ("text", "fr", "French", ("subtitle",)),
        ("text", "ar", "Arabic", ("forced-subtitle",)),
    ]
    assert "Good morning" in video.texts["English"]
    assert "Bonjour à tous" in video.texts["French"]
    assert "صباح الخير" in video.texts["Arabic"]
