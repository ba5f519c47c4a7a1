from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.adapters.ffmpeg.progress import ProgressParser, Reading

BLOCK = """frame=84
fps=27.51
stream_0_0_q=28.0
bitrate= 512.3kbits/s
total_size=1048576
out_time_us=3360000
out_time=00:00:03.360000
speed=1.10x
progress=continue
"""


def fed(text: str) -> Reading:
    parser = ProgressParser()
    for line in text.splitlines():
        parser.feed(line)
    return parser.reading


def test_a_block_becomes_a_reading() -> None:
    reading = fed(BLOCK)
    assert (reading.frame, reading.out_time, reading.fps, reading.speed) == (84, 3.36, 27.51, 1.1)


def test_an_unfinished_block_changes_nothing() -> None:
    assert fed(BLOCK + "frame=999\n") == fed(BLOCK)


def test_what_ffmpeg_does_not_know_yet_keeps_the_last_value() -> None:
    reading = fed(BLOCK + "frame=90\nfps=0.00\nout_time_us=N/A\nspeed=N/A\nprogress=continue\n")
    assert (reading.frame, reading.out_time, reading.speed) == (90, 3.36, None)


def test_audio_alone_has_no_frames_but_advances() -> None:
    assert fed("out_time_us=5000000\nspeed= 20x\nprogress=end\n").position[:2] == (0, 5.0)


def test_negative_times_before_the_first_packet_count_as_the_start() -> None:
    assert fed("out_time_us=-9223372036854775807\nprogress=continue\n").out_time == 0.0


@given(st.lists(st.text(max_size=40), max_size=30))
def test_no_text_breaks_the_parser(lines: list[str]) -> None:
    parser = ProgressParser()
    for line in lines:
        parser.feed(line)
