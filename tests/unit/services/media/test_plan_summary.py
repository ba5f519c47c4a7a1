from __future__ import annotations

from core.domain.media.facts import AudioTrack, FrameRate, SourceFacts, VideoTrack
from core.domain.media.plan import ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.services.media.plan_version import summarise

RATE = FrameRate(25)
VIDEO = VideoTrack(0, "h264", 640, 360, "yuv420p", RATE, RATE, 0.0, 60.0, 1500)
FACTS = SourceFacts("mov", 1, 60.0, 60.0, VIDEO, (AudioTrack(1, "aac", 2, 48000, 0.0, 60.0),), stream_count=2)


def test_summary_names_every_chunk_once_longest_first() -> None:
    plan = plan_encoding(FACTS, ProtectionScheme.CBCS, "veryfast")
    assert plan.video is not None
    summary = summarise(plan)
    assert sorted(summary.chunk_order) == list(range(summary.chunks))
    frames = [plan.video.chunks[index].frames for index in summary.chunk_order]
    assert frames == sorted(frames, reverse=True)
    assert summary.chunk_seconds == frames[0] / 25
    assert summary.audio == ("audio-0-und",)


def test_summary_of_sound_alone_has_no_chunks() -> None:
    plan = plan_encoding(SourceFacts("mp3", 1, 60.0, None, None, FACTS.audio), ProtectionScheme.CBCS, "veryfast")
    summary = summarise(plan)
    assert (summary.chunks, summary.chunk_order, summary.renditions, summary.storyboard) == (0, (), (), False)
