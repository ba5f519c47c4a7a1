"""Signed media paths: `/media/<token>/<object path>`, for one session, one version, until an instant.

The token carries what it grants, so that checking a segment needs no database, and any CDN could do it. Relative
references in manifests keep the token, because it comes before the path.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass

from core.domain.errors import Forbidden, NotFound

_LAYOUT = struct.Struct(">B16s16sI16sQ")
_VERSION = 1
_MAC = hashlib.sha256
_MAC_BYTES = 32
_PURPOSE = "sealcast media path"

#: Names that packaging gives. No per cent sign, no backslash, nothing outside ASCII, nothing that starts with a dot.
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*", re.ASCII)
_LONGEST_PATH = 300


@dataclass(frozen=True)
class MediaGrant:
    """Ids are 32 hex digits; `expires` is in Unix seconds."""

    organisation_id: str
    video_id: str
    version: int
    session_id: str
    expires: int


def sign(key: bytes, grant: MediaGrant) -> str:
    """Base64url without padding: layout version, ids, expiry, HMAC-SHA256."""
    body = _LAYOUT.pack(
        _VERSION,
        bytes.fromhex(grant.organisation_id),
        bytes.fromhex(grant.video_id),
        grant.version,
        bytes.fromhex(grant.session_id),
        grant.expires,
    )
    return base64.urlsafe_b64encode(body + _mac(key, grant)).rstrip(b"=").decode()


def verify(key: bytes, token: str, now: float) -> MediaGrant:
    """Raises Forbidden, with the same words for a forged and an expired token."""
    grant, mac = _unpack(token)
    if not hmac.compare_digest(mac, _mac(key, grant)) or now >= grant.expires:
        raise _refused()
    return grant


def object_path(raw: str) -> str:
    """The path as it stood in the request line, if it can be the name of a published object. Raises NotFound."""
    if len(raw) > _LONGEST_PATH or _PATH.fullmatch(raw) is None or ".." in raw:
        raise NotFound("There is no such object.")
    return raw


def _unpack(token: str) -> tuple[MediaGrant, bytes]:
    try:
        raw = base64.b64decode(token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True)
        layout, organisation, video, version, session, expires = _LAYOUT.unpack(raw[:-_MAC_BYTES])
    except (binascii.Error, UnicodeEncodeError, struct.error, ValueError):
        raise _refused() from None
    grant = MediaGrant(organisation.hex(), video.hex(), version, session.hex(), expires)
    # One grant, one spelling: base64 would otherwise accept stray bits in the last character.
    if layout != _VERSION or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != token:
        raise _refused()
    return grant, raw[-_MAC_BYTES:]


def _mac(key: bytes, grant: MediaGrant) -> bytes:
    """Over length-prefixed fields: no two grants share a message."""
    parts = (
        _PURPOSE,
        grant.organisation_id,
        grant.video_id,
        str(grant.version),
        grant.session_id,
        str(grant.expires),
    )
    message = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.new(key, message, _MAC).digest()


def _refused() -> Forbidden:
    return Forbidden("The address is not signed, or it has expired.")
