from __future__ import annotations

from lxml import etree

from core.adapters.packager.captions import SideCaption, caption_playlist, captioned_master, captioned_mpd

MPD = "{urn:mpeg:dash:schema:mpd:2011}"
CAPTIONS = [SideCaption("7", "de", "German"), SideCaption("9", "de", "German"), SideCaption("8", "en", "English")]


def mpd(periods: int) -> bytes:
    period = '<Period><AdaptationSet id="0" contentType="video"><Representation id="0"/></AdaptationSet></Period>'
    return f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011">{period * periods}</MPD>'.encode()


def test_an_mpd_gets_a_set_for_each_file():
    sets = list(etree.fromstring(captioned_mpd(mpd(1), CAPTIONS)).iter(f"{MPD}AdaptationSet"))
    assert [each.get("contentType") for each in sets] == ["video", "text", "text", "text"]
    assert [each.get("lang") for each in sets[1:]] == ["de", "de", "en"]
    assert [each.findtext(f".//{MPD}BaseURL") for each in sets[1:]] == [f"captions/{n}.vtt" for n in (7, 9, 8)]
    ids = [each.get("id") for each in etree.fromstring(captioned_mpd(mpd(1), CAPTIONS)).iter(f"{MPD}Representation")]
    assert len(set(ids)) == 4


def test_an_mpd_of_several_periods_stays_as_it_is():
    assert captioned_mpd(mpd(2), CAPTIONS) == mpd(2)


OWN = """#EXTM3U
#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="English",LANGUAGE="en",URI="text/a/index.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1,mp4a",SUBTITLES="text"
video/a/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="video/a/iframe.m3u8"
"""


def names(text: str) -> list[str]:
    return [line.partition('NAME="')[2].partition('"')[0] for line in text.splitlines() if "TYPE=SUBTITLES" in line]


def test_a_master_with_subtitles_gets_more_of_them_under_names_of_their_own():
    text = captioned_master(OWN, CAPTIONS)
    assert names(text) == ["English", "German (7)", "German (9)", "English (8)"]
    assert text.count('GROUP-ID="text"') == 4
    assert text.count('SUBTITLES="text"') == 1
    assert text.startswith("#EXTM3U\n")
    assert text.endswith(OWN.partition("video/a/index")[1] + OWN.partition("video/a/index")[2])


def test_a_master_without_gets_a_group_for_its_variants():
    without = OWN.replace(',SUBTITLES="text"', "").replace(OWN.splitlines()[1] + "\n", "")
    text = captioned_master(without, CAPTIONS[:1])
    assert '#EXT-X-STREAM-INF:SUBTITLES="captions",BANDWIDTH=1,CODECS="avc1,mp4a"' in text
    assert names(text) == ["German"]


def test_a_playlist_has_the_file_as_its_only_segment():
    lines = caption_playlist("7", 61.5).splitlines()
    assert lines[0] == "#EXTM3U"
    assert "#EXT-X-TARGETDURATION:62" in lines
    assert lines[-3:] == ["#EXTINF:61.500,", "7.vtt", "#EXT-X-ENDLIST"]
