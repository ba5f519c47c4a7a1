"""Playback tokens and the keys that sign them."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest

from core.contracts.version_ref import VersionRef
from core.domain.errors import Unauthenticated
from core.services.playback.signing_keys import SigningKeys
from core.services.playback.token import AUDIENCE, PlaybackClaims, issue_token, read_token

KEYS = SigningKeys.derive(bytes(range(32)))
CLAIMS = PlaybackClaims(VersionRef("a" * 32, "b" * 32, 2), "c" * 32, 2_000_000_000)
BEFORE = datetime.fromtimestamp(1_999_999_999, UTC)
PAYLOAD: dict[str, Any] = {
    "aud": AUDIENCE,
    "sub": "c" * 32,
    "org": "a" * 32,
    "vid": "b" * 32,
    "ver": 2,
    "exp": 2_000_000_000,
}


def test_a_token_comes_back_as_what_was_claimed_until_it_expires() -> None:
    token = issue_token(KEYS.token, CLAIMS)
    assert read_token(KEYS.token, token, BEFORE) == CLAIMS
    with pytest.raises(Unauthenticated):
        read_token(KEYS.token, token, datetime.fromtimestamp(2_000_000_000, UTC))


def test_keys_differ_by_purpose_and_show_nothing() -> None:
    assert KEYS.token != KEYS.media_path
    assert len(KEYS.token) == len(KEYS.media_path) == 32
    assert repr(KEYS) == "SigningKeys()"
    with pytest.raises(Unauthenticated):
        read_token(KEYS.token, issue_token(KEYS.media_path, CLAIMS), BEFORE)


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "somebody-else"},
        {"aud": None},
        {"sub": None},
        {"org": "A" * 32},
        {"org": "a" * 31},
        {"vid": 7},
        {"sub": ["c" * 32]},
        {"ver": "2"},
        {"exp": "2000000000"},
        {"exp": 1},
        {"exp": None},
    ],
    ids=str,
)
def test_a_token_with_other_claims_is_refused(change: dict[str, Any]) -> None:
    payload = {name: value for name, value in (PAYLOAD | change).items() if value is not None}
    with pytest.raises(Unauthenticated):
        read_token(KEYS.token, _encoded(payload), BEFORE)


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "é.é.é", "." * 10, "x" * 3000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        read_token(KEYS.token, token, BEFORE)


@pytest.mark.parametrize("algorithm", ["none", "HS384", "RS256"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    header, payload, signature = _encoded(PAYLOAD).split(".")
    fields = json.loads(urlsafe_b64decode(header + "==")) | {"alg": algorithm}
    forged = urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
    for last in ("", signature):
        with pytest.raises(Unauthenticated):
            read_token(KEYS.token, f"{forged}.{payload}.{last}", BEFORE)


def _encoded(payload: dict[str, Any]) -> str:
    """Signed with the right key, so that only the claims can be at fault."""
    try:
        return jwt.encode(payload, KEYS.token, algorithm="HS256")
    except TypeError:
        # The library refuses to write some of these claims; an attacker's does not.
        return jwt.api_jws.encode(json.dumps(payload).encode(), KEYS.token, algorithm="HS256")
