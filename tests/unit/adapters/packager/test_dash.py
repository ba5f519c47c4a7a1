from __future__ import annotations

import pytest
from lxml import etree

from core.adapters.packager.dash import PROTECTION, finish_mpd, only_audio_streams, parse_mpd
from tests.fixtures.packaged_titles import AUDIO

MPD = b"""<?xml version="1.0"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>
<AdaptationSet contentType="audio" lang="xx">
 <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/><Label>audio-1-en</Label>
 <Representation bandwidth="70000" codecs="mp4a.40.2"/>
</AdaptationSet>
<AdaptationSet contentType="audio"><Label>audio-2-und</Label>
 <Representation bandwidth="90000" codecs="mp4a.40.2"/></AdaptationSet>
</Period></MPD>"""


def test_labels_become_titles_before_roles_before_representations():
    text = finish_mpd(MPD, AUDIO, ()).decode()
    assert text.index("<Label>Director") < text.index('value="alternate"') < text.index("<Representation")
    assert 'value="main"' not in text
    assert 'lang="xx"' not in text
    assert 'lang="en"' in text


def test_children_stand_in_the_order_of_the_schema():
    property_first = b'<AdaptationSet contentType="video"><SupplementalProperty/><ContentProtection/><Role/>'
    written = MPD.replace(b"</Period>", property_first + b'<Representation id="1"/></AdaptationSet></Period>')
    for adaptation in parse_mpd(finish_mpd(written, AUDIO, ())).iter("{*}AdaptationSet"):
        names = [etree.QName(child).localname for child in adaptation]
    assert names == ["ContentProtection", "SupplementalProperty", "Role", "Representation"]


def test_only_titles_without_video_have_audio_streams():
    streams = only_audio_streams(MPD)
    assert streams is not None
    assert (streams.bandwidth, streams.codecs) == (90_000, "mp4a.40.2")
    assert only_audio_streams(MPD.replace(b'"audio"', b'"video"', 1)) is None


def test_entities_are_never_resolved(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("canary")
    hostile = f'<!DOCTYPE MPD [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
    data = MPD.replace(b'<?xml version="1.0"?>', hostile).replace(b"audio-1-en", b"&x;")
    with pytest.raises((ValueError, KeyError)) as caught:
        finish_mpd(data, AUDIO, ())
    assert "canary" not in repr(caught.value)


def test_the_common_element_becomes_the_clearkey_one_and_its_header_moves_to_the_scheme():
    scheme = b'<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cbcs"/>'
    header = b'<cenc:pssh xmlns:cenc="urn:mpeg:cenc:2013">AAAA</cenc:pssh>'
    name = b"urn:uuid:1077EFEC-c0b2-4d02-ace3-3c1e52e2fb4b"
    common = b'<ContentProtection schemeIdUri="' + name + b'">' + header + b"</ContentProtection>"
    root = parse_mpd(finish_mpd(MPD.replace(b" <Role", scheme + common + b" <Role", 1), AUDIO, ()))
    found = [
        (each.get("schemeIdUri"), each.get("value"), [child.text for child in each]) for each in root.iter(PROTECTION)
    ]
    assert found == [
        ("urn:mpeg:dash:mp4protection:2011", "cbcs", ["AAAA"]),
        ("urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e", "ClearKey1.0", []),
    ]


@pytest.mark.parametrize("data", [b"", b"<MPD/>", b"not xml", b"<a"])
def test_what_is_no_mpd_is_refused(data):
    with pytest.raises(ValueError, match="MPD"):
        parse_mpd(data)
