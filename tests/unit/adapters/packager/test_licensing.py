from __future__ import annotations

import pytest
from lxml import etree

from core.adapters.packager.dash import PROTECTION
from core.adapters.packager.licensing import licensed_mpd, licensed_playlist
from core.domain.drm.systems import DrmSystem

MP4 = '<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc"/>'
LICENCES = {DrmSystem.CLEARKEY: "https://api.test/licences?a=1&b=<2>"}
LAURL = "{https://dashif.org/CPS}Laurl"


def mpd(*systems: DrmSystem) -> bytes:
    elements = "".join(f'<ContentProtection schemeIdUri="urn:uuid:{system}"/>' for system in systems)
    group = f"<AdaptationSet>{MP4}{elements}<Representation/></AdaptationSet>"
    text = "<AdaptationSet><Representation/></AdaptationSet>"
    return f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>{group * 2}{text}</Period></MPD>'.encode()


def announced(data: bytes) -> list[tuple[str, str | None]]:
    found = etree.fromstring(data).iter(PROTECTION)
    return [(element.get("schemeIdUri").rpartition(":")[2], element.findtext(LAURL)) for element in found]


@pytest.mark.parametrize("offered", [DrmSystem.CLEARKEY, DrmSystem.COMMON], ids=["new version", "old version"])
def test_only_systems_with_a_licence_address_stay_and_name_it(offered):
    data = mpd(DrmSystem.WIDEVINE, offered, DrmSystem.PLAYREADY)
    one = [("2011", None), (DrmSystem.CLEARKEY.value, LICENCES[DrmSystem.CLEARKEY])]
    assert announced(licensed_mpd(data, LICENCES)) == one * 2


def test_the_element_has_the_prefix_and_the_capital_that_players_look_for():
    text = licensed_mpd(mpd(DrmSystem.CLEARKEY), LICENCES).decode()
    tag = '<dashif:Laurl xmlns:dashif="https://dashif.org/CPS">'
    assert text.count(f"{tag}https://api.test/licences?a=1&amp;b=&lt;2&gt;</dashif:Laurl>") == 2


def test_several_systems_can_have_addresses():
    licences = LICENCES | {DrmSystem.WIDEVINE: "https://api.test/wv"}
    found = announced(licensed_mpd(mpd(DrmSystem.WIDEVINE, DrmSystem.PLAYREADY, DrmSystem.CLEARKEY), licences))
    assert [url for _, url in found[:3]] == [None, "https://api.test/wv", LICENCES[DrmSystem.CLEARKEY]]


MASTER = """#EXTM3U

#EXT-X-MEDIA:TYPE=AUDIO,NAME="a.m3u8, b=c",URI="audio/a/index.m3u8",DEFAULT=YES
#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="audio"
video/a/index.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="video/a/iframe.m3u8"
#EXT-X-MEDIA:TYPE=CLOSED-CAPTIONS,GROUP-ID="cc"
"""


def test_every_playlist_of_a_master_gets_the_query():
    assert licensed_playlist(MASTER, "licence=T", str) == (
        MASTER.replace("/index.m3u8", "/index.m3u8?licence=T").replace("/iframe.m3u8", "/iframe.m3u8?licence=T")
    )


def test_named_keys_get_their_address_and_nothing_else_changes():
    kid = "0123456789abcdef" * 2
    text = f"""#EXTM3U
#EXT-X-MAP:URI="init.mp4"
#EXT-X-KEY:METHOD=AES-128,URI="urn:uuid:{kid}",IV=0x01
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://{kid}",KEYFORMAT="com.apple.streamingkeydelivery"
#EXT-X-KEY:METHOD=NONE
#EXTINF:4.000,
1.m4s
#EXT-X-ENDLIST
"""
    licensed = licensed_playlist(text, "licence=T", lambda kid: f"https://api.test/keys/{kid}")
    assert licensed == text.replace("urn:uuid:", "https://api.test/keys/")


def titles(*groups: tuple[str, ...]) -> bytes:
    """Sets of tracks by folder; each set says that one may switch to all others."""
    sets = "".join(
        f'<AdaptationSet id="{number}">{MP4}'
        f'<SupplementalProperty schemeIdUri="urn:mpeg:dash:adaptation-set-switching:2016" value="{others}"/>'
        + "".join(
            f'<Representation id="{name}"><SegmentTemplate initialization="{name}/init.mp4"/></Representation>'
            for name in names
        )
        + "</AdaptationSet>"
        for number, names in enumerate(groups)
        for others in [",".join(str(other) for other in range(len(groups)) if other != number)]
    )
    return f'<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>{sets}</Period></MPD>'.encode()


def offered(data: bytes) -> dict[str, tuple[list[str], list[str]]]:
    """By set: its tracks, and the sets to switch to."""
    return {
        each.get("id"): (
            [track.get("id") for track in each.iter("{*}Representation")],
            [found.get("value") for found in each.iter("{*}SupplementalProperty")],
        )
        for each in etree.fromstring(data).iter("{*}AdaptationSet")
    }


def test_tracks_whose_keys_are_withheld_are_not_offered():
    data = titles(("video/240p", "video/360p"), ("video/720p",), ("video/2160p",), ("audio/a",))
    assert offered(licensed_mpd(data, LICENCES, {"video/720p", "video/2160p", "video/240p", "video/36"})) == {
        "0": (["video/360p"], ["3"]),
        "3": (["audio/a"], ["0"]),
    }
    alone = titles(("video/240p",), ("video/720p",))
    assert offered(licensed_mpd(alone, LICENCES, {"video/720p"})) == {"0": (["video/240p"], [])}
    assert offered(licensed_mpd(data, LICENCES)) == offered(data)


def test_variants_whose_keys_are_withheld_are_not_offered():
    left = MASTER + '#EXT-X-STREAM-INF:BANDWIDTH=2,AUDIO="audio"\nvideo/aa/index.m3u8\n'
    whole = left + (
        "#EXT-X-STREAM-INF:BANDWIDTH=3\nvideo/b/index.m3u8\n"
        '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="video/b/iframe.m3u8"\n'
    )
    assert licensed_playlist(whole, "licence=T", str, {"video/b"}) == licensed_playlist(left, "licence=T", str)
