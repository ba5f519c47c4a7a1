"""FairPlay requests in all the encodings that players use."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote_plus, urlencode

import pytest

from core.domain.errors import InvalidInput
from core.services.licences.fairplay_request import SpcEncoding, read_fairplay_request

SPC = b"\0\0\0\1" + bytes(range(256)) * 2
TEXT = base64.b64encode(SPC).decode()
KID = "0a" * 16


@pytest.mark.parametrize(
    ("body", "encoding", "kids"),
    [
        (SPC, SpcEncoding.RAW, None),
        (TEXT.encode(), SpcEncoding.BASE64, None),
        (TEXT.encode() + b"\r\n", SpcEncoding.BASE64, None),
        (base64.urlsafe_b64encode(SPC).rstrip(b"="), SpcEncoding.BASE64, None),
        (f"spc={quote_plus(TEXT)}".encode(), SpcEncoding.BASE64, None),
        (f"spc={TEXT}".encode(), SpcEncoding.BASE64, None),
        (urlencode({"assetId": f"skd://{KID}", "spc": TEXT}).encode(), SpcEncoding.BASE64, frozenset({KID})),
        (json.dumps({"spc": TEXT, "assetId": KID}).encode(), SpcEncoding.JSON, frozenset({KID})),
    ],
    ids=range(8),
)
def test_the_same_request_in_every_encoding(body: bytes, encoding: SpcEncoding, kids: frozenset[str] | None) -> None:
    asked = read_fairplay_request(body, persistent=True)
    assert (asked.challenge.body, asked.encoding, asked.challenge.kids) == (SPC, encoding, kids)
    assert asked.challenge.persistent


def test_the_answer_comes_as_the_question_did() -> None:
    def answer(body: bytes) -> tuple[bytes, str]:
        return read_fairplay_request(body).answer(b"ckc")

    assert answer(SPC) == (b"ckc", "application/octet-stream")
    assert answer(TEXT.encode()) == (b"Y2tj", "text/plain")
    assert answer(json.dumps({"spc": TEXT}).encode()) == (b'{"ckc": "Y2tj"}', "application/json")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"spc=",
        b"spc=***",
        b"asset=1",
        b"{",
        b"{}",
        b'{"spc": 5}',
        b'{"spc": "AAAA", "assetId": 5}',
        b'{"spc": "AAAA", "assetId": "film"}',
        b"[" * 60_000,
        b"{" * 60_000,
        b"&".join([b"a=1"] * 100) + b"&spc=AAAA",
        "spc=é".encode(),
    ],
    ids=range(13),
)
def test_garbage_is_refused_by_code_or_empty(body: bytes) -> None:
    try:
        asked = read_fairplay_request(body)
    except InvalidInput as refused:
        assert refused.code == "CHALLENGE_INVALID"  # noqa: PT017 - an empty SPC is for the backend to refuse
        return
    assert asked.challenge.body == b""
