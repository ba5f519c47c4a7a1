"""Requests of Widevine's common-encryption protocol, which Shaka Packager and other packagers speak.

Messages and statuses are those of `widevine_common_encryption.proto` in Shaka Packager, as JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from core.domain.drm.external_key import MOST_CONTENT_ID_BYTES
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import MalformedWidevinePssh, read_widevine_pssh
from core.domain.errors import DomainError
from core.domain.media.plan import ProtectionScheme

TRACK_TYPES = frozenset({"SD", "HD", "UHD1", "UHD2", "AUDIO"})
SYSTEMS = {"WIDEVINE": DrmSystem.WIDEVINE, "PLAYREADY": DrmSystem.PLAYREADY}
_SCHEMES = {"UNSPECIFIED": ProtectionScheme.CENC, "CENC": ProtectionScheme.CENC, "CBCS": ProtectionScheme.CBCS}
_MOST_BYTES = 64 * 1024
_MOST_PERIODS = 64
_LAST_PERIOD = 2**32 - 1


class WidevineRefused(DomainError):
    """`code` is a status of the protocol."""

    code = "MALFORMED_REQUEST"


@dataclass(frozen=True)
class SignedRequest:
    """`request` is what was signed, byte for byte."""

    request: bytes
    signature: bytes
    signer: str


@dataclass(frozen=True)
class WidevineRequest:
    """`crypto_periods` holds None for content whose keys do not rotate."""

    content_id: bytes
    tracks: tuple[str, ...]
    crypto_periods: tuple[int | None, ...]
    scheme: ProtectionScheme
    drm_types: tuple[str, ...]


def read_envelope(body: bytes) -> SignedRequest:
    """Raises WidevineRefused."""
    message = _json(body)
    signer, signature = message.get("signer"), message.get("signature")
    if not isinstance(signer, str) or not isinstance(signature, str):
        raise WidevineRefused("Sign the request.", code="SIGNATURE_FAILED")
    return SignedRequest(_base64(message, "request"), _base64(message, "signature"), signer)


def read_request(raw: bytes) -> WidevineRequest:
    """Raises WidevineRefused."""
    message = _json(raw)
    for unsupported in ("enable_entitlement_license", "group_id", "video_feature", "asset_id"):
        if message.get(unsupported):
            raise WidevineRefused(f"{unsupported} is not supported: every track has a key of its own.")
    content_id, period = _content(message)
    scheme = message.get("protection_scheme", "UNSPECIFIED")
    if not isinstance(scheme, str) or scheme not in _SCHEMES:
        raise WidevineRefused("protection_scheme must be CENC or CBCS.")
    return WidevineRequest(content_id, _tracks(message), _periods(message, period), _SCHEMES[scheme], _systems(message))


def _content(message: dict[str, Any]) -> tuple[bytes, int | None]:
    """The content's id, given or found in a `pssh`, and the latter's crypto period."""
    if "content_id" in message and "pssh_data" in message:
        raise WidevineRefused("Send content_id or pssh_data.", code="TOO_MANY_CONTENT_SPECIFIERS")
    if "pssh_data" in message:
        try:
            data = read_widevine_pssh(_base64(message, "pssh_data"))
        except MalformedWidevinePssh as error:
            raise WidevineRefused(str(error), code="INVALID_WIDEVINE_PSSH") from None
        if not 1 <= len(data.content_id) <= MOST_CONTENT_ID_BYTES:
            raise WidevineRefused("The pssh names no content.", code="INVALID_WIDEVINE_PSSH")
        return data.content_id, data.crypto_period_index
    content_id = _base64(message, "content_id") if "content_id" in message else b""
    if not 1 <= len(content_id) <= MOST_CONTENT_ID_BYTES:
        raise WidevineRefused(f"content_id has 1 to {MOST_CONTENT_ID_BYTES} bytes.", code="CONTENT_ID_MISSING")
    return content_id, None


def _tracks(message: dict[str, Any]) -> tuple[str, ...]:
    tracks = message.get("tracks")
    if not isinstance(tracks, list) or not tracks:
        raise WidevineRefused("Name the tracks.", code="TRACK_TYPE_MISSING")
    types = [str(track.get("type")) if isinstance(track, dict) else "" for track in tracks]
    if not TRACK_TYPES.issuperset(types):
        raise WidevineRefused(f"Track types are {', '.join(sorted(TRACK_TYPES))}.", code="TRACK_TYPE_UNKNOWN")
    if len(set(types)) != len(types):
        raise WidevineRefused("A track type is named twice.")
    return tuple(types)


def _periods(message: dict[str, Any], of_pssh: int | None) -> tuple[int | None, ...]:
    first, count = message.get("first_crypto_period_index"), message.get("crypto_period_count", 1)
    if first is None and "crypto_period_count" not in message:
        return (of_pssh,)
    # `True` is an int to Python, not to the protocol.
    if type(first) is not int or type(count) is not int:
        raise WidevineRefused("first_crypto_period_index and crypto_period_count are numbers.")
    if not 1 <= count <= _MOST_PERIODS or not 0 <= first <= _LAST_PERIOD - count:
        raise WidevineRefused(f"Ask for 1 to {_MOST_PERIODS} crypto periods.", code="NO_REQUESTED_CRYPTO_PERIODS")
    return tuple(range(first, first + count))


def _systems(message: dict[str, Any]) -> tuple[str, ...]:
    kinds = message.get("drm_types") or ["WIDEVINE"]
    if not isinstance(kinds, list) or not all(isinstance(kind, str) and kind in SYSTEMS for kind in kinds):
        raise WidevineRefused(f"drm_types are {', '.join(sorted(SYSTEMS))}.")
    return tuple(dict.fromkeys(kinds))


def _json(raw: bytes) -> dict[str, Any]:
    try:
        message = json.loads(raw.decode("utf-8")) if len(raw) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise WidevineRefused(f"Send a JSON object of at most {_MOST_BYTES} bytes.")
    return message


def _base64(message: dict[str, Any], name: str) -> bytes:
    value = message.get(name)
    try:
        return base64.b64decode(value.encode("ascii") if isinstance(value, str) else b"!", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise WidevineRefused(f"{name} is not base64.") from None
