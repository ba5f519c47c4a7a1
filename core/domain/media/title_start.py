"""When a title starts: with its first picture, which is not shown twice only because sound came a little first."""

from __future__ import annotations

from dataclasses import replace

from core.domain.media.facts import SourceFacts

#: A picture up to this late is the first one: AAC priming (21 ms at 48 kHz), reordered frames in a file that does not
#: say so (two frames), one frame of the slowest output rate. A later one is meant to come later.
LEAD_SECONDS = 0.1


def title_start(facts: SourceFacts) -> float:
    """Seconds after the container's start. Sound before it is left out, but never more than half of a track."""
    if facts.video is None:
        return 0.0
    shortest = min([facts.video.end, *(track.end for track in facts.audio)])
    return facts.video.start if facts.video.start <= min(LEAD_SECONDS, shortest / 2) else 0.0


def counted_from(facts: SourceFacts, start: float) -> SourceFacts:
    """The same facts on a clock that is zero `start` seconds after the container's start."""
    video = facts.video and replace(facts.video, start=facts.video.start - start, end=facts.video.end - start)
    audio = tuple(replace(track, start=max(0.0, track.start - start), end=track.end - start) for track in facts.audio)
    return replace(facts, video=video, audio=audio)
