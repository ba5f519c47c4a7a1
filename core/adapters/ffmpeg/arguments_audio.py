"""Audio and subtitles: each track once for the whole title, on the container's time line."""

from __future__ import annotations

from core.adapters.ffmpeg.arguments import Source, command, open_source, write
from core.domain.media.plan import AudioPlan, SubtitlePlan

SAMPLE_RATE = 48_000
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}


def audio_command(plan: AudioPlan, source: Source, output: str, *, silence: float = 0.0) -> list[str]:
    """argv that encodes the whole track to AAC at 48 kHz in MP4, and `silence` seconds of nothing after it.

    Gaps and a late start become silence, so that sound stays with the picture; the swresample downmix folds centre and
    surrounds in at -3 dB and scales so that nothing clips.
    """
    stream = open_source(source, threads=1)[str(plan.stream)]
    stream = stream.filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    stream = stream.filter("aformat", sample_fmts="fltp", channel_layouts=_LAYOUTS[plan.channels])
    stream = stream.filter("atrim", end=f"{plan.duration:.6f}")
    if silence:
        stream = stream.filter("apad", whole_dur=f"{plan.duration + silence:.6f}")
    return command(write([stream], output, **{"c:a": "aac", "b:a": plan.bitrate, "format": "mp4"}))


def subtitle_command(plan: SubtitlePlan, source: Source, output: str) -> list[str]:
    """argv that converts a text track to WebVTT. Styling beyond what WebVTT has is dropped by ffmpeg's encoder."""
    stream = open_source(source)[str(plan.stream)]
    return command(write([stream], output, **{"c:s": "webvtt", "format": "webvtt"}))
