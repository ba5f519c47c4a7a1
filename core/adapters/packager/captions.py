"""Captions that were uploaded beside a title, put into its manifests. Pure; the stored manifests stay as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from core.adapters.packager.dash import MPD, parse_mpd
from core.adapters.packager.hls import VARIANT, Attributes, format_tag, parse_attributes

_ROLES = "urn:mpeg:dash:role:2011"
_MEDIA = "#EXT-X-MEDIA:"
_OWN_GROUP = '"captions"'


@dataclass(frozen=True)
class SideCaption:
    """`name` is that of its objects, unique within the title; `language` a BCP 47 tag; `label` is for people."""

    name: str
    language: str
    label: str

    @property
    def text(self) -> str:
        return f"captions/{self.name}.vtt"

    @property
    def playlist(self) -> str:
        return f"captions/{self.name}.m3u8"


def caption_playlist(name: str, end: float) -> str:
    """The whole file as one segment (RFC 8216, 3.5); `end` is when its last cue ends, in seconds."""
    return "\n".join(
        [
            "#EXTM3U",
            "#EXT-X-VERSION:6",
            f"#EXT-X-TARGETDURATION:{math.ceil(end)}",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            f"#EXTINF:{end:.3f},",
            f"{name}.vtt",
            "#EXT-X-ENDLIST",
            "",
        ]
    )


def captioned_mpd(data: bytes, captions: Sequence[SideCaption]) -> bytes:
    """One set each, whose only representation is the file (ISO/IEC 23009-1, 5.3.9.1).

    In a presentation of several periods nothing is added: players would start the file anew in each.
    """
    root = parse_mpd(data)
    periods = root.findall(f"{MPD}Period")
    if len(periods) != 1:
        return data
    periods[0].extend(map(_adaptation_set, captions))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def captioned_master(text: str, captions: Sequence[SideCaption]) -> str:
    """In the group of the title's own subtitles, or in one that all variants get (RFC 8216, 4.3.4.1 and 4.3.4.2)."""
    lines = text.splitlines()
    own = [parse_attributes(line) for line in lines if line.startswith(_MEDIA)]
    subtitles = [each for each in own if each.get("TYPE") == "SUBTITLES"]
    group = subtitles[0]["GROUP-ID"] if subtitles else _OWN_GROUP
    taken = [each.get("NAME", "").strip('"') for each in subtitles] + [caption.label for caption in captions]
    tags = [format_tag(_MEDIA, _media(caption, group, alone=taken.count(caption.label) == 1)) for caption in captions]
    first = next((at for at, line in enumerate(lines) if line.startswith(VARIANT)), len(lines))
    variants = [_with_group(line, group) if line.startswith(VARIANT) else line for line in lines[first:]]
    return "\n".join([*lines[:first], *tags, *variants]) + "\n"


def _adaptation_set(caption: SideCaption) -> etree._Element:
    found = etree.Element(f"{MPD}AdaptationSet", contentType="text", mimeType="text/vtt", lang=caption.language)
    etree.SubElement(found, f"{MPD}Label").text = caption.label
    etree.SubElement(found, f"{MPD}Role", schemeIdUri=_ROLES, value="subtitle")
    # The bandwidth is mandatory, and means nothing for a file that is loaded once.
    only = etree.SubElement(found, f"{MPD}Representation", id=f"caption-{caption.name}", bandwidth="256")
    etree.SubElement(only, f"{MPD}BaseURL").text = caption.text
    return found


def _media(caption: SideCaption, group: str, *, alone: bool) -> Attributes:
    """Names are unique within a group."""
    label = caption.label if alone else f"{caption.label} ({caption.name})"
    return {
        "TYPE": "SUBTITLES",
        "GROUP-ID": group,
        "NAME": f'"{label}"',
        "LANGUAGE": f'"{caption.language}"',
        "DEFAULT": "NO",
        "AUTOSELECT": "NO",
        "FORCED": "NO",
        "URI": f'"{caption.playlist}"',
    }


def _with_group(line: str, group: str) -> str:
    return format_tag(line, {"SUBTITLES": group} | parse_attributes(line))
