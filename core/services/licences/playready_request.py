"""PlayReady's AcquireLicense challenge, a SOAP message: its key ids stand in the WRMHEADER that the player repeats.

PlayReady Header Specification: 4.0 has one KID element, 4.1 one with a VALUE, 4.2 and 4.3 a list of these; the value
is base64 of a GUID in Microsoft's byte order.
"""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from lxml import etree

from core.domain.drm.challenge import Challenge, KeySystem, not_a_challenge

MOST_BYTES = 64 * 1024
_MOST_KIDS = 64
_MOST_ELEMENTS = 2000
_MESSAGES = "{http://schemas.microsoft.com/DRM/2007/03/protocols}"
_HEADER = "{http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader}"
_ACQUIRE = f"{{http://schemas.xmlsoap.org/soap/envelope/}}Body/{_MESSAGES}AcquireLicense"
_VERSIONS = frozenset({"4.0.0.0", "4.1.0.0", "4.2.0.0", "4.3.0.0"})


def read_playready_challenge(body: bytes, *, persistent: bool = False) -> Challenge:
    """Raises InvalidInput (CHALLENGE_INVALID)."""
    if not 0 < len(body) <= MOST_BYTES:
        raise not_a_challenge(f"a challenge has 1 to {MOST_BYTES} bytes")
    request = _parsed(body).find(_ACQUIRE)
    if request is None:
        raise not_a_challenge("it is no AcquireLicense message")
    headers = list(request.iter(f"{_HEADER}WRMHEADER"))
    if not headers or any(header.get("version") not in _VERSIONS for header in headers):
        raise not_a_challenge("it has no WRMHEADER of versions 4.0 to 4.3")
    kids = frozenset(_kid(value) for header in headers for value in _values(header))
    if not 1 <= len(kids) <= _MOST_KIDS:
        raise not_a_challenge(f"it names 1 to {_MOST_KIDS} key ids")
    return Challenge(KeySystem.PLAYREADY, body, kids=kids, persistent=persistent)


def _parsed(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise not_a_challenge("it is no XML") from None
    if root.getroottree().docinfo.doctype:
        raise not_a_challenge("it has a document type")
    if sum(1 for _ in root.iter()) > _MOST_ELEMENTS:
        raise not_a_challenge("it has too many elements")
    return root


def _values(header: etree._Element) -> list[str]:
    return [kid.get("VALUE") or kid.text or "" for kid in header.iter(f"{_HEADER}KID")]


def _kid(value: str) -> str:
    try:
        raw = base64.b64decode(value.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise not_a_challenge("a key id is no base64") from None
    if len(raw) != 16:
        raise not_a_challenge("a key id has 16 bytes")
    return UUID(bytes_le=raw).hex
