from __future__ import annotations

import pytest

from core.domain.media.segmented_cues import joined_cues

LONG = "00:00:01.000 --> 00:00:09.000\ntwo\nlines"
TWICE = "00:00:02.000 --> 00:00:03.000\nsame"


def segment(*cues: str) -> str:
    return "\n\n".join(["WEBVTT", *cues]) + "\n\n"


def test_a_cue_over_several_segments_is_one_cue():
    joined = joined_cues([segment(LONG), segment(LONG), segment(LONG, "00:00:08.000 --> 00:00:08.500\nlast")])
    assert joined == f"WEBVTT\n\n{LONG}\n\n00:00:08.000 --> 00:00:08.500\nlast\n"


def test_two_equal_cues_stay_two():
    joined = joined_cues([segment(TWICE, TWICE), segment(TWICE, TWICE)])
    assert joined.count("same") == 2


def test_nothing_but_headers_is_a_file_without_cues():
    assert joined_cues([]) == joined_cues([segment(), segment()]) == "WEBVTT\n"


@pytest.mark.parametrize("text", ["", "<html>", "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n"])
def test_what_is_not_plain_webvtt_is_refused(text):
    with pytest.raises(ValueError, match="not plain WebVTT"):
        joined_cues([text])
