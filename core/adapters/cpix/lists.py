"""The lists of a CPIX document: those of SPEKE's profile, each once, with nothing else in them."""

from __future__ import annotations

from core.adapters.cpix.document import CPIX, Element, local_name
from core.domain.drm.speke import SpekeRefused

MOST_KEYS = 128

_LISTS = ("DeliveryDataList", "ContentKeyList", "DRMSystemList", "ContentKeyPeriodList", "ContentKeyUsageRuleList")
#: SPEKE leaves it out; whoever sends it gets it back.
_IGNORED = ("UpdateHistoryItemList",)

Lists = dict[str, Element]


def read_lists(root: Element) -> Lists:
    """By name. Raises SpekeRefused."""
    found: Lists = {}
    for child in root:
        name = local_name(child)
        if child.tag != f"{CPIX}{name}" or name not in _LISTS + _IGNORED:
            raise SpekeRefused(f"Unsupported element {name}")
        if name in found:
            raise SpekeRefused(f"More than one {name}")
        found[name] = child
    return found


def children(lists: Lists, parent: str, name: str, most: int) -> list[Element]:
    """All children of a mandatory list; there is at least one, and nothing else."""
    if parent not in lists or len(lists[parent]) == 0:
        raise SpekeRefused(f"Missing {parent if parent not in lists else name}")
    found = list(lists[parent])
    if len(found) > most:
        raise SpekeRefused(f"More than {most} {name} elements")
    for child in found:
        if child.tag != f"{CPIX}{name}":
            raise SpekeRefused(f"Unsupported element {local_name(child)}")
    return found
