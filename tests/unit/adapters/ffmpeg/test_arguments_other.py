from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from core.adapters.ffmpeg.arguments import Source
from core.adapters.ffmpeg.arguments_audio import audio_command, subtitle_command
from core.adapters.ffmpeg.arguments_images import sprites_command
from core.adapters.ffmpeg.arguments_join import concat_script, index_command, join_command
from core.domain.media.chunks import plan_chunks
from core.domain.media.facts import FrameRate
from core.domain.media.frame_rates import STANDARD_RATES, gop_frames
from core.domain.media.plan import AudioPlan, Chunk, KeyLabel, Rendition, StoryboardPlan, SubtitlePlan, VideoPlan

SOURCE = Source("source", ("matroska",), 1_000_000)
GUARD = ["-format_whitelist", "matroska", "-max_pixels", "1000000", "-protocol_whitelist", "file"]


def contains(command: list[str], part: list[str]) -> bool:
    return any(command[i : i + len(part)] == part for i in range(len(command)))


def test_every_command_on_a_users_file_is_guarded_and_drops_its_tags() -> None:
    audio = audio_command(AudioPlan(1, "a", "en", "English", 2, 128_000, 10.0), SOURCE, "a.mp4")
    subtitle = subtitle_command(SubtitlePlan(3, "s", "en", "English"), SOURCE, "s.vtt")
    index = index_command(0, SOURCE, "source.mkv")
    for command in (audio, subtitle, index):
        assert set(GUARD) <= set(command[: command.index("-i")])
        assert command[command.index("-i") + 1] == "file:source"
        assert command[-1].startswith("file:")
        assert contains(command, ["-map_metadata", "-1"])
        assert "-nostdin" in command


def test_times_count_from_where_the_title_starts() -> None:
    source = replace(SOURCE, start=0.021)
    audio = audio_command(AudioPlan(1, "a", "en", "English", 2, 128_000, 10.0), source, "a.mp4")
    subtitle = subtitle_command(SubtitlePlan(3, "s", "en", "English"), source, "s.vtt")
    index = index_command(0, source, "source.mkv")
    for command in (audio, subtitle, index):
        assert contains(command[: command.index("-i")], ["-itsoffset", "-0.021000"])


def test_audio_is_put_on_the_time_line_and_folded_down() -> None:
    command = audio_command(AudioPlan(1, "a", "en", "English", 2, 128_000, 10.5), SOURCE, "a.mp4")
    graph = command[command.index("-filter_complex") + 1]
    assert "[0:1]aresample=48000:async=1:first_pts=0" in graph
    assert "channel_layouts=stereo" in graph
    assert "atrim=end=10.500000" in graph


def test_chunks_are_joined_in_one_pass_with_an_output_for_each_missing_rung() -> None:
    rungs = tuple(Rendition(f"{n}p", 2 * n, n, 1000, KeyLabel.SD) for n in (240, 360))
    plan = VideoPlan(0, FrameRate(25), 100, 200, rungs, (Chunk(0, 0, 200),))
    command = join_command(plan, list(enumerate(rungs)), "chunks.ffconcat")
    assert command.count("-i") == 1
    assert contains(command, ["-map", "0:v:0"])
    assert contains(command, ["-map", "0:v:1"])
    assert [word for word in command if word.endswith("p.mp4")] == ["file:240p.mp4", "file:360p.mp4"]


@given(total=st.integers(1, 2_000_000), rate=st.sampled_from(STANDARD_RATES))
def test_durations_in_the_script_never_drift_from_the_grid(total: int, rate: FrameRate) -> None:
    chunks = plan_chunks(total, gop_frames(rate), rate)
    script = concat_script(chunks, [f"chunk-{chunk.index}.mp4" for chunk in chunks], rate)
    elapsed = 0
    for chunk, duration in zip(chunks, re.findall(r"duration (\d+)us", script), strict=True):
        assert abs(Fraction(elapsed, 10**6) - rate.seconds(chunk.first_frame)) <= Fraction(1, 2 * 10**6)
        elapsed += int(duration)


def test_sprites_decode_key_frames_only_and_have_a_fixed_number_of_tiles() -> None:
    command = sprites_command(StoryboardPlan(4.004, 160, 90, 10, 3, 27), "240p.mp4", "sprite-%d.jpg")
    assert contains(command[: command.index("-i")], ["-skip_frame", "nokey"])
    graph = command[command.index("-filter_complex") + 1]
    assert "trim=end_frame=27" in graph
    assert "tile=10x3" in graph
