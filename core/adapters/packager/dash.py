"""What we change in the packager's MPD (ISO/IEC 23009-1). Pure bytes to bytes; every URL stays relative."""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from core.adapters.packager.hls import AudioStreams
from core.domain.drm.systems import DrmSystem
from core.domain.media.plan import AudioPlan, SubtitlePlan

MPD = "{urn:mpeg:dash:schema:mpd:2011}"
PROTECTION = f"{MPD}ContentProtection"
DEFAULT_KID = "{urn:mpeg:cenc:2013}default_KID"
_MP4_PROTECTION = "urn:mpeg:dash:mp4protection:2011"
_ROLES = "urn:mpeg:dash:role:2011"
#: The schema's sequence of an AdaptationSet's children, ISO/IEC 23009-1, 5.3.3.3 and 5.3.7.3.
_SEQUENCE = (
    *("FramePacking", "AudioChannelConfiguration", "ContentProtection", "OutputProtection", "EssentialProperty"),
    *("SupplementalProperty", "InbandEventStream", "Switching", "RandomAccess", "GroupLabel", "Label"),
    *("ProducerReferenceTime", "ContentPopularityRate", "Resync", "Accessibility", "Role", "Rating", "Viewpoint"),
    *("ContentComponent", "BaseURL", "SegmentBase", "SegmentList", "SegmentTemplate", "Representation"),
)


def parse_mpd(data: bytes) -> etree._Element:
    """Parse without entities, DTD or network. Raises ValueError for anything that is not an MPD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("the MPD is not well-formed") from error
    if root.tag != f"{MPD}MPD":
        raise ValueError(f"{root.tag!r} is not an MPD")
    return root


def finish_mpd(
    data: bytes, audio: Iterable[AudioPlan], subtitles: Iterable[SubtitlePlan], *, rotating: bool = False
) -> bytes:
    """Put in names, languages and roles of audio and text, and offer ClearKey for what is encrypted.

    All in the schema's order. With `rotating` the manifest names no key.
    """
    root = parse_mpd(data)
    tracks: dict[str, AudioPlan | SubtitlePlan] = {track.name: track for track in audio}
    tracks.update((track.name, track) for track in subtitles)
    for adaptation in root.iter(f"{MPD}AdaptationSet"):
        label = adaptation.find(f"{MPD}Label")
        if label is not None:
            _describe(adaptation, label, tracks[label.text or ""])
        adaptation[:] = sorted(adaptation, key=_place)
    offer_clearkey(root)
    if rotating:
        _name_no_key(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def only_audio_streams(data: bytes) -> AudioStreams | None:
    """What the MPD says of the audio tracks of a title without video; None when there is video."""
    sets = list(parse_mpd(data).iter(f"{MPD}AdaptationSet"))
    if any(each.get("contentType") == "video" for each in sets):
        return None
    tracks = [
        representation
        for each in sets
        if each.get("contentType") == "audio"
        for representation in each.iter(f"{MPD}Representation")
    ]
    return AudioStreams(
        bandwidth=max(int(track.get("bandwidth", "0")) for track in tracks),
        codecs=",".join(sorted({track.get("codecs", "") for track in tracks})),
    )


def protection_system(protection: etree._Element) -> DrmSystem | None:
    """The system that a ContentProtection element announces; None for `mp4protection` and for systems of others."""
    scheme = protection.get("schemeIdUri", "").lower()
    return next((system for system in DrmSystem if scheme == f"urn:uuid:{system.value}"), None)


def offer_clearkey(root: etree._Element) -> None:
    """Put DASH-IF's ClearKey element in the place of the common one, which dash.js fails on (error 113).

    The common `pssh`, which lists all KIDs, moves to the `mp4protection` element. There Shaka Player finds it, asks
    once for all keys, and goes without those it does not get; dash.js asks for the default KID of each set.
    """
    for protection in list(root.iter(PROTECTION)):
        if protection_system(protection) is DrmSystem.COMMON:
            siblings = protection.itersiblings(PROTECTION, preceding=True)
            scheme = next((each for each in siblings if each.get("schemeIdUri") == _MP4_PROTECTION), None)
            if scheme is not None:
                scheme.extend(list(protection))
            protection.clear()
            protection.set("schemeIdUri", f"urn:uuid:{DrmSystem.CLEARKEY.value}")
            protection.set("value", "ClearKey1.0")


def _name_no_key(root: etree._Element) -> None:
    """Players that find keys in the manifest do not look for others in the segments, where later periods' keys are."""
    for protection in root.iter(PROTECTION):
        protection[:] = []
        protection.attrib.pop(DEFAULT_KID, None)


def _describe(adaptation: etree._Element, label: etree._Element, track: AudioPlan | SubtitlePlan) -> None:
    adaptation.attrib.pop("lang", None)
    if track.language != "und":
        adaptation.set("lang", track.language)
    label.text = track.title
    for role in adaptation.findall(f"{MPD}Role"):
        adaptation.remove(role)
    adaptation.extend(map(_role, _role_names(track)))


def _place(child: etree._Element) -> int:
    """Where the schema wants it. The packager writes properties before protections. Raises ValueError."""
    return _SEQUENCE.index(str(child.tag).removeprefix(MPD))


def _role_names(track: AudioPlan | SubtitlePlan) -> list[str]:
    if isinstance(track, SubtitlePlan):
        purpose = "forced-subtitle" if track.forced else "subtitle"
        return [purpose, "main"] if track.default else [purpose]
    return ["main"] if track.default else ["alternate"]


def _role(value: str) -> etree._Element:
    return etree.Element(f"{MPD}Role", schemeIdUri=_ROLES, value=value)
