"""The encoding plan: facts in, every decision out. Pure, so the same facts always give the same plan."""

from __future__ import annotations

from core.domain.media.audio import plan_audio
from core.domain.media.chunks import plan_chunks
from core.domain.media.evenness import missing_until
from core.domain.media.facts import SourceFacts, VideoTrack
from core.domain.media.frame_rates import GOP_SECONDS, gop_duration, gop_frames, output_frame_rate
from core.domain.media.geometry import display_size
from core.domain.media.ladder import build_ladder
from core.domain.media.plan import EncodingPlan, ProtectionScheme, StoryboardPlan, VideoPlan
from core.domain.media.storyboard import plan_storyboard
from core.domain.media.subtitles import plan_subtitles
from core.domain.media.title_start import counted_from, title_start


def plan_encoding(facts: SourceFacts, scheme: ProtectionScheme, preset: str) -> EncodingPlan:
    """Plan a source that passed `check_source`. `preset` is x264's; without video it becomes an audio-only asset."""
    start = title_start(facts)
    facts = counted_from(facts, start)
    until = max((track.end for track in (facts.video, *facts.audio) if track), default=0.0)
    video = plan_video(facts.video, preset, until) if facts.video else None
    audio = plan_audio(facts.audio, until)
    subtitles, skipped = plan_subtitles(facts.subtitles)
    lengths = [plan.duration + plan.silence for plan in audio]
    if video:
        lengths.append(float(video.frame_rate.seconds(video.total_frames)))
    return EncodingPlan(
        duration=max(lengths, default=0.0),
        scheme=scheme,
        video=video,
        audio=audio,
        subtitles=subtitles,
        storyboard=_storyboard(facts.video, video),
        segment_seconds=float(gop_duration(video.frame_rate)) if video else float(GOP_SECONDS),
        index_source=video is not None and _needs_index(facts, video),
        source_start=start,
        warnings=(*facts.warnings, *skipped),
    )


def plan_video(track: VideoTrack, preset: str, until: float) -> VideoPlan:
    """The output grid starts with the title: a track that begins later shows its first picture until then.

    One that ends before the title does, at `until` seconds, goes on showing its last picture.
    """
    rate = output_frame_rate(track.average_rate, track.nominal_rate, track.quick_rate)
    gop = gop_frames(rate)
    held = rate.frames(missing_until(until, track.end))
    total = max(1, rate.frames(track.end)) + held
    return VideoPlan(
        stream=track.index,
        frame_rate=rate,
        gop_frames=gop,
        total_frames=total,
        renditions=build_ladder(display_size(track), rate),
        chunks=plan_chunks(total, gop, rate),
        preset=preset,
        rotation=track.rotation,
        deinterlace=track.interlaced,
        tone_map=track.hdr,
        full_range=track.full_range,
        color_primaries=track.color_primaries,
        color_transfer=track.color_transfer,
        color_space=track.color_space,
        source_pixels=track.width * track.height,
        held_frames=held,
    )


def _needs_index(facts: SourceFacts, video: VideoPlan) -> bool:
    """A remux makes seeks exact, which chunks need, and mends a jumping clock, which every encode needs."""
    return not facts.continuous or (len(video.chunks) > 1 and not facts.exact_seek)


def _storyboard(track: VideoTrack | None, plan: VideoPlan | None) -> StoryboardPlan | None:
    if track is None or plan is None:
        return None
    return plan_storyboard(display_size(track), plan.total_frames, plan.frame_rate)
