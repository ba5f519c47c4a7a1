"""Media types by name."""

from __future__ import annotations

import pytest

from core.domain.playback.media_types import media_type


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("manifest.mpd", "application/dash+xml"),
        ("video/360p/index.m3u8", "application/vnd.apple.mpegurl"),
        ("video/360p/init.mp4", "video/mp4"),
        ("video/360p/1.m4s", "video/mp4"),
        ("audio/a/1.m4s", "audio/mp4"),
        ("thumbnails/storyboard.vtt", "text/vtt"),
        ("thumbnails/poster.jpg", "image/jpeg"),
        ("evil.html", "application/octet-stream"),
        ("evil.svg", "application/octet-stream"),
        ("noending", "application/octet-stream"),
    ],
)
def test_only_media_gets_a_type_that_browsers_render(path: str, expected: str) -> None:
    assert media_type(path) == expected
