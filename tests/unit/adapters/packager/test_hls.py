from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from core.adapters.packager.hls import (
    AudioStreams,
    finish_master_playlist,
    finish_media_playlist,
    parse_attributes,
)
from tests.fixtures.packaged_titles import AUDIO, SUBTITLES

KEYS = """#EXTM3U
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAAA",IV=0x33,KEYFORMAT="identity"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://AAAA",KEYFORMATVERSIONS="1",KEYFORMAT="com.apple.streamingkeydelivery"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="no-format-means-identity"
#EXTINF:4.000,
1.m4s
"""
MASTER = """#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,URI="audio/audio-0-en/index.m3u8",GROUP-ID="audio",NAME="x",DEFAULT=YES,CHANNELS="2"
#EXT-X-MEDIA:TYPE=AUDIO,URI="audio/audio-1-en/index.m3u8",GROUP-ID="audio",NAME="y",DEFAULT=YES,CHANNELS="2"
#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.2",AUDIO="audio"
audio/audio-0-en/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2,CODECS="mp4a.40.2",AUDIO="audio"
audio/audio-1-en/index.m3u8
"""


def media_tags(text: str) -> list[dict[str, str]]:
    return [parse_attributes(line) for line in text.splitlines() if line.startswith("#EXT-X-MEDIA")]


def test_identity_keys_go_and_all_other_lines_stay_in_order():
    wanted = [line for line in KEYS.splitlines() if "identity" not in line]
    finished = finish_media_playlist(KEYS, None)
    assert finished.splitlines() == wanted
    assert finish_media_playlist(finished, None) == finished


@pytest.mark.parametrize("method", ["SAMPLE-AES", "SAMPLE-AES-CTR"])
def test_clearkey_is_offered_before_the_other_systems_and_names_the_kid(method):
    text = finish_media_playlist(KEYS.replace("SAMPLE-AES", method), "ab" * 16)
    keys = [parse_attributes(line) for line in text.splitlines() if line.startswith("#EXT-X-KEY")]
    assert [key["KEYFORMAT"] for key in keys] == ['"org.w3.clearkey"', '"com.apple.streamingkeydelivery"']
    assert keys[0]["METHOD"] == method
    assert base64.b64decode(keys[0]["URI"].strip('"').partition("base64,")[2]) == b"\xab" * 16


def test_a_clear_playlist_gets_no_key_line():
    assert "KEY" not in finish_media_playlist("#EXTM3U\n#EXTINF:4.000,\n1.vtt\n", "ab" * 16)


def test_attributes_may_hold_commas_and_equal_signs_in_quotes():
    line = '#EXT-X-MEDIA:NAME="a, b=c",URI="data:x;base64,AA==",DEFAULT=YES'
    assert parse_attributes(line) == {"NAME": '"a, b=c"', "URI": '"data:x;base64,AA=="', "DEFAULT": "YES"}


def test_exactly_the_planned_default_is_the_default():
    tags = media_tags(finish_master_playlist(MASTER, AUDIO, SUBTITLES))
    assert [(tag["DEFAULT"], tag["AUTOSELECT"]) for tag in tags] == [("YES", "YES"), ("NO", "NO")]


def test_a_default_later_in_the_file_keeps_its_place_in_autoselection():
    swapped = (replace(AUDIO[0], default=False), replace(AUDIO[1], default=True))
    tags = media_tags(finish_master_playlist(MASTER, swapped, ()))
    assert [(tag["DEFAULT"], tag["AUTOSELECT"]) for tag in tags] == [("NO", "NO"), ("YES", "YES")]


def test_no_average_is_above_its_peak():
    line = '#EXT-X-{}:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS="avc1"'
    written = [("STREAM-INF", 7, 9), ("STREAM-INF", 9, 7), ("I-FRAME-STREAM-INF", 1, 10)]
    lines = finish_master_playlist("\n".join(line.format(*each) for each in written), (), ()).splitlines()
    wanted = [("STREAM-INF", 9, 9), ("STREAM-INF", 9, 7), ("I-FRAME-STREAM-INF", 10, 10)]
    assert lines == [line.format(*each) for each in wanted]


def test_a_title_cannot_break_out_of_its_quotes():
    hostile = (replace(AUDIO[0], title='x",DEFAULT=NO,URI="http://evil\n#EXT-X-KEY:'), AUDIO[1])
    text = finish_master_playlist(MASTER, hostile, ())
    assert len(text.splitlines()) == len(MASTER.splitlines())
    assert media_tags(text)[0]["URI"] == '"audio/audio-0-en/index.m3u8"'


def test_a_title_without_video_gets_one_variant_with_all_its_tracks():
    text = finish_master_playlist(MASTER, AUDIO, SUBTITLES, AudioStreams(96_000, "mp4a.40.2"))
    assert text.splitlines()[-2:] == [
        '#EXT-X-STREAM-INF:BANDWIDTH=96000,CODECS="mp4a.40.2",AUDIO="audio",SUBTITLES="text",CLOSED-CAPTIONS=NONE',
        "audio/audio-0-en/index.m3u8",
    ]
    assert text.count("#EXT-X-STREAM-INF") == 1
