from __future__ import annotations

from core.domain.media.plan import StoryboardPlan
from core.domain.media.storyboard_cues import sprite_count, storyboard_cues

PLAN = StoryboardPlan(interval=4.004, tile_width=160, tile_height=90, columns=2, rows=2, tiles=5)


def test_tiles_run_along_rows_and_on_to_the_next_sprite() -> None:
    regions = [line for line in storyboard_cues(PLAN, 18.5).splitlines() if line.startswith("sprite-")]
    assert regions == [
        "sprite-0.jpg#xywh=0,0,160,90",
        "sprite-0.jpg#xywh=160,0,160,90",
        "sprite-0.jpg#xywh=0,90,160,90",
        "sprite-0.jpg#xywh=160,90,160,90",
        "sprite-1.jpg#xywh=0,0,160,90",
    ]
    assert sprite_count(PLAN) == 2


def test_cues_touch_and_the_last_ends_with_the_video() -> None:
    times = [line for line in storyboard_cues(PLAN, 3618.5).splitlines() if "-->" in line]
    assert times[0] == "00:00:00.000 --> 00:00:04.004"
    assert times[1].startswith("00:00:04.004")
    assert times[-1] == "00:00:16.016 --> 01:00:18.500"


def test_a_video_of_one_frame_still_has_a_cue_of_some_length() -> None:
    alone = StoryboardPlan(4.0, 160, 90, 1, 1, 1)
    assert "00:00:00.000 --> 00:00:00.001" in storyboard_cues(alone, 0.0)
