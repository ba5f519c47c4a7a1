"""Reading a DASH manifest as far as a proof needs it: tracks, key ids, segment addresses (ISO/IEC 23009-1).

A reader of its own, and more general than the one that checks what we package: the proof shares nothing with what it
proves, and follows any manifest that a player could.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree

DASH = "{urn:mpeg:dash:schema:mpd:2011}"
CENC_KID = "{urn:mpeg:cenc:2013}default_KID"
_TEMPLATE_NAME = re.compile(r"\$(RepresentationID|Number|Time|Bandwidth)(?:%0(\d+)d)?\$")


class ManifestUnreadable(Exception):
    """The manifest is not one that a player could follow."""


@dataclass(frozen=True)
class Segment:
    url: str
    #: Seconds.
    duration: float


@dataclass(frozen=True)
class Track:
    """One Representation. `kid` is hex without dashes; None means that the manifest calls it clear."""

    content_type: str
    bandwidth: int
    kid: str | None
    init_url: str
    segments: tuple[Segment, ...]

    def covering(self, seconds: float) -> tuple[Segment, ...]:
        """The first segments, enough for that many seconds."""
        taken: list[Segment] = []
        for segment in self.segments:
            if sum(one.duration for one in taken) >= seconds:
                break
            taken.append(segment)
        return tuple(taken)


def parse_manifest(document: bytes, url: str) -> tuple[Track, ...]:
    """All tracks with a segment template, in the manifest's order; `url` resolves the relative addresses.

    Raises ManifestUnreadable.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise ManifestUnreadable("not XML") from error
    tracks = tuple(_tracks(root, url))
    if not tracks:
        raise ManifestUnreadable("no track with segments")
    return tracks


def _tracks(root: etree._Element, url: str) -> Iterator[Track]:
    base = _based(root, url)
    for period in root.iterfind(f"{DASH}Period"):
        for group in period.iterfind(f"{DASH}AdaptationSet"):
            for representation in group.iterfind(f"{DASH}Representation"):
                template = representation.find(f"{DASH}SegmentTemplate")
                if template is None:
                    template = group.find(f"{DASH}SegmentTemplate")
                if template is not None:
                    here = _based(representation, _based(group, _based(period, base)))
                    yield _track(group, representation, template, here)


def _based(element: etree._Element, url: str) -> str:
    return urljoin(url, (element.findtext(f"{DASH}BaseURL") or "").strip())


def _track(group: etree._Element, representation: etree._Element, template: etree._Element, base: str) -> Track:
    names = {
        "RepresentationID": representation.get("id", ""),
        "Bandwidth": representation.get("bandwidth", "0"),
    }
    mime_type = representation.get("mimeType") or group.get("mimeType") or ""
    return Track(
        content_type=group.get("contentType") or mime_type.partition("/")[0],
        bandwidth=int(names["Bandwidth"]),
        kid=_kid(representation) or _kid(group),
        init_url=urljoin(base, _filled(template.get("initialization", ""), names)),
        segments=tuple(_segments(template, base, names)),
    )


def _kid(element: etree._Element) -> str | None:
    for protection in element.iterfind(f"{DASH}ContentProtection"):
        kid = protection.get(CENC_KID)
        if kid:
            return kid.replace("-", "").lower()
    return None


def _segments(template: etree._Element, base: str, names: dict[str, str]) -> Iterator[Segment]:
    timescale = int(template.get("timescale", "1"))
    number, time = int(template.get("startNumber", "1")), 0
    for run in template.iterfind(f"{DASH}SegmentTimeline/{DASH}S"):
        time = int(run.get("t", time))
        duration = int(run.get("d", "0"))
        for _ in range(int(run.get("r", "0")) + 1):
            path = _filled(template.get("media", ""), names | {"Number": str(number), "Time": str(time)})
            yield Segment(urljoin(base, path), duration / timescale)
            number, time = number + 1, time + duration


def _filled(pattern: str, names: dict[str, str]) -> str:
    filled = _TEMPLATE_NAME.sub(lambda match: names[match[1]].zfill(int(match[2] or 0)), pattern)
    return filled.replace("$$", "$")
