"""Reading what an encryptor asks for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from core.adapters.cpix.document import (
    CPIX,
    DS,
    Element,
    attribute,
    base64_text,
    kid_attribute,
    local_name,
)
from core.adapters.cpix.usage_rules import read_rule
from core.domain.drm.encryption_contract import MISSING, check_contract
from core.domain.drm.external_key import MOST_CONTENT_ID_BYTES
from core.domain.drm.speke import (
    CPIX_VERSIONS,
    MASTER_PLAYLISTS,
    SCHEMES,
    RequestedKey,
    SpekeRefused,
    SpekeRequest,
    SpekeVersion,
    refuse_incompatible,
)
from core.domain.drm.systems import DrmSystem
from core.domain.media.plan import ProtectionScheme

_LISTS = ("DeliveryDataList", "ContentKeyList", "DRMSystemList", "ContentKeyPeriodList", "ContentKeyUsageRuleList")
#: SPEKE leaves it out; whoever sends it gets it back.
_IGNORED = ("UpdateHistoryItemList",)
_SIGNALS = ("PSSH", "ContentProtectionData", "HLSSignalingData", "SmoothStreamingProtectionHeaderData")
#: Schemes of ISO/IEC 23001-7 and methods of HLS for which none of our DRM systems has keys.
_FOREIGN_SCHEMES = frozenset({"cbc1", "cens", "AES-128"})
_MOST_KEYS = 128
_MOST_RECIPIENTS = 8
_IV_BYTES = 16


def read_request(root: Element, version: SpekeVersion) -> SpekeRequest:
    """Raises SpekeRefused for whatever the profile does not allow, or that we could not fill in."""
    content_id = _content_id(root)
    _check_version(root, version)
    lists = _lists(root)
    elements = _children(lists, "ContentKeyList", "ContentKey", _MOST_KEYS)
    scheme_name, keys = _scheme(elements), tuple(_key(element) for element in elements)
    kids = [key.kid for key in keys]
    if len(set(kids)) != len(kids):
        raise SpekeRefused("ContentKey@kid is not unique")
    scheme = _known_scheme(scheme_name, version)
    systems = _systems(lists, version, kids, scheme)
    if len(lists.get("ContentKeyUsageRuleList", ())) == 0:
        raise SpekeRefused(MISSING)
    periods = _periods(lists, version)
    rule_elements = _children(lists, "ContentKeyUsageRuleList", "ContentKeyUsageRule", _MOST_KEYS)
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


def _lists(root: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for child in root:
        name = local_name(child)
        if child.tag != f"{CPIX}{name}" or name not in _LISTS + _IGNORED:
            raise SpekeRefused(f"Unsupported element {name}")
        if name in found:
            raise SpekeRefused(f"More than one {name}")
        found[name] = child
    return found


def _children(lists: dict[str, Element], parent: str, name: str, most: int) -> list[Element]:
    """All children of a mandatory list; there is at least one, and nothing else."""
    if parent not in lists or len(lists[parent]) == 0:
        raise SpekeRefused(f"Missing {parent if parent not in lists else name}")
    children = list(lists[parent])
    if len(children) > most:
        raise SpekeRefused(f"More than {most} {name} elements")
    for child in children:
        if child.tag != f"{CPIX}{name}":
            raise SpekeRefused(f"Unsupported element {local_name(child)}")
    return children


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


def _systems(
    lists: dict[str, Element], version: SpekeVersion, kids: Collection[str], scheme: ProtectionScheme | None
) -> tuple[tuple[str, DrmSystem], ...]:
    most = _MOST_KEYS * len(DrmSystem)
    systems = []
    for element in _children(lists, "DRMSystemList", "DRMSystem", most):
        kid, system_id = kid_attribute(element), attribute(element, "systemId").lower()
        if kid not in kids:
            raise SpekeRefused("DRMSystem@kid names no ContentKey")
        if system_id not in set(DrmSystem):
            raise SpekeRefused(f"Unsupported DRMSystem {system_id}")
        refuse_incompatible(scheme, DrmSystem(system_id))
        _check_signals(element, version)
        systems.append((kid, DrmSystem(system_id)))
    if len(set(systems)) != len(systems):
        raise SpekeRefused("DRMSystem is not unique")
    return tuple(systems)


def _check_signals(element: Element, version: SpekeVersion) -> None:
    names = [local_name(child) for child in element]
    for child, name in zip(element, names, strict=True):
        if child.tag != f"{CPIX}{name}" or name not in _SIGNALS:
            raise SpekeRefused(f"Unsupported element {name}")
    if any(names.count(name) > 1 for name in names if name != "HLSSignalingData"):
        raise SpekeRefused("DRMSystem asks for the same twice")
    playlists = sorted(child.get("playlist", "") for child in element if local_name(child) == "HLSSignalingData")
    if playlists and playlists not in [sorted(["media", other]) for other in MASTER_PLAYLISTS[version]]:
        raise SpekeRefused("HLSSignalingData@playlist must be media in one element and master in another")


def _periods(lists: dict[str, Element], version: SpekeVersion) -> dict[str, int]:
    if "ContentKeyPeriodList" not in lists:
        return {}
    periods: dict[str, int] = {}
    for element in _children(lists, "ContentKeyPeriodList", "ContentKeyPeriod", _MOST_KEYS):
        name, index = attribute(element, "id"), attribute(element, "index")
        if not (index.isascii() and index.isdigit() and len(index) <= 10 and int(index) < 2**32) or name in periods:
            raise SpekeRefused("Malformed ContentKeyPeriod")
        if version is SpekeVersion.V2_1:
            _check_interval(element)
        periods[name] = int(index)
    return periods


def _check_interval(element: Element) -> None:
    """`start` and `end` come together, and the one before the other; SPEKE v2.0 has neither, and ignores them."""
    start, end = element.get("start"), element.get("end")
    if start is None and end is None:
        return
    try:
        begins, ends = (datetime.fromisoformat((each or "").strip()) for each in (start, end))
        ordered = begins < ends
    except (ValueError, TypeError):
        ordered = False
    if not ordered:
        raise SpekeRefused("Malformed ContentKeyPeriod")


def _recipients(lists: dict[str, Element]) -> tuple[bytes, ...]:
    if "DeliveryDataList" not in lists:
        return ()
    certificates = []
    for element in _children(lists, "DeliveryDataList", "DeliveryData", _MOST_RECIPIENTS):
        certificate = element.find(f"{CPIX}DeliveryKey/{DS}X509Data/{DS}X509Certificate")
        if certificate is None:
            raise SpekeRefused("Missing DeliveryKey/X509Data/X509Certificate")
        certificates.append(base64_text(certificate, certificate.text))
    return tuple(certificates)
