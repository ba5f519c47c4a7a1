"""Reading the DASH manifests that Shaka Packager writes."""

from __future__ import annotations

import pytest

from cli.proof.manifest import ManifestUnreadable, Segment, parse_manifest

URL = "https://play.example/media/signed/manifest.mpd"
MANIFEST = b"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013">
  <Period>
    <AdaptationSet contentType="audio">
      <Representation id="a" bandwidth="96000" mimeType="audio/mp4">
        <SegmentTemplate timescale="1000" initialization="a/init.mp4" media="a/$Time$.m4s">
          <SegmentTimeline><S t="500" d="2000"/><S d="1000"/></SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet>
      <ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011"
        cenc:default_KID="689B2A20-300e-dff9-8591-2ec826ea5901"/>
      <SegmentTemplate timescale="10" initialization="$RepresentationID$/init.mp4"
          media="$RepresentationID$/$Number%03d$.m4s" startNumber="7">
        <SegmentTimeline><S t="0" d="20" r="2"/></SegmentTimeline>
      </SegmentTemplate>
      <Representation id="v1" bandwidth="500000" mimeType="video/mp4"><BaseURL>hd/</BaseURL></Representation>
    </AdaptationSet>
  </Period>
</MPD>"""


def test_templates_and_timelines_become_addresses() -> None:
    audio, video = parse_manifest(MANIFEST, URL)
    base = "https://play.example/media/signed"
    assert audio.init_url == f"{base}/a/init.mp4"
    assert audio.segments == (Segment(f"{base}/a/500.m4s", 2.0), Segment(f"{base}/a/2500.m4s", 1.0))
    assert video.init_url == f"{base}/hd/v1/init.mp4"
    assert [segment.url for segment in video.segments] == [f"{base}/hd/v1/{n}.m4s" for n in ("007", "008", "009")]


def test_kind_and_key_id_are_found_at_either_level() -> None:
    audio, video = parse_manifest(MANIFEST, URL)
    assert (audio.content_type, audio.kid) == ("audio", None)
    assert (video.content_type, video.kid) == ("video", "689b2a20300edff985912ec826ea5901")


@pytest.mark.parametrize(("seconds", "count"), [(0.5, 1), (2.0, 1), (2.1, 2), (60.0, 3)])
def test_covering_takes_no_more_segments_than_needed(seconds: float, count: int) -> None:
    video = parse_manifest(MANIFEST, URL)[1]
    assert video.covering(seconds) == video.segments[:count]


@pytest.mark.parametrize("document", [b"", b"not xml", b"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>"])
def test_what_no_player_could_follow_is_refused(document: bytes) -> None:
    with pytest.raises(ManifestUnreadable):
        parse_manifest(document, URL)


def test_entities_are_not_expanded() -> None:
    attack = b'<!DOCTYPE MPD [<!ENTITY x SYSTEM "file:///etc/hostname">]>' + MANIFEST.split(b"?>", 1)[1].replace(
        b"<BaseURL>hd/</BaseURL>", b"<BaseURL>&x;</BaseURL>"
    )
    video = parse_manifest(attack, URL)[1]
    assert video.init_url == "https://play.example/media/signed/v1/init.mp4"
