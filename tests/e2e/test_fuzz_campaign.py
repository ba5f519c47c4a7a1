"""Damaged files through inspection and encoding: refused with a code, or published; never an error of ours, never long.

`make test` tries a few, `make campaign` thousands. SEALCAST_CAMPAIGN_SEED repeats a run; a mutant that failed is kept
in artifacts/fuzz/.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from core.adapters.clamd import NoAntivirus
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.object_cache import ObjectCache
from core.adapters.scratch import Scratch
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.failures import VideoRejected
from core.domain.media.plan import EncodingPlan, ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.domain.media.policy import IngestLimits
from core.domain.progress import StepProgress
from core.services.media.assemble import assemble
from core.services.media.extract_subtitle import extract_subtitle
from core.services.media.index_source import index_source
from core.services.media.inspect_source import inspect_source
from core.services.media.make_storyboard import make_storyboard
from core.services.media.stored_plan import load_facts, save_plan
from core.services.media.tools import MediaTools
from core.services.media.transcode_audio import transcode_audio
from core.services.media.transcode_chunk import transcode_chunk
from tests.e2e.media_set.measure import ffmpeg
from tests.e2e.media_set.mutate import mutant
from tests.fixtures.directory_storage import DirectoryStorage

FULL = os.environ.get("SEALCAST_CAMPAIGN") == "full"
MUTANTS = int(os.environ.get("SEALCAST_CAMPAIGN_MUTANTS", "2000" if FULL else "15"))
AT_ONCE = 2
#: A second of tiny video takes one or two; the tools' own limits end a hang later than this.
MOST_SECONDS = 90.0
KEPT = Path(__file__).parents[2] / "artifacts" / "fuzz"

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(0 if FULL else 300)]

_SOURCES = ["-f", "lavfi", "-i", "testsrc2=size=128x72:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000", "-t", 1]
#: Container and codec options of the clips that are damaged.
KINDS: dict[str, list[object]] = {
    "mp4": ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-movflags", "+faststart"],
    "mov": ["-c:v", "mpeg4", "-c:a", "pcm_s16le"],
    "mkv": ["-c:v", "libx264", "-preset", "ultrafast", "-bf", 2, "-c:a", "libopus"],
    "webm": ["-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"],
    "ts": ["-c:v", "mpeg2video", "-c:a", "mp2"],
    "avi": ["-c:v", "mpeg4", "-c:a", "libmp3lame"],
    "flv": ["-c:v", "flv1", "-c:a", "aac"],
    "mpg": ["-c:v", "mpeg1video", "-c:a", "mp2"],
    "ogg": ["-c:v", "libtheora", "-c:a", "libvorbis"],
}


def quiet(_: StepProgress) -> None:
    """Nobody follows."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("good")
    for kind, options in KINDS.items():
        ffmpeg(*_SOURCES, *options, folder / f"good.{kind}")
    return {kind: (folder / f"good.{kind}").read_bytes() for kind in KINDS}


@pytest.fixture
def seed(capsys: pytest.CaptureFixture[str]) -> str:
    value = os.environ.get("SEALCAST_CAMPAIGN_SEED") or secrets.token_hex(8)
    with capsys.disabled():
        sys.stdout.write(f"SEALCAST_CAMPAIGN_SEED={value} ")
    return value


class Bench:
    """Puts one file after the other through what a worker does before packaging."""

    def __init__(self, folder: Path, runner: MediaRunner) -> None:
        self._storage = DirectoryStorage(folder / "store")
        self._scratch = Scratch(folder / "scratch")
        self._tools = MediaTools(
            self._storage, runner, self._scratch, ObjectCache(self._storage, self._scratch, capacity=1024**3)
        )

    async def ending(self, number: int, data: bytes) -> str:
        """The failure code, or "encoded". Raises whatever is not a refusal."""
        target = VersionRef("a" * 32, f"{number:032x}", 1)
        await self._storage.put_bytes(object_keys.original(target), data, "video/mp4")
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await inspect_source(self._tools, target, IngestLimits(), NoAntivirus(), quiet)
                plan = plan_encoding(await load_facts(self._storage, target), ProtectionScheme.CBCS, "ultrafast")
                await save_plan(self._storage, target, plan)
                await self._encode(target, plan)
        except VideoRejected as refusal:
            return refusal.failure.value
        finally:
            await self._storage.delete_prefix(object_keys.video_prefix(target))
        return "encoded"

    async def _encode(self, target: VersionRef, plan: EncodingPlan) -> None:
        if plan.index_source:
            await index_source(self._tools, target, quiet)
        for chunk in plan.video.chunks if plan.video else ():
            await transcode_chunk(self._tools, target, chunk.index, quiet)
        for audio in plan.audio:
            await transcode_audio(self._tools, target, audio.name, quiet)
        for subtitle in plan.subtitles:
            await extract_subtitle(self._tools, target, subtitle.name, quiet)
        if plan.video:
            await assemble(self._tools, target, quiet)
        if plan.storyboard:
            await make_storyboard(self._tools, target, quiet)

    def left_behind(self) -> list[Path]:
        return list((self._scratch.root / "jobs").glob("*"))


async def run_all(count: int, make: Callable[[int], bytes], bench: Bench) -> tuple[Counter[str], dict[int, str]]:
    """How often each ending came, and what went wrong with which number."""
    slots, endings, wrong = asyncio.Semaphore(AT_ONCE), Counter[str](), dict[int, str]()

    async def one(number: int) -> None:
        async with slots:
            began = time.monotonic()
            try:
                endings[await bench.ending(number, make(number))] += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this test is after
                wrong[number] = f"{type(error).__name__} after {time.monotonic() - began:.0f} s: {error}"

    await asyncio.gather(*map(one, range(count)))
    return endings, wrong


async def test_damaged_files_are_refused_or_encoded(good: dict[str, bytes], seed: str, tmp_path: Path) -> None:
    runner = MediaRunner(await detect_sandbox(Scratch(tmp_path / "check")), stall_seconds=20.0)
    bench = Bench(tmp_path, runner)
    kinds = list(KINDS)

    def make(number: int) -> bytes:
        return mutant(good[kinds[number % len(kinds)]], f"{seed}/{number}")

    endings, wrong = await run_all(MUTANTS, make, bench)
    for number in wrong:
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{seed}-{number}.{kinds[number % len(kinds)]}").write_bytes(make(number))
    assert not wrong, f"seed {seed}: {wrong}; {dict(endings)}"
    assert endings.total() == MUTANTS
    assert not bench.left_behind()


async def test_undamaged_files_are_encoded(good: dict[str, bytes], tmp_path: Path) -> None:
    """Without this the campaign would be content with a pipeline that refuses everything."""
    runner = MediaRunner(await detect_sandbox(Scratch(tmp_path / "check")), stall_seconds=20.0)
    endings, wrong = await run_all(len(good), list(good.values()).__getitem__, Bench(tmp_path, runner))
    assert (dict(endings), wrong) == ({"encoded": len(good)}, {})
