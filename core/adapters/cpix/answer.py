"""Filling in a request: the answer is the document that was asked, with a value in each place that we have one for."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from lxml import etree

from core.adapters.cpix.document import CPIX, PSKC, Element, kid_attribute, local_name, uuid_text
from core.adapters.cpix.encryption import DocumentCipher, add_encrypted
from core.domain.drm.external_key import ServedKey
from core.domain.drm.signalling import signalling
from core.domain.drm.speke import SpekeRequest
from core.domain.drm.systems import DrmSystem
from core.domain.media.plan import ProtectionScheme


def fill_in(root: Element, request: SpekeRequest, keys: Mapping[str, ServedKey], cipher: DocumentCipher | None) -> None:
    """`keys` by the KID that was asked: a key that has one of its own overrides it throughout.

    With `cipher` the keys are encrypted to the recipients, without it they are in the clear.
    """
    for element in root.findall(f"{CPIX}ContentKeyList/{CPIX}ContentKey"):
        _fill_key(element, request.scheme, keys[kid_attribute(element)], cipher)
    for element in root.findall(f"{CPIX}DRMSystemList/{CPIX}DRMSystem"):
        asked = kid_attribute(element)
        _fill_system(element, request, keys[asked], request.crypto_period_of(asked))
    for element in root.findall(f"{CPIX}ContentKeyUsageRuleList/{CPIX}ContentKeyUsageRule"):
        _set_kid(element, keys[kid_attribute(element)])
    if cipher is not None:
        cipher.deliver(root)


def _fill_key(element: Element, scheme: ProtectionScheme, key: ServedKey, cipher: DocumentCipher | None) -> None:
    _set_kid(element, key)
    # Under cenc a constant IV is the encryptor's own choice: shared by renditions, it would repeat AES-CTR key stream.
    if scheme is ProtectionScheme.CBCS and key.iv is not None:
        element.set("explicitIV", base64.b64encode(key.iv).decode())
    for child in list(element):
        element.remove(child)
    secret = etree.SubElement(etree.SubElement(element, f"{CPIX}Data"), f"{PSKC}Secret")
    if cipher is None:
        etree.SubElement(secret, f"{PSKC}PlainValue").text = base64.b64encode(key.key).decode()
    else:
        add_encrypted(secret, cipher.content_key(key.key))


def _fill_system(element: Element, request: SpekeRequest, key: ServedKey, crypto_period: int | None) -> None:
    _set_kid(element, key)
    system = DrmSystem((element.get("systemId") or "").strip().lower())
    known = signalling(system, request.scheme, key, request.content_id.encode(), crypto_period)
    values = {
        "PSSH": None if known.pssh is None else base64.b64encode(known.pssh).decode(),
        "ContentProtectionData": _encoded(known.content_protection),
        "HLSSignalingData": known.hls,
        "SmoothStreamingProtectionHeaderData": known.smooth_streaming,
    }
    for child in list(element):
        name = local_name(child)
        value = values[name]
        if value is None:
            element.remove(child)
        elif name == "HLSSignalingData":
            tag = "EXT-X-KEY" if child.get("playlist") == "media" else "EXT-X-SESSION-KEY"
            child.text = _encoded(f"#{tag}:{value}")
        else:
            child.text = value


def _set_kid(element: Element, key: ServedKey) -> None:
    if kid_attribute(element) != key.kid:
        element.set("kid", uuid_text(key.kid))


def _encoded(text: str | None) -> str | None:
    return None if text is None else base64.b64encode(text.encode()).decode()
