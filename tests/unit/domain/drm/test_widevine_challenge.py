"""Reading Widevine challenges, and refusing what is none."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.challenge import ChallengeKind
from core.domain.drm.widevine_challenge import MOST_BYTES, read_widevine_challenge
from core.domain.errors import InvalidInput
from tests.fixtures.widevine_messages import (
    SERVICE_CERTIFICATE_REQUEST,
    challenge,
    licence_request,
    number,
    payload,
    pssh_box,
    pssh_data,
    renewal,
    varint,
)

KIDS = ["0" * 31 + "1", "f" * 32]


def test_key_ids_and_the_kind_are_read() -> None:
    asked = read_widevine_challenge(challenge(KIDS))
    assert (asked.kind, asked.kids, asked.persistent) == (ChallengeKind.NEW, frozenset(KIDS), False)
    assert read_widevine_challenge(challenge(KIDS, offline=True)).persistent


def test_renewals_and_releases_are_told_apart() -> None:
    assert read_widevine_challenge(renewal()).kind is ChallengeKind.RENEWAL
    released = read_widevine_challenge(renewal(release=True))
    assert (released.kind, released.kids) == (ChallengeKind.RELEASE, None)


def test_the_certificate_request_is_its_two_bytes() -> None:
    assert base64.b64encode(SERVICE_CERTIFICATE_REQUEST) == b"CAQ="
    assert read_widevine_challenge(SERVICE_CERTIFICATE_REQUEST).kind is ChallengeKind.CERTIFICATE


def test_initialisation_data_of_both_versions_is_understood() -> None:
    foreign = pssh_box(b"not ours", b"\1" * 16)
    for box in (pssh_box(pssh_data(KIDS)), pssh_box(pssh_data(KIDS), kids=KIDS)):
        content = payload(4, number(1, 1) + payload(2, foreign + box) + number(3, 2))
        asked = read_widevine_challenge(licence_request(content))
        assert (asked.kids, asked.persistent) == (frozenset(KIDS), True)


def test_webm_names_its_key_directly() -> None:
    asked = read_widevine_challenge(licence_request(payload(2, payload(1, b"\x0f" * 16) + number(2, 1))))
    assert asked.kids == frozenset({"0f" * 16})


def test_content_without_key_ids_asks_for_what_the_session_has() -> None:
    content = payload(1, payload(1, payload(4, b"content-id")) + number(2, 1))
    assert read_widevine_challenge(licence_request(content)).kids is None


GOOD = challenge(KIDS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x08",
        b"\x08\x05",
        b"\x08\x01",
        b"\x00" * 40,
        b"\xff" * 40,
        b'{"kids":[]}',
        GOOD[:-1],
        GOOD[:200],
        GOOD + b"\x07",
        number(1, 2) + payload(2, b""),
        number(1, 1) + payload(2, b""),
        number(1, 1) + payload(2, number(3, 1)),
        licence_request(b""),
        licence_request(payload(1, payload(1, b"\xff"))),
        licence_request(payload(1, payload(1, pssh_data(KIDS))), kind=9),
        licence_request(payload(1, payload(1, payload(2, b"short")))),
        licence_request(payload(1, payload(1, pssh_data(KIDS * 33)))),
        licence_request(payload(4, number(1, 1) + payload(2, b"\0\0\0\0pssh" + b"\0" * 40))),
        licence_request(payload(4, number(1, 1) + payload(2, pssh_box(pssh_data(KIDS))[:-1]))),
        licence_request(payload(4, number(1, 1) + payload(2, pssh_box(b"", kids=KIDS)[:32]))),
        number(9, 1) * 600,
        varint(2 << 3 | 2) + b"\xff" * 9 + b"\x01",
        b"\x0a" * MOST_BYTES,
        GOOD + payload(15, b"\0" * MOST_BYTES),
        b"\0" * 1_000_000,
    ],
    ids=range(26),
)
def test_garbage_is_refused_by_code(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_widevine_challenge(body)
    assert refused.value.code == "CHALLENGE_INVALID"


@given(st.binary(max_size=300))
def test_bytes_are_read_or_refused_and_nothing_worse(body: bytes) -> None:
    with suppress(InvalidInput):
        read_widevine_challenge(body)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_is_nothing_worse(place: int, value: int) -> None:
    with suppress(InvalidInput):
        read_widevine_challenge(GOOD[:place] + bytes([value]) + GOOD[place + 1 :])
