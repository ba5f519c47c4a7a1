"""The storyboard's WebVTT: which region of which sprite belongs to which span of time."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.media.plan import StoryboardPlan


def sprite_name(index: int) -> str:
    return f"sprite-{index}.jpg"


def sprite_count(plan: StoryboardPlan) -> int:
    per_sprite = plan.columns * plan.rows
    return -(-plan.tiles // per_sprite)


def storyboard_cues(plan: StoryboardPlan, duration: float) -> str:
    """WebVTT whose cues are W3C media fragments (#xywh in pixels); `duration` in seconds ends the last cue."""
    return "WEBVTT\n\n" + "\n".join(_cues(plan, duration))


def _cues(plan: StoryboardPlan, duration: float) -> Iterator[str]:
    for tile in range(plan.tiles):
        start = tile * plan.interval
        end = duration if tile == plan.tiles - 1 else start + plan.interval
        sprite, place = divmod(tile, plan.columns * plan.rows)
        row, column = divmod(place, plan.columns)
        region = f"{column * plan.tile_width},{row * plan.tile_height},{plan.tile_width},{plan.tile_height}"
        yield f"{_clock(start)} --> {_clock(max(end, start + 0.001))}\n{sprite_name(sprite)}#xywh={region}\n"


def _clock(seconds: float) -> str:
    """WebVTT's timestamp, hours always written."""
    milliseconds = round(seconds * 1000)
    return (
        f"{milliseconds // 3_600_000:02d}:{milliseconds // 60_000 % 60:02d}:"
        f"{milliseconds // 1000 % 60:02d}.{milliseconds % 1000:03d}"
    )
