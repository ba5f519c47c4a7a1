from __future__ import annotations

import pytest
from lxml import etree

from core.adapters.packager.dash import finish_mpd, only_audio_streams, parse_mpd
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


@pytest.mark.parametrize("data", [b"", b"<MPD/>", b"not xml", b"<a"])
def test_what_is_no_mpd_is_refused(data):
    with pytest.raises(ValueError, match="MPD"):
        parse_mpd(data)
