"""Reading one rule of the encryption contract."""

from __future__ import annotations

from core.adapters.cpix.document import CPIX, Element, attribute, kid_attribute, local_name
from core.domain.drm.encryption_contract import MALFORMED
from core.domain.drm.speke import SpekeRefused, UsageRule

#: By filter: attributes that are bounds, as (lowest, highest).
_BOUNDS = {
    "VideoFilter": (("minPixels", "maxPixels"), ("minFps", "maxFps")),
    "AudioFilter": (("minChannels", "maxChannels"),),
}
#: Elements and attributes that SPEKE ignores.
_IGNORED = frozenset({"BitrateFilter"})
_IGNORED_ATTRIBUTES = frozenset({"wcg"})
_LARGEST = 10


def read_rule(element: Element) -> UsageRule:
    """Raises SpekeRefused for filters that SPEKE does not know, and for bounds that cross."""
    filters: list[str] = []
    periods: list[str] = []
    plain = True
    for child in element:
        name = local_name(child)
        if child.tag != f"{CPIX}{name}":
            raise SpekeRefused(MALFORMED)
        if name == "KeyPeriodFilter":
            periods.append(attribute(child, "periodId"))
        elif name in _BOUNDS:
            filters.append(name)
            plain = plain and not set(child.attrib) - _IGNORED_ATTRIBUTES
            _check_bounds(child, name)
        elif name not in _IGNORED:
            raise SpekeRefused(MALFORMED)
    return UsageRule(
        kid=kid_attribute(element),
        track_type=attribute(element, "intendedTrackType"),
        video_filters=filters.count("VideoFilter"),
        audio_filters=filters.count("AudioFilter"),
        plain=plain,
        periods=tuple(dict.fromkeys(periods)),
    )


def _check_bounds(element: Element, name: str) -> None:
    known = {attribute_name for pair in _BOUNDS[name] for attribute_name in pair} | _IGNORED_ATTRIBUTES
    known |= {"hdr"} if name == "VideoFilter" else set()
    if not known.issuperset(element.attrib):
        raise SpekeRefused(MALFORMED)
    for lowest, highest in _BOUNDS[name]:
        low, high = _number(element, lowest), _number(element, highest)
        if low is not None and high is not None and low > high:
            raise SpekeRefused(MALFORMED)
    if element.get("hdr", "true") not in {"true", "false", "0", "1"}:
        raise SpekeRefused(MALFORMED)


def _number(element: Element, name: str) -> int | None:
    value = element.get(name)
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and len(value) <= _LARGEST):
        raise SpekeRefused(MALFORMED)
    return int(value)
