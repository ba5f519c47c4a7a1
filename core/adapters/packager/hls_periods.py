"""Media playlists whose key changes: a block of EXT-X-KEY lines where each crypto period begins (RFC 8216, 4.3.2.4)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.adapters.packager.hls import CLEARKEY_FORMAT, format_tag, parse_attributes
from core.domain.drm.content_key import ContentKey
from core.domain.drm.system_headers import playready_data, system_boxes
from core.domain.drm.systems import DrmSystem

_KEY = "#EXT-X-KEY:"
_RANGE = "#EXT-X-BYTERANGE:"


@dataclass(frozen=True)
class RotatedSegment:
    """Its crypto period, and by how many bytes its fragment has grown."""

    period: int
    growth: int = 0


def rotate_playlist(
    text: str, key: ContentKey, kids: Sequence[Sequence[str]], segments: Mapping[str, RotatedSegment]
) -> str:
    """`text` names the key of the first period throughout; `kids` are those of each period, `segments` by file name.

    I-frame playlists point into segments, at the fragment's beginning: those ranges grow with it.
    """
    lines = text.splitlines()
    templates = [line for line in lines if line.startswith(_KEY)]
    written: list[str] = []
    tags: list[str] = []
    period = 0
    for line in lines:
        if line.startswith("#") or not line:
            tags.append(line)
            continue
        segment = segments[line]
        if segment.period != period:
            period = segment.period
            written += [_key_line(template, key.periods[period], kids[period]) for template in templates]
        written += [*(_widened(tag, segment.growth) for tag in tags), line]
        tags = []
    return "\n".join([*written, *tags]) + "\n"


def _widened(tag: str, growth: int) -> str:
    if not tag.startswith(_RANGE):
        return tag
    length, _, offset = tag.removeprefix(_RANGE).partition("@")
    return f"{_RANGE}{int(length) + growth}@{offset}"


def _key_line(template: str, key: ContentKey, kids: Sequence[str]) -> str:
    """The line of the first period, for another key."""
    attributes = parse_attributes(template)
    prefix, data = _uri(attributes["KEYFORMAT"], key, kids)
    attributes["URI"] = f'"{prefix}{base64.b64encode(data).decode()}"'
    if "KEYID" in attributes:
        attributes["KEYID"] = f"0x{key.kid}"
    if "IV" in attributes and key.iv is not None:
        attributes["IV"] = f"0x{key.iv.hex()}"
    return format_tag(template, attributes)


def _uri(form: str, key: ContentKey, kids: Sequence[str]) -> tuple[str, bytes]:
    """What comes before the base64 in the URI, and what is in it. Raises ValueError for a format that is not ours."""
    if form == f'"urn:uuid:{DrmSystem.WIDEVINE.value}"':
        return "data:text/plain;base64,", system_boxes(key, kids)[DrmSystem.WIDEVINE]
    if form == '"com.microsoft.playready"':
        return "data:text/plain;charset=UTF-16;base64,", playready_data(key)
    if form == '"com.apple.streamingkeydelivery"':
        return "skd://", bytes.fromhex(key.kid)
    if form == CLEARKEY_FORMAT:
        return "data:text/plain;base64,", bytes.fromhex(key.kid)
    raise ValueError(f"key lines of format {form} cannot change their key")
