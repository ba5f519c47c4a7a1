from __future__ import annotations

import base64

import pytest

from core.adapters.packager.hls import parse_attributes
from core.adapters.packager.hls_periods import RotatedSegment, rotate_playlist
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import KeyLabel, ProtectionScheme

SECOND = ContentKey("b" * 32, KeyLabel.SD, ProtectionScheme.CBCS, b"k" * 16, b"\xee" * 16)
KEY = ContentKey("a" * 32, KeyLabel.SD, ProtectionScheme.CBCS, b"k" * 16, b"\xdd" * 16, (SECOND,))
KIDS = [["a" * 32], ["b" * 32, "c" * 32]]
LINES = """#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AA==",KEYFORMAT="org.w3.clearkey"
#EXT-X-KEY:METHOD=SAMPLE-AES,URI="skd://AA==",IV=0x00,KEYFORMATVERSIONS="1",KEYFORMAT="com.apple.streamingkeydelivery"
"""
HEAD = '#EXTM3U\n#EXT-X-MAP:URI="init.mp4"\n'
SEGMENTS = {"1.m4s": RotatedSegment(0), "2.m4s": RotatedSegment(1, 100), "3.m4s": RotatedSegment(1, 90)}


def test_key_lines_stand_before_what_belongs_to_their_first_segment():
    text = f"{HEAD}{LINES}#EXTINF:2,\n1.m4s\n#EXTINF:2,\n2.m4s\n#EXTINF:2,\n3.m4s\n#EXT-X-ENDLIST\n"
    lines = rotate_playlist(text, KEY, KIDS, SEGMENTS).splitlines()
    kinds = [line.partition(":")[0] for line in lines]
    first = ["#EXTM3U", "#EXT-X-MAP", "#EXT-X-KEY", "#EXT-X-KEY", "#EXTINF", "1.m4s"]
    assert kinds == [*first, "#EXT-X-KEY", "#EXT-X-KEY", "#EXTINF", "2.m4s", "#EXTINF", "3.m4s", "#EXT-X-ENDLIST"]
    clearkey, fairplay = map(parse_attributes, lines[6:8])
    kid = base64.b64encode(bytes.fromhex("b" * 32)).decode()
    assert clearkey["URI"] == f'"data:text/plain;base64,{kid}"'
    assert (fairplay["URI"], fairplay["IV"]) == (f'"skd://{kid}"', f"0x{'ee' * 16}")
    assert lines[:6] == text.splitlines()[:6]


def test_ranges_of_iframes_grow_with_their_fragments():
    text = f"{HEAD}{LINES}" + "".join(f"#EXTINF:2,\n#EXT-X-BYTERANGE:500@84\n{name}\n" for name in SEGMENTS)
    lines = rotate_playlist(text, KEY, KIDS, SEGMENTS).splitlines()
    ranges = [line for line in lines if line.startswith("#EXT-X-BYTERANGE")]
    assert ranges == [f"#EXT-X-BYTERANGE:{length}@84" for length in (500, 600, 590)]


def test_a_key_line_of_an_unknown_format_stops_the_packaging():
    line = '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="x",KEYFORMAT="com.example"\n'
    with pytest.raises(ValueError, match=r"com\.example"):
        rotate_playlist(f"{HEAD}{line}1.m4s\n2.m4s\n", KEY, KIDS, SEGMENTS)
