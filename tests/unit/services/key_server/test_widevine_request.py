from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.widevine_pssh import WidevinePsshData
from core.domain.media.plan import ProtectionScheme
from core.services.key_server.widevine_request import WidevineRefused, read_envelope, read_request
from tests.fixtures.widevine_client import b64, inner


def read(**fields):
    return read_request(json.dumps(inner(b"content") | fields).encode())


def pssh(**fields) -> dict[str, str]:
    asked = inner(b"", pssh_data=b64(WidevinePsshData(**fields).encoded()))
    del asked["content_id"]
    return asked


def test_the_packagers_request_is_understood():
    request = read(protection_scheme="CBCS")
    assert (request.content_id, request.crypto_periods) == (b"content", (None,))
    assert request.tracks == ("SD", "HD", "UHD1", "UHD2", "AUDIO")
    assert (request.scheme, request.drm_types) == (ProtectionScheme.CBCS, ("WIDEVINE",))


def test_without_scheme_and_systems_the_protocols_defaults_hold():
    asked = inner(b"c")
    del asked["protection_scheme"], asked["drm_types"]
    request = read_request(json.dumps(asked).encode())
    assert (request.scheme, request.drm_types) == (ProtectionScheme.CENC, ("WIDEVINE",))


def test_crypto_periods_are_counted_from_the_first():
    assert read(first_crypto_period_index=7, crypto_period_count=3).crypto_periods == (7, 8, 9)
    assert read(first_crypto_period_index=7).crypto_periods == (7,)


def test_a_pssh_names_content_and_period():
    request = read_request(json.dumps(pssh(content_id=b"c", crypto_period_index=4)).encode())
    assert (request.content_id, request.crypto_periods) == (b"c", (4,))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"enable_entitlement_license": True}, "MALFORMED_REQUEST"),
        ({"group_id": "YQ=="}, "MALFORMED_REQUEST"),
        ({"video_feature": "HDR"}, "MALFORMED_REQUEST"),
        ({"asset_id": 1}, "MALFORMED_REQUEST"),
        ({"content_id": ""}, "CONTENT_ID_MISSING"),
        ({"content_id": b64(b"x" * 257)}, "CONTENT_ID_MISSING"),
        ({"content_id": "not base64"}, "MALFORMED_REQUEST"),
        ({"content_id": 5}, "MALFORMED_REQUEST"),
        ({"pssh_data": "YQ=="}, "TOO_MANY_CONTENT_SPECIFIERS"),
        ({"tracks": []}, "TRACK_TYPE_MISSING"),
        ({"tracks": None}, "TRACK_TYPE_MISSING"),
        ({"tracks": [{"type": "8K"}]}, "TRACK_TYPE_UNKNOWN"),
        ({"tracks": [{}]}, "TRACK_TYPE_UNKNOWN"),
        ({"tracks": ["SD"]}, "TRACK_TYPE_UNKNOWN"),
        ({"tracks": [{"type": "SD"}, {"type": "SD"}]}, "MALFORMED_REQUEST"),
        ({"protection_scheme": "CBC1"}, "MALFORMED_REQUEST"),
        ({"protection_scheme": []}, "MALFORMED_REQUEST"),
        ({"drm_types": ["FAIRPLAY"]}, "MALFORMED_REQUEST"),
        ({"drm_types": [[]]}, "MALFORMED_REQUEST"),
        ({"first_crypto_period_index": 0, "crypto_period_count": 0}, "NO_REQUESTED_CRYPTO_PERIODS"),
        ({"first_crypto_period_index": 0, "crypto_period_count": 65}, "NO_REQUESTED_CRYPTO_PERIODS"),
        ({"first_crypto_period_index": -1, "crypto_period_count": 1}, "NO_REQUESTED_CRYPTO_PERIODS"),
        ({"first_crypto_period_index": 2**32, "crypto_period_count": 1}, "NO_REQUESTED_CRYPTO_PERIODS"),
        ({"crypto_period_count": 1}, "MALFORMED_REQUEST"),
        ({"first_crypto_period_index": True}, "MALFORMED_REQUEST"),
    ],
)
def test_what_cannot_be_served_has_the_protocols_status(fields, status):
    with pytest.raises(WidevineRefused) as refusal:
        read(**fields)
    assert refusal.value.code == status


@pytest.mark.parametrize("data", [b"\x12\x10short", WidevinePsshData(kids=("ab" * 16,)).encoded()])
def test_a_pssh_that_names_no_content_is_refused(data):
    asked = pssh() | {"pssh_data": b64(data)}
    with pytest.raises(WidevineRefused) as refusal:
        read_request(json.dumps(asked).encode())
    assert refusal.value.code == "INVALID_WIDEVINE_PSSH"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", "MALFORMED_REQUEST"),
        (b"[]", "MALFORMED_REQUEST"),
        (b"\xff", "MALFORMED_REQUEST"),
        (b"[" * 5000, "MALFORMED_REQUEST"),
        (b'{"signature":"","signer":"a","request":"' + b"A" * 70_000 + b'"}', "MALFORMED_REQUEST"),
        (b'{"signature":"%","signer":"a","request":"YQ=="}', "MALFORMED_REQUEST"),
        (b'{"request":"YQ=="}', "SIGNATURE_FAILED"),
        (b'{"request":"YQ==","signer":"a"}', "SIGNATURE_FAILED"),
    ],
)
def test_what_is_no_signed_request_is_refused(body, status):
    with pytest.raises(WidevineRefused) as refusal:
        read_envelope(body)
    assert refusal.value.code == status


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists))
def test_no_value_in_any_field_does_worse_than_being_refused(value):
    for name in inner(b"c"):
        asked = json.dumps(inner(b"c") | {name: value}).encode()
        try:
            read_request(asked)
            read_envelope(json.dumps({"request": base64.b64encode(asked).decode(), name: value}).encode())
        except WidevineRefused:
            continue
