"""Audio renditions: every language once, at most stereo."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.media.evenness import missing_until
from core.domain.media.facts import AudioTrack
from core.domain.media.plan import AudioPlan
from core.domain.media.titles import unique_titles

MAX_CHANNELS = 2
#: AAC-LC bits per second by output channels.
BITRATES = {1: 80_000, 2: 128_000}


def plan_audio(tracks: Sequence[AudioTrack], until: float) -> tuple[AudioPlan, ...]:
    """One rendition per track, in file order; exactly one is the default, the first marked so or else the first.

    `until` is when the whole title ends, in seconds.
    """
    titles = unique_titles([(track.title, track.language) for track in tracks])
    default = next((i for i, track in enumerate(tracks) if track.default), 0)
    return tuple(
        _plan(position, track, title, until, default=position == default)
        for position, (track, title) in enumerate(zip(tracks, titles, strict=True))
    )


def _plan(position: int, track: AudioTrack, title: str, until: float, *, default: bool) -> AudioPlan:
    channels = min(max(track.channels, 1), MAX_CHANNELS)
    return AudioPlan(
        stream=track.index,
        name=f"audio-{position}-{track.language}",
        language=track.language,
        title=title,
        channels=channels,
        bitrate=BITRATES[channels],
        duration=track.end,
        default=default,
        silence=missing_until(until, track.end),
    )
