from __future__ import annotations

from dataclasses import replace

import pytest

from core.adapters.ffmpeg.arguments import Source, ticks_per_frame, timescale
from core.adapters.ffmpeg.arguments_video import chunk_command
from core.domain.media.facts import FrameRate
from core.domain.media.plan import Chunk, KeyLabel, Rendition, VideoPlan

SOURCE = Source("source", ("mov",), 35_389_440)
PLAN = VideoPlan(
    stream=2,
    frame_rate=FrameRate(24000, 1001),
    gop_frames=96,
    total_frames=479,
    renditions=(
        Rendition("360p", 640, 360, 700_000, KeyLabel.SD),
        Rendition("720p", 1280, 720, 2_500_000, KeyLabel.HD),
    ),
    chunks=(Chunk(0, 0, 288), Chunk(1, 288, 191)),
)

GOLDEN = """
ffmpeg -nostdin -y -v repeat+error -nostats -stats_period 0.5 -progress pipe:1 -filter_complex_threads 1 -copyts
-start_at_zero -format_whitelist mov -max_pixels 35389440 -noaccurate_seek -noautorotate -protocol_whitelist file
-reinit_filter 0 -ss 11.012000 -threads 1 -i file:source -filter_complex
[0:2]settb=1001/24000[s0];[s0]fps=fps=24000/1001:round=near:start_time=12.012000[s1];[s1]tpad=stop=12:stop_mode=clone[s2];[s2]trim=end_frame=191[s3];[s3]setpts=PTS-288[s4];[s4]scale=1280:720:flags=bicubic:in_color_matrix=bt709:in_range=tv:out_color_matrix=bt709:out_range=tv[s5];[s5]format=yuv420p[s6];[s6]setsar=1[s7];[s7]split=2[s8][s9];[s9]scale=640:360:flags=bicubic[s10];[s10]setsar=1[s11]
-map [s11] -map [s8] -f mp4 -bufsize:v:0 1400000 -bufsize:v:1 5000000 -c:v libx264 -color_primaries bt709
-color_range tv -color_trc bt709 -colorspace bt709 -crf:v:0 23 -crf:v:1 23 -flags +cgop -fps_mode passthrough -g 96
-keyint_min 96 -map_chapters -1 -map_metadata -1 -maxrate:v:0 700000 -maxrate:v:1 2500000 -pix_fmt yuv420p
-preset veryfast -profile:v high -sc_threshold 0 -threads 1 -video_track_timescale 24000 file:chunk.mp4
"""


def graph_of(plan: VideoPlan, chunk: int = 0) -> str:
    command = chunk_command(plan, plan.chunks[chunk], SOURCE, "chunk.mp4")
    return command[command.index("-filter_complex") + 1]


def option(command: list[str], name: str) -> str:
    return command[command.index(name) + 1]


def test_a_later_chunk_seeks_a_second_early_and_is_cut_by_absolute_time() -> None:
    assert chunk_command(PLAN, PLAN.chunks[1], SOURCE, "chunk.mp4") == GOLDEN.split()


def test_the_first_chunk_does_not_seek() -> None:
    command = chunk_command(PLAN, PLAN.chunks[0], SOURCE, "chunk.mp4")
    assert "-ss" not in command
    assert "-noaccurate_seek" not in command


def test_a_single_chunk_may_use_two_threads() -> None:
    alone = replace(PLAN, total_frames=288, chunks=(Chunk(0, 0, 288),))
    command = chunk_command(alone, alone.chunks[0], SOURCE, "chunk.mp4")
    assert [command[i + 1] for i, word in enumerate(command) if word == "-threads"] == ["2", "2"]


def test_a_slow_source_is_sought_by_frames_rather_than_a_second() -> None:
    slow = replace(PLAN, frame_rate=FrameRate(10))
    command = chunk_command(slow, slow.chunks[1], SOURCE, "chunk.mp4")
    assert option(command, "-ss") == "26.800000"  # 288 / 10 s, less 20 frames


def test_an_indexed_source_keeps_the_container_time_it_was_given() -> None:
    indexed = replace(SOURCE, demuxers=("matroska",), indexed=True)
    command = chunk_command(PLAN, PLAN.chunks[1], indexed, "chunk.mp4")
    assert option(command, "-seek_timestamp") == "1"
    assert "-start_at_zero" not in command
    assert option(command, "-filter_complex").startswith("[0:0]")


@pytest.mark.parametrize(
    ("rotation", "first_scale", "turn"),
    [(90, "360:640", "transpose=clock"), (180, "640:360", "hflip"), (270, "360:640", "transpose=cclock")],
)
def test_a_turned_picture_is_scaled_before_it_is_turned(rotation: int, first_scale: str, turn: str) -> None:
    graph = graph_of(replace(PLAN, rotation=rotation, renditions=PLAN.renditions[:1]))
    assert f"scale={first_scale}:" in graph
    assert graph.index("scale=") < graph.index(turn)


def test_interlaced_pictures_are_woven_before_frames_are_dropped() -> None:
    command = chunk_command(replace(PLAN, deinterlace=True), PLAN.chunks[0], SOURCE, "chunk.mp4")
    graph = option(command, "-filter_complex")
    assert graph.index("bwdif=mode=send_frame") < graph.index("fps=")
    assert "-reinit_filter" not in command


def test_hdr_is_tone_mapped_with_explicit_input_colour_after_scaling() -> None:
    hdr = replace(PLAN, tone_map=True, color_transfer="smpte2084", color_primaries=None, color_space=None)
    command = chunk_command(hdr, hdr.chunks[0], SOURCE, "chunk.mp4")
    graph = option(command, "-filter_complex")
    assert "min=bt2020nc:npl=100:p=bt2020:pin=bt2020:rin=limited:t=linear:tin=smpte2084" in graph
    assert "tonemap=hable:desat=0" in graph
    assert graph.index("scale=1280:720") < graph.index("zscale") < graph.index("split")
    assert option(command, "-colorspace") == "bt709"


def test_full_range_becomes_limited_range() -> None:
    assert "in_range=full:out_color_matrix=bt709:out_range=tv" in graph_of(replace(PLAN, full_range=True))


def test_untagged_standard_definition_is_taken_and_tagged_as_bt601() -> None:
    sd = replace(PLAN, renditions=PLAN.renditions[:1])
    command = chunk_command(sd, sd.chunks[0], SOURCE, "chunk.mp4")
    assert option(command, "-colorspace") == "smpte170m"
    assert "in_color_matrix=smpte170m" in option(command, "-filter_complex")


def test_tags_of_the_source_are_kept_and_unknown_names_never_passed_on() -> None:
    tagged = replace(PLAN, color_space="bt470bg", color_primaries="$(reboot)", color_transfer="gamma28")
    command = chunk_command(tagged, tagged.chunks[0], SOURCE, "chunk.mp4")
    assert option(command, "-colorspace") == "bt470bg"
    assert option(command, "-color_primaries") == "bt709"
    assert option(command, "-color_trc") == "gamma28"
    assert "$(reboot)" not in " ".join(command)


@pytest.mark.parametrize(
    ("rate", "scale", "ticks"),
    [
        (FrameRate(24), 24_000, 1000),
        (FrameRate(24000, 1001), 24_000, 1001),
        (FrameRate(25, 2), 25_000, 2000),
        (FrameRate(60000, 1001), 60_000, 1001),
    ],
)
def test_every_frame_is_a_whole_number_of_ticks(rate: FrameRate, scale: int, ticks: int) -> None:
    assert (timescale(rate), ticks_per_frame(rate)) == (scale, ticks)
