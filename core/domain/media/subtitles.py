"""Subtitle renditions: every text track becomes WebVTT; pictures of text cannot."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.media.facts import SubtitleTrack
from core.domain.media.plan import SubtitlePlan
from core.domain.media.titles import unique_titles


def empty_subtitle(stream: int) -> str:
    """The warning about a track in which there is nothing to read."""
    return f"SUBTITLE_EMPTY:stream {stream}"


def plan_subtitles(tracks: Sequence[SubtitleTrack]) -> tuple[tuple[SubtitlePlan, ...], tuple[str, ...]]:
    """Plans of the text tracks, in file order, and a warning for each bitmap track that is left out."""
    text = [track for track in tracks if track.text]
    titles = unique_titles([(track.title, track.language) for track in text])
    default = next((track.index for track in text if track.default), None)
    plans = tuple(
        SubtitlePlan(
            stream=track.index,
            name=f"subtitle-{position}-{track.language}",
            language=track.language,
            title=title,
            default=track.index == default,
            forced=track.forced,
        )
        for position, (track, title) in enumerate(zip(text, titles, strict=True))
    )
    return plans, tuple(f"BITMAP_SUBTITLE_SKIPPED:stream {track.index}" for track in tracks if not track.text)
