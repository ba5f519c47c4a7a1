"""The tracks of a packaged version, out of its plan and the objects that were made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.adapters.packager.layout import folder
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.media.plan import AudioPlan, EncodingPlan, Rendition, SubtitlePlan, VideoPlan
from core.domain.variant import Variant, VariantKind
from core.ports import ObjectStat


def variants_of(target: VersionRef, plan: EncodingPlan, objects: Sequence[ObjectStat]) -> list[Variant]:
    """A subtitle track that turned out empty was not packaged, so only tracks with objects are listed."""
    prefix = object_keys.published_prefix(target)
    sizes = _Sizes(prefix, objects)
    return [variant for variant in _planned(plan, prefix, sizes) if variant.size > 0]


class _Sizes:
    def __init__(self, prefix: str, objects: Sequence[ObjectStat]) -> None:
        self._prefix = prefix
        self._objects = objects

    def below(self, path: str) -> int:
        """Bytes of all objects below the track's folder."""
        start = f"{self._prefix}{path}/"
        return sum(found.size for found in self._objects if found.key.startswith(start))


def _planned(plan: EncodingPlan, prefix: str, sizes: _Sizes) -> Iterator[Variant]:
    for rendition in plan.video.renditions if plan.video else ():
        yield _video(plan.video, rendition, prefix, sizes)
    for audio in plan.audio:
        yield _audio(audio, prefix, sizes)
    for subtitle in plan.subtitles:
        yield _subtitle(subtitle, prefix, sizes)


def _video(video: VideoPlan | None, rendition: Rendition, prefix: str, sizes: _Sizes) -> Variant:
    path = folder("video", rendition.name)
    return Variant(
        kind=VariantKind.VIDEO,
        name=rendition.name,
        prefix=f"{prefix}{path}/",
        size=sizes.below(path),
        width=rendition.width,
        height=rendition.height,
        bitrate=rendition.max_bitrate,
        codec="h264",
        frame_rate=str(video.frame_rate) if video else None,
    )


def _audio(audio: AudioPlan, prefix: str, sizes: _Sizes) -> Variant:
    path = folder("audio", audio.name)
    return Variant(
        kind=VariantKind.AUDIO,
        name=audio.name,
        prefix=f"{prefix}{path}/",
        size=sizes.below(path),
        bitrate=audio.bitrate,
        codec="aac",
        language=audio.language,
    )


def _subtitle(subtitle: SubtitlePlan, prefix: str, sizes: _Sizes) -> Variant:
    path = folder("text", subtitle.name)
    return Variant(
        kind=VariantKind.SUBTITLE,
        name=subtitle.name,
        prefix=f"{prefix}{path}/",
        size=sizes.below(path),
        codec="webvtt",
        language=subtitle.language,
    )
