"""Names and weights of the pieces that transcoding and assembly consist of."""

from __future__ import annotations

from core.domain.media.plan import EncodingPlan

#: Work per second of media, compared with a chunk of all renditions; only steers one bar.
_AUDIO = 0.02
_SUBTITLE = 0.002
_INDEX = 0.01


RENDITIONS = "renditions"
PICTURES = "pictures"


def chunk_item(index: int) -> str:
    return f"chunk-{index:05d}"


def transcode_weights(plan: EncodingPlan) -> dict[str, float]:
    """Item → weight, in seconds of chunk work. Audio and subtitle items carry their plan's name."""
    weights: dict[str, float] = {}
    if plan.video is not None:
        rate = plan.video.frame_rate
        weights = {chunk_item(chunk.index): float(rate.seconds(chunk.frames)) for chunk in plan.video.chunks}
    weights |= {audio.name: audio.duration * _AUDIO for audio in plan.audio}
    weights |= {subtitle.name: plan.duration * _SUBTITLE for subtitle in plan.subtitles}
    if plan.index_source:
        weights["index"] = plan.duration * _INDEX
    return weights


def assembly_weights(plan: EncodingPlan) -> dict[str, float]:
    """The pieces of assembly; empty for a title without pictures."""
    if plan.video is None:
        return {}
    return {RENDITIONS: 3.0} | ({PICTURES: 1.0} if plan.storyboard else {})
