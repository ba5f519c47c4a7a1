"""Inspection as a worker runs it: real ffmpeg in the real sandbox, real scratch and cache; storage is a directory."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from core.adapters.clamd import NoAntivirus
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.object_cache import ObjectCache
from core.adapters.scratch import Scratch
from core.contracts import object_keys
from core.contracts.publish_video import InspectionSummary
from core.contracts.version_ref import VersionRef
from core.domain.media.policy import IngestLimits
from core.ports import Antivirus
from core.services.media.inspect_source import inspect_source
from core.services.media.tools import MediaTools
from tests.fixtures.directory_storage import DirectoryStorage

Inspect = Callable[..., Awaitable[InspectionSummary]]


@pytest.fixture
def target() -> VersionRef:
    return VersionRef("a" * 32, "b" * 32, 1)


@pytest.fixture
def storage(tmp_path: Path) -> DirectoryStorage:
    return DirectoryStorage(tmp_path / "store")


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    return asyncio.run(detect_sandbox(Scratch(tmp_path_factory.mktemp("sandbox"))))


@pytest.fixture
def tools(tmp_path: Path, storage: DirectoryStorage, sandbox: Sandbox) -> MediaTools:
    scratch = Scratch(tmp_path / "scratch")
    runner = MediaRunner(sandbox, stall_seconds=30.0)
    return MediaTools(storage, runner, scratch, ObjectCache(storage, scratch, capacity=1024**3))


@pytest.fixture
def inspect(tools: MediaTools, storage: DirectoryStorage, target: VersionRef) -> Inspect:
    """Upload a file under a name that says nothing, and inspect it."""

    async def run(
        source: Path | bytes, limits: IngestLimits | None = None, antivirus: Antivirus | None = None
    ) -> InspectionSummary:
        data = source if isinstance(source, bytes) else source.read_bytes()
        await storage.put_bytes(object_keys.original(target), data, "video/mp4")
        scanner = antivirus or NoAntivirus()
        return await inspect_source(tools, target, limits or IngestLimits(), scanner, lambda _reading: None)

    return run
