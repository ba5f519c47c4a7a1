"""Reading PlayReady challenges, and refusing what is none."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInput
from core.services.licences.playready_request import MOST_BYTES, read_playready_challenge
from tests.fixtures.playready_messages import challenge, guid

KIDS = ["00112233445566778899aabbccddeeff", "f" * 32]


@pytest.mark.parametrize("version", ["4.0.0.0", "4.1.0.0", "4.2.0.0", "4.3.0.0"])
def test_key_ids_of_every_header_version_are_read(version: str) -> None:
    many = version in {"4.2.0.0", "4.3.0.0"}
    asked = read_playready_challenge(challenge(KIDS, version))
    assert asked.kids == frozenset(KIDS if many else KIDS[:1])
    assert not asked.persistent
    assert read_playready_challenge(challenge(KIDS, version), persistent=True).persistent


def test_the_documented_pair_of_spellings_is_one_key_id() -> None:
    """Microsoft, "Query String Syntax", parameter kid, examples 2 and 3."""
    body = challenge(KIDS[:1]).replace(guid(KIDS[0]).encode(), b"YXg64czYhEKSRXyDXr3p8A==")
    assert read_playready_challenge(body).kids == frozenset({"e13a7861d8cc428492457c835ebde9f0"})


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0" * 100,
        b"<a>",
        b"<a/>",
        b"[]",
        challenge(KIDS)[:-5],
        challenge([]),
        challenge(KIDS, action="AcknowledgeLicense"),
        challenge(KIDS, version="4.4.0.0"),
        challenge(KIDS, prolog=ENTITIES),
        challenge(KIDS, prolog=ENTITIES).replace(guid(KIDS[1]).encode(), b"&b;&f;"),
        challenge(KIDS).replace(guid(KIDS[0]).encode(), b"AAAA"),
        challenge(KIDS).replace(guid(KIDS[0]).encode(), b"*"),
        challenge([f"{number:032x}" for number in range(65)]),
        challenge(KIDS).replace(b"<LicenseNonce>", b"<x/>" * 2500 + b"<LicenseNonce>"),
        challenge(KIDS).replace(b"<LicenseNonce>", b"<x>" * 300 + b"</x>" * 300 + b"<LicenseNonce>"),
        challenge(KIDS) + b" " * MOST_BYTES,
        challenge(KIDS).replace(b"utf-8", b"no-such-code"),
    ],
    ids=range(18),
)
def test_garbage_is_refused_by_code(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_playready_challenge(body)
    assert refused.value.code == "CHALLENGE_INVALID"


GOOD = challenge(KIDS)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_is_nothing_worse(place: int, value: int) -> None:
    with suppress(InvalidInput):
        read_playready_challenge(GOOD[:place] + bytes([value]) + GOOD[place + 1 :])
