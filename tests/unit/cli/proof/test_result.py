"""When a measurement proves playback, and when it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.proof.result import PlaybackProof

PLAYED = PlaybackProof(
    method="browser",
    current_time=3.1,
    duration=22.0,
    decoded_frames=74,
    decoded_audio=31_000,
    width=854,
    height=480,
    key_statuses={"00" * 16: "usable"},
)


def test_advanced_time_frames_and_usable_keys_prove() -> None:
    assert PLAYED.proves(3.0)


def test_short_title_is_proven_by_its_length() -> None:
    assert replace(PLAYED, current_time=0.98, duration=1.0).proves(3.0)


def test_audio_only_title_is_proven_by_its_sound() -> None:
    audio = replace(PLAYED, width=0, height=0, decoded_frames=0)
    assert audio.proves(3.0)
    assert not replace(audio, decoded_audio=0).proves(3.0)


@pytest.mark.parametrize(
    "change",
    [
        {"error": "LICENCE_REFUSED"},
        {"current_time": 2.9},
        {"current_time": 0.0, "duration": 0.0},
        {"decoded_frames": 0},
        {"key_statuses": {}},
        {"key_statuses": {"00" * 16: "usable", "11" * 16: "output-restricted"}},
    ],
)
def test_anything_missing_proves_nothing(change: dict[str, object]) -> None:
    assert not replace(PLAYED, **change).proves(3.0)


def test_summary_says_what_was_measured() -> None:
    assert PLAYED.summary() == ("browser: played 3.1 s of 22.0 s, 854x480, 74 frames, 31000 audio units, 1 keys usable")
    assert replace(PLAYED, error="NETWORK").summary() == "browser: did not play (NETWORK)"
