"""Reading for which DRM systems signalling is wanted, and which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from core.adapters.cpix.document import CPIX, Element, attribute, kid_attribute, local_name
from core.adapters.cpix.lists import MOST_KEYS, Lists, children
from core.domain.drm.speke import MASTER_PLAYLISTS, SpekeRefused, SpekeVersion, refuse_incompatible
from core.domain.drm.systems import DrmSystem
from core.domain.media.plan import ProtectionScheme

_SIGNALS = ("PSSH", "ContentProtectionData", "HLSSignalingData", "SmoothStreamingProtectionHeaderData")


def read_systems(
    lists: Lists, version: SpekeVersion, kids: Collection[str], scheme: ProtectionScheme | None
) -> tuple[tuple[str, DrmSystem], ...]:
    """(KID, system); `scheme` is None for one that none of ours knows. Raises SpekeRefused."""
    most = MOST_KEYS * len(DrmSystem)
    systems = []
    for element in children(lists, "DRMSystemList", "DRMSystem", most):
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
    if any(count > 1 for name, count in Counter(names).items() if name != "HLSSignalingData"):
        raise SpekeRefused("DRMSystem asks for the same twice")
    playlists = sorted(child.get("playlist", "") for child in element if local_name(child) == "HLSSignalingData")
    if playlists and playlists not in [sorted(["media", other]) for other in MASTER_PLAYLISTS[version]]:
        raise SpekeRefused("HLSSignalingData@playlist must be media in one element and master in another")
