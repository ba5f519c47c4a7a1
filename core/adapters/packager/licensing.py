"""A published manifest for one session: where its licences are, and nothing that they will not open.

Pure; the stored manifest stays as it is. Players without code of their own take the licence address from the manifest,
and it belongs to the session.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping

from lxml import etree

from core.adapters.packager.dash import MPD, PROTECTION, offer_clearkey, parse_mpd, protection_system
from core.adapters.packager.hls import VARIANT, Attributes, format_tag, parse_attributes
from core.domain.drm.systems import DrmSystem

_DASHIF = "https://dashif.org/CPS"
_PLAYLISTS = ("#EXT-X-MEDIA:", "#EXT-X-I-FRAME-STREAM-INF:")
_KEYS = ("#EXT-X-KEY:", "#EXT-X-SESSION-KEY:")
_SWITCHING = "urn:mpeg:dash:adaptation-set-switching:2016"
_NAMED_KEY = re.compile(r'"urn:uuid:([0-9a-f]{32})"')


def licensed_mpd(data: bytes, licences: Mapping[DrmSystem, str], without: Collection[str] = ()) -> bytes:
    """The MPD with the absolute address of each system's licence server, as DASH-IF's `Laurl` (its part 6, 7.7).

    Tracks in the folders `without` are left out.

    Systems without an address are left out: dash.js takes the first one that the browser knows, address or not.
    Versions that were published with the common element get the ClearKey one here. Raises ValueError for no MPD.
    """
    root = parse_mpd(data)
    _leave_out(root, without)
    offer_clearkey(root)
    for protection in list(root.iter(PROTECTION)):
        system = protection_system(protection)
        if system is not None and system in licences:
            # Shaka Player wants the capital L, dash.js the prefix.
            etree.SubElement(protection, f"{{{_DASHIF}}}Laurl", nsmap={"dashif": _DASHIF}).text = licences[system]
        elif system is not None:
            _remove(protection)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def licensed_playlist(text: str, query: str, key_url: Callable[[str], str], without: Collection[str] = ()) -> str:
    """The playlist whose references to playlists end with `?query`, and whose keys have an address.

    `key_url` gives the address of an AES-128 key by its KID (hex). Segments keep their short names. Variants in the
    folders `without` are left out.
    """
    kept = _kept_lines(text.splitlines(), without)
    return "\n".join(_licensed_line(line, query, key_url) for line in kept) + "\n"


def _leave_out(root: etree._Element, without: Collection[str]) -> None:
    """Representations below these folders, sets that are empty then, and what others say about switching to those."""
    gone = set()
    for adaptation in list(root.iter(f"{MPD}AdaptationSet")):
        tracks = adaptation.findall(f"{MPD}Representation")
        withheld = [
            track for track in tracks if any(_within(each.get("initialization", ""), without) for each in track)
        ]
        for track in withheld:
            adaptation.remove(track)
        if withheld == tracks != []:
            gone.add(adaptation.get("id"))
            _remove(adaptation)
    for switching in list(root.iter(f"{MPD}SupplementalProperty")):
        if switching.get("schemeIdUri") == _SWITCHING:
            others = [each for each in switching.get("value", "").split(",") if each not in gone]
            switching.set("value", ",".join(others))
            if not others:
                _remove(switching)


def _kept_lines(lines: list[str], without: Collection[str]) -> Iterator[str]:
    """A variant's address is the line after its tag (RFC 8216, 4.3.4.2)."""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        address = following if line.startswith(VARIANT) else line
        if line.startswith(_PLAYLISTS):
            address = parse_attributes(line).get("URI", "").strip('"')
        if not _within(address, without):
            yield line


def _within(path: str, folders: Collection[str]) -> bool:
    return path.rpartition("/")[0] in folders


def _licensed_line(line: str, query: str, key_url: Callable[[str], str]) -> str:
    if line.startswith(_PLAYLISTS):
        return _with_uri(line, lambda uri: f'"{uri.strip(chr(34))}?{query}"')
    if line.startswith(_KEYS):
        return _with_uri(line, lambda uri: _NAMED_KEY.sub(lambda kid: f'"{key_url(kid[1])}"', uri))
    if line.endswith(".m3u8") and not line.startswith("#"):
        return f"{line}?{query}"
    return line


def _with_uri(line: str, change: Callable[[str], str]) -> str:
    attributes: Attributes = parse_attributes(line)
    return format_tag(line, attributes | {"URI": change(attributes["URI"])}) if "URI" in attributes else line


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
