"""Reasons for which sessions end."""

from __future__ import annotations

from core.domain.playback.endings import EndReason


def test_a_reason_of_a_newer_version_is_an_ending() -> None:
    assert EndReason("SOMETHING_NEW") is EndReason.ENDED
    assert EndReason("TAKEN_OVER") is EndReason.TAKEN_OVER
