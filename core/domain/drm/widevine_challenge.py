"""What a proxy can read of a Widevine challenge: its kind, whether it is for offline use, its key ids.

SignedMessage{1 type, 2 msg} around LicenseRequest{2 content_id, 3 type}; content_id holds one of {1 pssh_data{1 data,
2 license_type}, 2 webm_key_id{1 header, 2 license_type}, 3 existing_license, 4 init_data{1 type, 2 data, 3
license_type}}. Who the device is stays encrypted: only the service learns it.
"""

from __future__ import annotations

from uuid import UUID

from core.domain.drm.challenge import Challenge, ChallengeKind, KeySystem, not_a_challenge
from core.domain.drm.systems import DrmSystem
from core.domain.drm.wire_reader import Message

MOST_BYTES = 64 * 1024
MOST_KIDS = 64

_LICENSE_REQUEST, _CERTIFICATE_REQUEST = 1, 4
_KINDS = {None: ChallengeKind.NEW, 1: ChallengeKind.NEW, 2: ChallengeKind.RENEWAL, 3: ChallengeKind.RELEASE}
_OFFLINE = 2
_CENC_INIT_DATA = 1
_KID_BYTES = 16


def read_widevine_challenge(body: bytes) -> Challenge:
    """Raises InvalidInput (CHALLENGE_INVALID)."""
    if not 0 < len(body) <= MOST_BYTES:
        raise not_a_challenge(f"a challenge has 1 to {MOST_BYTES} bytes")
    signed = Message(body)
    if signed.number(1) == _CERTIFICATE_REQUEST:
        return Challenge(KeySystem.WIDEVINE, body, ChallengeKind.CERTIFICATE)
    inner = signed.payload(2)
    if signed.number(1) != _LICENSE_REQUEST or inner is None:
        raise not_a_challenge("it is no licence request")
    return _licence_request(body, Message(inner))


def _licence_request(body: bytes, request: Message) -> Challenge:
    kind, content = _KINDS.get(request.number(3)), request.payload(2)
    if kind is None or content is None:
        raise not_a_challenge("it does not say what for")
    kids, licence_type = _content(Message(content))
    return Challenge(KeySystem.WIDEVINE, body, kind, kids, persistent=licence_type == _OFFLINE)


def _content(content: Message) -> tuple[frozenset[str] | None, int | None]:
    """Key ids, or None where none can be read, and the kind of licence."""
    pssh, webm, init = content.payload(1), content.payload(2), content.payload(4)
    if pssh is not None:
        request = Message(pssh)
        return _kids_of(request.payloads(1)), request.number(2)
    if webm is not None:
        request = Message(webm)
        return _set([header for header in request.payloads(1) if len(header) == _KID_BYTES]), request.number(2)
    if init is not None:
        request = Message(init)
        boxes = request.payloads(2) if request.number(1) == _CENC_INIT_DATA else []
        return _kids_of([data for box in boxes for data in _pssh_payloads(box)]), request.number(3)
    if content.payload(3) is not None:
        return None, None
    raise not_a_challenge("it does not say for what content")


def _kids_of(pssh_data: list[bytes]) -> frozenset[str] | None:
    """WidevinePsshData{2 key_ids}. Content that is named in other ways has none."""
    return _set([kid for data in pssh_data for kid in Message(data).payloads(2)])


def _set(kids: list[bytes]) -> frozenset[str] | None:
    if len(kids) > MOST_KIDS or any(len(kid) != _KID_BYTES for kid in kids):
        raise not_a_challenge(f"it names up to {MOST_KIDS} key ids of {_KID_BYTES} bytes")
    return frozenset(kid.hex() for kid in kids) or None


def _pssh_payloads(box: bytes) -> list[bytes]:
    """The Widevine data in a row of `pssh` boxes (ISO/IEC 23001-7, 8.1)."""
    found, offset = [], 0
    while offset < len(box):
        size = int.from_bytes(box[offset : offset + 4], "big")
        if size < 32 or offset + size > len(box) or box[offset + 4 : offset + 8] != b"pssh":
            raise not_a_challenge("its initialisation data is no `pssh` box")
        if UUID(bytes=box[offset + 12 : offset + 28]) == UUID(DrmSystem.WIDEVINE):
            found.append(_payload(box[offset : offset + size]))
        offset += size
    return found


def _payload(box: bytes) -> bytes:
    listed = int.from_bytes(box[28:32], "big") if box[8] else 0
    start = (32 + listed * _KID_BYTES if box[8] else 28) + 4
    length = int.from_bytes(box[start - 4 : start], "big")
    if start + length != len(box):
        raise not_a_challenge("its `pssh` box is damaged")
    return box[start:]
