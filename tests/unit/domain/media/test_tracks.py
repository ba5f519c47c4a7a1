from __future__ import annotations

import pytest

from core.domain.media.audio import plan_audio
from core.domain.media.facts import AudioTrack, SubtitleTrack
from core.domain.media.languages import language_name, language_tag
from core.domain.media.subtitles import plan_subtitles
from core.domain.media.titles import unique_titles


def audio(index: int, *, channels: int = 2, language: str = "en", default: bool = False) -> AudioTrack:
    return AudioTrack(index, "aac", channels, 48000, 0.5, 20.0, language=language, default=default)


@pytest.mark.parametrize(
    ("declared", "tag"),
    [
        ("eng", "en"),
        ("ger", "de"),
        ("deu", "de"),
        ("fre", "fr"),
        ("DE", "de"),
        ("pt-BR", "pt-BR"),
        ("por_BR", "pt-BR"),
        ("haw", "haw"),
        ("und", "und"),
        ("mul", "und"),
        ("qaa", "und"),
        (None, "und"),
        ("", "und"),
        ('en"; alert(1)', "und"),
        ("en-" + "abcdefgh-" * 20 + "x", "und"),
        ("../../etc", "und"),
    ],
)
def test_declared_language_becomes_a_tag(declared: str | None, tag: str) -> None:
    assert language_tag(declared) == tag


def test_language_names_are_known_for_regions_too() -> None:
    assert language_name("pt-BR") == "Portuguese"
    assert language_name("haw") is None


def test_titles_fall_back_to_language_then_number_and_never_repeat() -> None:
    titles = unique_titles([("Director", "en"), (None, "de"), (None, "de"), (None, "und"), ("  ", "und")])
    assert titles == ["Director", "German", "German 2", "Track 4", "Track 5"]


def test_title_from_a_stranger_is_one_safe_line() -> None:
    assert unique_titles([('a"b\r\n#EXT-X-KEY\x00', "en")]) == ["a b #EXT-X-KEY"]
    assert len(unique_titles([("x" * 10_000, "en")])[0]) == 80


@pytest.mark.parametrize(
    ("channels", "out", "bitrate"), [(1, 1, 80_000), (2, 2, 128_000), (6, 2, 128_000), (8, 2, 128_000)]
)
def test_audio_is_mixed_down_to_stereo_at_most(channels: int, out: int, bitrate: int) -> None:
    (plan,) = plan_audio([audio(1, channels=channels)], 20.0)
    assert (plan.channels, plan.bitrate) == (out, bitrate)


def test_audio_lasts_to_its_end_on_the_container_clock() -> None:
    (plan,) = plan_audio([audio(1)], 20.0)
    assert plan.duration == 20.0


def test_audio_has_one_default_and_unique_names() -> None:
    plans = plan_audio([audio(1), audio(2, default=True), audio(4, language="de", default=True)], 20.0)
    assert [plan.default for plan in plans] == [False, True, False]
    assert [plan.name for plan in plans] == ["audio-0-en", "audio-1-en", "audio-2-de"]
    assert [plan.default for plan in plan_audio([audio(1), audio(2)], 20.0)] == [True, False]


def test_subtitles_keep_flags_and_skip_bitmaps_with_a_warning() -> None:
    plans, warnings = plan_subtitles(
        [
            SubtitleTrack(3, "subrip", "en", default=True),
            SubtitleTrack(4, "dvd_subtitle", "en", text=False),
            SubtitleTrack(5, "ass", "ar", title="Signs", forced=True),
        ]
    )
    assert [(p.stream, p.name, p.title, p.default, p.forced) for p in plans] == [
        (3, "subtitle-0-en", "English", True, False),
        (5, "subtitle-1-ar", "Signs", False, True),
    ]
    assert warnings == ("BITMAP_SUBTITLE_SKIPPED:stream 4",)
