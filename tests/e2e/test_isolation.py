"""Hostile files through the whole platform: nothing foreign is read, nobody is called, nothing falls over or waits."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from cli.ingest import Outcome
from core.adapters.ffmpeg.errors import EncodeStalled
from core.adapters.ffmpeg.limits import MEBIBYTE, Limits
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.s3 import S3Storage
from core.adapters.scratch import Scratch
from core.domain.failures import SENTENCES, FailureCode
from tests.e2e.media_set.attacks import Bait, attacks, broken_files
from tests.e2e.media_set.measure import ffmpeg
from tests.e2e.media_set.publishing import publish_all
from tests.fixtures.clips import make_clip
from tests.fixtures.listener import Listener
from tests.fixtures.open_watch import OpenWatch
from tests.fixtures.platform import Platform
from tests.fixtures.process_watch import ProcessWatch, program

pytestmark = [pytest.mark.stack, pytest.mark.timeout(420)]

#: What a script, a playlist or a reference movie may be refused as: never accepted, whatever it is called.
REFUSED = {FailureCode.NOT_A_VIDEO, FailureCode.UNREADABLE, FailureCode.TRUNCATED, FailureCode.CORRUPT}
#: Resident, of any tool; a tenth of what the decode bomb would take. The limit itself is on address space.
MOST_BYTES = 700 * MEBIBYTE


@dataclass(frozen=True)
class Siege:
    """What happened while good, broken and hostile files were published together."""

    outcomes: dict[str, Outcome]
    codes: dict[str, set[FailureCode]]
    opened: set[Path]
    calls: int
    tools: dict[str, int]
    processes_before: list[float]
    processes_after: list[float]


@pytest.fixture(scope="module")
def bait(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bait, Listener]]:
    """The canary is a real transport stream, so that an attack that reached it would succeed."""
    canary = tmp_path_factory.mktemp("canary") / "canary.ts"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-t", 1, "-c:v", "mpeg2video", canary)
    with Listener() as listener:
        yield Bait(canary, listener.port), listener


@pytest.fixture(scope="module")
def siege(platform: Platform, bait: tuple[Bait, Listener], tmp_path_factory: pytest.TempPathFactory) -> Siege:
    return asyncio.run(besiege(platform, *bait, tmp_path_factory.mktemp("siege")))


async def besiege(platform: Platform, bait: Bait, listener: Listener, folder: Path) -> Siege:
    good = make_clip(folder / "good.mp4", seconds=2, size="320x180")
    ready = await publish_all(platform.connection, {"sibling": good})
    assert ready["sibling"].state == "ready"
    cached = [path for path in (platform.settings.scratch_dir / "cache").rglob("*") if path.is_file()]
    assert cached, "the sibling's source is in no cache: there is nothing to protect"
    files, codes = hostile_files(bait, cached[-1], good, folder)
    before = started(platform)
    with OpenWatch([bait.canary]) as canary, ProcessWatch() as watch:
        outcomes = await publish_all(platform.connection, {**files, "good.mp4": good})
        opened = canary.opened()
    tools = {
        f"{program(arguments)} {pid}": seen.peak_bytes
        for pid, seen in watch.below(platform.media.pid).items()
        for arguments in seen.views
    }
    return Siege(outcomes, codes, opened, listener.calls(), tools, before, started(platform))


def started(platform: Platform) -> list[float]:
    """When each process of the platform began; raises NoSuchProcess for one that is gone."""
    return [psutil.Process(p.pid).create_time() for p in (platform.api, platform.orchestration, platform.media)]


def hostile_files(
    bait: Bait, cached: Path, good: Path, folder: Path
) -> tuple[dict[str, Path], dict[str, set[FailureCode]]]:
    contents = attacks(bait) | {
        f"cached_{name}": data for name, data in attacks(Bait(cached, bait.port)).items() if b"127.0.0.1" not in data
    }
    codes = dict.fromkeys(contents, REFUSED)
    fast_start = folder / "faststart.mp4"
    ffmpeg("-i", good, "-c", "copy", "-movflags", "+faststart", fast_start)
    for name, (data, allowed) in broken_files(fast_start.read_bytes()).items():
        contents[name], codes[name] = data, {FailureCode(code) for code in allowed}
    files = {name: folder / name for name in contents}
    for name, data in contents.items():
        files[name].write_bytes(data)
    files["decode_bomb.mov"] = folder / "decode_bomb.mov"
    codes["decode_bomb.mov"] = {FailureCode.TOO_MANY_PIXELS}
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "color=gray:size=16384x8192:rate=5",
        "-frames:v",
        3,
        "-c:v",
        "mjpeg",
        folder / "decode_bomb.mov",
    )
    return files, codes


def test_every_hostile_file_is_refused_with_a_sentence_for_its_owner(siege: Siege) -> None:
    wrong = {
        name: (outcome.state, outcome.failure_code)
        for name, outcome in siege.outcomes.items()
        if name in siege.codes and (outcome.state != "failed" or outcome.failure_code not in siege.codes[name])
    }
    assert wrong == {}
    for name in siege.codes:
        outcome = siege.outcomes[name]
        assert outcome.failure_sentence == SENTENCES[FailureCode(outcome.failure_code or "")]


def test_canary_is_never_opened_and_nobody_is_called(siege: Siege) -> None:
    assert siege.opened == set()
    assert siege.calls == 0


def test_no_process_of_the_platform_was_replaced(siege: Siege) -> None:
    assert siege.processes_after == siege.processes_before


def test_tools_stay_far_below_their_memory_limit(siege: Siege) -> None:
    assert any(name.startswith("ffprobe") for name in siege.tools), "no tool was seen: nothing is proven"
    assert {name: peak for name, peak in siege.tools.items() if peak > MOST_BYTES} == {}


def test_good_video_among_them_is_published(siege: Siege) -> None:
    assert siege.outcomes["good.mp4"].state == "ready"


async def test_nothing_of_a_refused_file_stays_in_storage(siege: Siege, platform: Platform) -> None:
    storage = S3Storage.from_settings(platform.settings)
    try:
        keys = [stat.key for stat in await storage.list("")]
    finally:
        await storage.close()
    refused = {siege.outcomes[name].id for name in siege.codes}
    assert [key for key in keys if key.split("/")[1] in refused] == []
    assert any(siege.outcomes["good.mp4"].id in key for key in keys), "looked in the wrong place"


# The watchers and the second line of defence: without our first look at the bytes and without whitelists.

STALL_SECONDS = 3.0
#: Attacks that Debian's ffprobe falls for when it is started carelessly; they prove that canary and listener work.
CARELESS = {
    "hls_path.m3u8": [],
    "ffconcat_sibling.mp4": [],
    "hls_http.m3u8": ["-protocol_whitelist", "file,http,tcp"],
    "ffconcat_http.mp4": ["-protocol_whitelist", "file,http,tcp", "-safe", "0"],
}


async def careless(runner: MediaRunner, scratch: Scratch, name: str, bait: Bait) -> None:
    """ffprobe on the attack with nothing in its way but the sandbox; a file of the canary's name lies beside it."""
    async with scratch.job() as job:
        (job.path / name).write_bytes(attacks(bait)[name])
        if not runner.sandbox.namespaces:
            job.link(bait.canary, bait.canary.name)
        command = ["ffprobe", "-v", "quiet", *CARELESS[name], name]
        # The listener never answers: whoever called it waits, and is ended as stalled.
        with suppress(EncodeStalled):
            await runner.run(command, job, limits=Limits(cpu_seconds=20), check=False)


@pytest.mark.parametrize("name", CARELESS)
async def test_careless_probe_falls_for_the_attack(name: str, bait: tuple[Bait, Listener], tmp_path: Path) -> None:
    target, listener = bait
    before = listener.calls()
    with OpenWatch([target.canary]) as watch:
        await careless(MediaRunner(Sandbox(namespaces=False), STALL_SECONDS), Scratch(tmp_path), name, target)
        assert watch.opened() or listener.calls() > before


@pytest.mark.parametrize("name", CARELESS)
async def test_sandbox_alone_stops_the_attack(name: str, bait: tuple[Bait, Listener], tmp_path: Path) -> None:
    target, listener = bait
    scratch = Scratch(tmp_path)
    sandbox = await detect_sandbox(scratch)
    if not sandbox.namespaces:
        pytest.skip(f"no namespaces on this host: {sandbox.reason}")
    before = listener.calls()
    with OpenWatch([target.canary]) as watch:
        await careless(MediaRunner(sandbox, STALL_SECONDS), scratch, name, target)
        assert watch.opened() == set()
    assert listener.calls() == before
