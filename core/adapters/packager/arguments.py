"""The command line of Shaka Packager 3.8 for one title. Pure; keys are not part of it, they come by flag file.

Languages and titles come from strangers' files, where a comma would be syntax and an unknown language an error, so
the packager gets neither: tracks carry our own names, and the manifest pass puts in what people read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from core.adapters.packager.layout import (
    DASH_MANIFEST,
    HLS_MASTER,
    IFRAME_PLAYLIST,
    INIT,
    MEDIA_PLAYLIST,
    folder,
    input_file,
)
from core.domain.drm.systems import DrmSystem, signalled_systems
from core.domain.media.plan import AudioPlan, EncodingPlan, KeyLabel, ProtectionScheme, Rendition, SubtitlePlan

_SYSTEM_NAMES = {
    DrmSystem.WIDEVINE: "Widevine",
    DrmSystem.PLAYREADY: "PlayReady",
    DrmSystem.COMMON: "CommonSystem",
    DrmSystem.FAIRPLAY: "FairPlay",
}
_IO_CACHE_BYTES = 4 * 1024**2
"""Each open file has such a buffer; the default of 32 MiB makes titles with many tracks take gigabytes."""


def packager_command(
    program: str, plan: EncodingPlan, subtitles: Sequence[SubtitlePlan], flag_file: str, output: str
) -> list[str]:
    """The argv for one run in a job's directory: `flag_file` and `output` (a directory) are relative to it.

    `subtitles` are the tracks of the plan that have cues: the packager refuses a text file without any.
    """
    protection = _protection(plan.scheme, flag_file)
    return [program, *_streams(plan, subtitles, output), *protection, *_flags(plan, output)]


def stream_count(plan: EncodingPlan, subtitles: Sequence[SubtitlePlan]) -> int:
    """How many stream descriptors the command has; memory and open files grow with it."""
    return sum(1 for _ in _streams(plan, subtitles, "."))


def _streams(plan: EncodingPlan, subtitles: Sequence[SubtitlePlan], output: str) -> Iterable[str]:
    for rendition in plan.video.renditions if plan.video else ():
        yield _video(rendition, output, plan.scheme)
    for track in plan.audio:
        yield _audio(track, output)
    for subtitle in subtitles:
        if plan.scheme is not ProtectionScheme.AES128:
            yield _dash_text(subtitle, output)
        yield _hls_text(subtitle, output)


def _flags(plan: EncodingPlan, output: str) -> list[str]:
    seconds = _seconds(plan.segment_seconds)
    return [
        f"--segment_duration={seconds}",
        f"--fragment_duration={seconds}",
        "--generate_static_live_mpd",
        f"--mpd_output={output}/{DASH_MANIFEST}",
        f"--hls_master_playlist_output={output}/{HLS_MASTER}",
        f"--io_cache_size={_IO_CACHE_BYTES}",
        "--quiet",
    ]


def _protection(scheme: ProtectionScheme, flag_file: str) -> list[str]:
    """None for AES-128: the packager gives such segments a second sample entry that their header does not have."""
    if scheme is ProtectionScheme.AES128:
        return []
    systems = ",".join(_SYSTEM_NAMES[system] for system in signalled_systems(scheme))
    return [
        f"--flagfile={flag_file}",
        f"--protection_scheme={scheme.value}",
        f"--protection_systems={systems}",
        "--clear_lead=0",
    ]


def _seconds(value: float) -> str:
    """Rounded down: a segment length a hair above the GOP's would put two GOPs into every segment."""
    return f"{math.floor(value * 1e6) / 1e6:.6f}"


def _video(rendition: Rendition, output: str, scheme: ProtectionScheme) -> str:
    place = folder("video", rendition.name)
    # An I-frame playlist points into segments, where a whole encrypted one can only be read from its start.
    iframes = {} if scheme is ProtectionScheme.AES128 else {"iframe_playlist_name": f"{place}/{IFRAME_PLAYLIST}"}
    return _descriptor(
        {
            "in": input_file("video", rendition.name),
            "stream": "video",
            "init_segment": f"{output}/{place}/{INIT}",
            "segment_template": f"{output}/{place}/$Number$.m4s",
            "playlist_name": f"{place}/{MEDIA_PLAYLIST}",
            **iframes,
            "drm_label": rendition.label.value,
        }
    )


def _audio(track: AudioPlan, output: str) -> str:
    place = folder("audio", track.name)
    return _descriptor(
        {
            "in": input_file("audio", track.name),
            "stream": "audio",
            "init_segment": f"{output}/{place}/{INIT}",
            "segment_template": f"{output}/{place}/$Number$.m4s",
            "playlist_name": f"{place}/{MEDIA_PLAYLIST}",
            "hls_group_id": "audio",
            "hls_name": track.name,
            # Without labels of their own, two tracks of one language become one switching set.
            "dash_label": track.name,
            "drm_label": KeyLabel.AUDIO.value,
        }
    )


def _dash_text(track: SubtitlePlan, output: str) -> str:
    """WebVTT in fragmented MP4: what DASH players expect of segmented subtitles."""
    place = folder("text", track.name)
    return _descriptor(
        {
            "in": input_file("text", track.name),
            "stream": "text",
            "init_segment": f"{output}/{place}/{INIT}",
            "segment_template": f"{output}/{place}/$Number$.m4s",
            "dash_only": "1",
            "dash_label": track.name,
            **_forced(track),
        }
    )


def _hls_text(track: SubtitlePlan, output: str) -> str:
    """Plain WebVTT segments: what HLS players expect."""
    place = folder("text", track.name)
    return _descriptor(
        {
            "in": input_file("text", track.name),
            "stream": "text",
            "segment_template": f"{output}/{place}/$Number$.vtt",
            "playlist_name": f"{place}/{MEDIA_PLAYLIST}",
            "hls_only": "1",
            "hls_group_id": "text",
            "hls_name": track.name,
            **_forced(track),
        }
    )


def _forced(track: SubtitlePlan) -> dict[str, str]:
    return {"forced_subtitle": "1"} if track.forced else {}


def _descriptor(fields: dict[str, str]) -> str:
    """Values are our own names, checked by `layout.folder`; a comma cannot occur."""
    return ",".join(f"{key}={value}" for key, value in fields.items())
