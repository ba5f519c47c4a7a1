"""Reading what an encryptor asks for."""

from __future__ import annotations

from collections.abc import Collection

from core.adapters.cpix.document import (
    CPIX,
    DS,
    Element,
    attribute,
    base64_text,
    kid_attribute,
    local_name,
)
from core.adapters.cpix.drm_systems import read_systems
from core.adapters.cpix.lists import MOST_KEYS, Lists, children, read_lists
from core.adapters.cpix.periods import read_periods
from core.adapters.cpix.usage_rules import read_rule
from core.domain.drm.encryption_contract import MISSING, check_contract
from core.domain.drm.external_key import MOST_CONTENT_ID_BYTES
from core.domain.drm.speke import (
    CPIX_VERSIONS,
    SCHEMES,
    RequestedKey,
    SpekeRefused,
    SpekeRequest,
    SpekeVersion,
)
from core.domain.media.plan import ProtectionScheme

#: Schemes of ISO/IEC 23001-7 and methods of HLS for which none of our DRM systems has keys.
_FOREIGN_SCHEMES = frozenset({"cbc1", "cens", "AES-128"})
_MOST_RECIPIENTS = 8
_IV_BYTES = 16


def read_request(root: Element, version: SpekeVersion) -> SpekeRequest:
    """Raises SpekeRefused for whatever the profile does not allow, or that we could not fill in."""
    content_id = _content_id(root)
    _check_version(root, version)
    lists = read_lists(root)
    elements = children(lists, "ContentKeyList", "ContentKey", MOST_KEYS)
    scheme_name, keys = _scheme(elements), tuple(_key(element) for element in elements)
    kids = [key.kid for key in keys]
    if len(set(kids)) != len(kids):
        raise SpekeRefused("ContentKey@kid is not unique")
    scheme = _known_scheme(scheme_name, version)
    systems = read_systems(lists, version, kids, scheme)
    if len(lists.get("ContentKeyUsageRuleList", ())) == 0:
        raise SpekeRefused(MISSING)
    periods = read_periods(lists, version)
    rule_elements = children(lists, "ContentKeyUsageRuleList", "ContentKeyUsageRule", MOST_KEYS)
    rules = tuple(read_rule(element) for element in rule_elements)
    check_contract(kids, rules, periods)
    if scheme is None:
        raise SpekeRefused(f"Unsupported ContentKey@commonEncryptionScheme {scheme_name}")
    return SpekeRequest(content_id, scheme, keys, systems, rules, periods, _recipients(lists))


def _content_id(root: Element) -> str:
    content_id = root.get("contentId") or ""
    if not content_id.strip():
        raise SpekeRefused("Missing CPIX@contentId")
    if len(content_id.encode()) > MOST_CONTENT_ID_BYTES:
        raise SpekeRefused(f"CPIX@contentId is longer than {MOST_CONTENT_ID_BYTES} bytes")
    return content_id


def _check_version(root: Element, version: SpekeVersion) -> None:
    given = (root.get("version") or "").strip()
    if not given:
        raise SpekeRefused("Missing CPIX@version")
    if given != CPIX_VERSIONS[version]:
        raise SpekeRefused("Unsupported CPIX@version")


def _key(element: Element) -> RequestedKey:
    for unsupported in ("dependsOnKey", "contentId"):
        if element.get(unsupported) is not None:
            raise SpekeRefused(f"ContentKey@{unsupported} is not supported")
    for child in element:
        if child.tag != f"{CPIX}Data":
            raise SpekeRefused(f"Unsupported element {local_name(child)}")
    text = element.get("explicitIV")
    iv = base64_text(element, text) if text is not None and text.strip() else None
    if iv is not None and len(iv) != _IV_BYTES:
        raise SpekeRefused("ContentKey@explicitIV is not 16 bytes")
    return RequestedKey(kid_attribute(element), iv)


def _scheme(elements: Collection[Element]) -> str:
    """The one scheme of the document, as it is written."""
    names = set()
    for element in elements:
        kid = attribute(element, "kid")
        name = (element.get("commonEncryptionScheme") or "").strip()
        if not name:
            raise SpekeRefused(f"Missing ContentKey@commonEncryptionScheme for KID {kid}")
        names.add(name)
    if len(names) > 1:
        raise SpekeRefused("Non compliant ContentKey@commonEncryptionScheme combination")
    return names.pop()


def _known_scheme(name: str, version: SpekeVersion) -> ProtectionScheme | None:
    scheme = SCHEMES[version].get(name)
    if scheme is None and name not in _FOREIGN_SCHEMES:
        raise SpekeRefused(f"Unsupported ContentKey@commonEncryptionScheme {name}")
    return scheme


def _recipients(lists: Lists) -> tuple[bytes, ...]:
    if "DeliveryDataList" not in lists:
        return ()
    certificates = []
    for element in children(lists, "DeliveryDataList", "DeliveryData", _MOST_RECIPIENTS):
        certificate = element.find(f"{CPIX}DeliveryKey/{DS}X509Data/{DS}X509Certificate")
        if certificate is None:
            raise SpekeRefused("Missing DeliveryKey/X509Data/X509Certificate")
        certificates.append(base64_text(certificate, certificate.text))
    return tuple(certificates)
