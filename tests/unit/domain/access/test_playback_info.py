"""`playbackInfo`, as VdoCipher's embed pages write it."""

from __future__ import annotations

import base64

import pytest

from core.domain.access.playback_info import playback_info, video_of

VIDEO = "0123456789abcdef" * 2


def test_it_decodes_to_exactly_what_vdociphers_does() -> None:
    assert base64.b64decode(playback_info(VIDEO), validate=True) == b'{"videoId":"%s"}' % VIDEO.encode()
    assert video_of(playback_info(VIDEO)) == VIDEO


@pytest.mark.parametrize(
    "wrapped", [lambda t: t.rstrip("="), lambda t: t.replace("+", "-").replace("/", "_"), lambda t: t + "="]
)
def test_what_addresses_do_to_base64_is_undone(wrapped: object) -> None:
    assert callable(wrapped)
    assert video_of(wrapped(playback_info(VIDEO))) == VIDEO


def encoded(text: bytes) -> str:
    return base64.b64encode(text).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "\u00e9",
        VIDEO,
        encoded(b"[]"),
        encoded(b"{}"),
        encoded(b'{"videoId": 7}'),
        encoded(b'{"videoId": "../../etc"}'),
        encoded(b'{"videoId": "' + VIDEO.upper().encode() + b'"}'),
        encoded(b"\xff\xfe"),
        encoded(b"[" * 300),
        "A" * 501,
    ],
)
def test_anything_else_names_no_video(text: str) -> None:
    assert video_of(text) is None
