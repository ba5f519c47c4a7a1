"""Writing a SPEKE request: one key a label of ours, delivered encrypted to one certificate."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from core.adapters.cpix.document import CPIX, DS, NAMESPACES, Element, uuid_text, write_document
from core.domain.drm.speke import CPIX_VERSIONS, SpekeVersion
from core.domain.drm.systems import DrmSystem, signalled_systems
from core.domain.media.plan import KeyLabel, ProtectionScheme

#: Where SD, HD and UHD part, in pixels: as our ladder has it, 480p and 1080p at 16:9 and wider.
_LARGEST_SD = 1024 * 576
_LARGEST_HD = 1920 * 1080
_FILTERS: dict[KeyLabel, tuple[str, dict[str, str]]] = {
    KeyLabel.AUDIO: ("AudioFilter", {}),
    KeyLabel.SD: ("VideoFilter", {"maxPixels": str(_LARGEST_SD)}),
    KeyLabel.HD: ("VideoFilter", {"minPixels": str(_LARGEST_SD + 1), "maxPixels": str(_LARGEST_HD)}),
    KeyLabel.UHD: ("VideoFilter", {"minPixels": str(_LARGEST_HD + 1)}),
}


@dataclass(frozen=True)
class KeyQuestion:
    """`kids` (hex) and, for cbcs, `ivs` (16 bytes) are what we propose; the service may have others."""

    content_id: str
    scheme: ProtectionScheme
    kids: Mapping[KeyLabel, str]
    ivs: Mapping[KeyLabel, bytes]
    certificate: bytes


def write_question(question: KeyQuestion, version: SpekeVersion) -> bytes:
    root = etree.Element(f"{CPIX}CPIX", nsmap=NAMESPACES)
    root.set("contentId", question.content_id)
    root.set("version", CPIX_VERSIONS[version])
    _add_recipient(root, question.certificate)
    keys = etree.SubElement(root, f"{CPIX}ContentKeyList")
    for label, kid in question.kids.items():
        key = etree.SubElement(keys, f"{CPIX}ContentKey", kid=uuid_text(kid))
        key.set("commonEncryptionScheme", question.scheme.value)
        if label in question.ivs:
            key.set("explicitIV", base64.b64encode(question.ivs[label]).decode())
    _add_systems(root, question.scheme, question.kids.values())
    rules = etree.SubElement(root, f"{CPIX}ContentKeyUsageRuleList")
    for label, kid in question.kids.items():
        name, bounds = _FILTERS[label]
        rule = etree.SubElement(rules, f"{CPIX}ContentKeyUsageRule", kid=uuid_text(kid), intendedTrackType=label.value)
        etree.SubElement(rule, f"{CPIX}{name}", bounds)
    return write_document(root)


def _add_recipient(root: Element, certificate: bytes) -> None:
    delivery = etree.SubElement(etree.SubElement(root, f"{CPIX}DeliveryDataList"), f"{CPIX}DeliveryData")
    x509 = etree.SubElement(etree.SubElement(delivery, f"{CPIX}DeliveryKey"), f"{DS}X509Data")
    etree.SubElement(x509, f"{DS}X509Certificate").text = base64.b64encode(certificate).decode()


def _add_systems(root: Element, scheme: ProtectionScheme, kids: Iterable[str]) -> None:
    """The systems that we publish for: our packager writes their headers, but a service must know who will play."""
    systems = etree.SubElement(root, f"{CPIX}DRMSystemList")
    for system in signalled_systems(scheme):
        if system is DrmSystem.COMMON:
            continue
        for kid in kids:
            element = etree.SubElement(systems, f"{CPIX}DRMSystem", kid=uuid_text(kid), systemId=system.value)
            if system is DrmSystem.FAIRPLAY:
                for playlist in ("media", "master"):
                    etree.SubElement(element, f"{CPIX}HLSSignalingData", playlist=playlist)
            else:
                etree.SubElement(element, f"{CPIX}PSSH")
