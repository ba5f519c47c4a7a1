"""CPIX documents as XML (DASH-IF CPIX 2.3 and 2.4): names, safe parsing, attributes."""

from __future__ import annotations

import base64
import binascii
from typing import TypeAlias
from uuid import UUID

from lxml import etree

from core.domain.drm.speke import SpekeRefused

Element: TypeAlias = "etree._Element"  # noqa: SLF001 - the name that lxml gives it

CPIX = "{urn:dashif:org:cpix}"
PSKC = "{urn:ietf:params:xml:ns:keyprov:pskc}"
ENC = "{http://www.w3.org/2001/04/xmlenc#}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
NAMESPACES = {
    "cpix": CPIX[1:-1],
    "pskc": PSKC[1:-1],
    "enc": ENC[1:-1],
    "ds": DS[1:-1],
}
AES_256_CBC = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
RSA_OAEP = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
HMAC_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#hmac-sha512"

MOST_BYTES = 512 * 1024
_MOST_ELEMENTS = 8_000
_DEEPEST = 12


def parse_document(data: bytes) -> Element:
    """The root. No entities, no DTD, no network; bounded in size, number and depth. Raises SpekeRefused."""
    # NUL: nothing but UTF-8 gets past these words and the parser's forced encoding.
    if len(data) > MOST_BYTES or b"\0" in data or b"<!DOCTYPE" in data:
        raise _not_cpix()
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise _not_cpix() from None
    if root.tag != f"{CPIX}CPIX" or not _within_bounds(root):
        raise _not_cpix()
    return root


def write_document(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def attribute(element: Element, name: str) -> str:
    """Without the spaces around it. Raises SpekeRefused when it is missing or empty."""
    value = (element.get(name) or "").strip()
    if not value:
        raise SpekeRefused(f"Missing {local_name(element)}@{name}")
    return value


def kid_attribute(element: Element, name: str = "kid") -> str:
    """32 hex digits of a UUID. Raises SpekeRefused."""
    value = attribute(element, name)
    try:
        return UUID(hex=value).hex
    except ValueError:
        raise SpekeRefused(f"Malformed {local_name(element)}@{name}") from None


def base64_text(element: Element, text: str | None) -> bytes:
    """Spaces and line breaks do not count. Raises SpekeRefused, naming the element."""
    try:
        return base64.b64decode("".join((text or "").split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise SpekeRefused(f"Malformed {local_name(element)}") from None


def local_name(element: Element) -> str:
    return etree.QName(element).localname


def uuid_text(kid: str) -> str:
    return str(UUID(hex=kid))


def _within_bounds(root: Element) -> bool:
    count, depth = 0, 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if count > _MOST_ELEMENTS or depth > _DEEPEST:
            return False
    return True


def _not_cpix() -> SpekeRefused:
    return SpekeRefused("The body is not a CPIX document")
