"""The sandbox is tried once per session; every test gets its own storage and scratch space."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.ffmpeg.sandbox_check import detect_sandbox
from core.adapters.scratch import Scratch
from tests.fixtures.transcoding import Version

SHARED_MEDIA = Path(__file__).parents[4] / "shared" / "media"

MakeVersion = Callable[[Path], Version]


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Sandbox:
    """The strongest sandbox of this host."""
    return asyncio.run(detect_sandbox(Scratch(tmp_path_factory.mktemp("scratch"))))


@pytest.fixture(params=["namespaces", "rlimits only"])
def each_sandbox(request: pytest.FixtureRequest, sandbox: Sandbox) -> Sandbox:
    if request.param == "rlimits only":
        return Sandbox(namespaces=False, reason="chosen by the test")
    if not sandbox.namespaces:
        pytest.skip(f"no namespaces on this host: {sandbox.reason}")
    return sandbox


@pytest.fixture
def make_version(tmp_path: Path, sandbox: Sandbox) -> MakeVersion:
    """A version whose original is the given file."""

    def make(source: Path) -> Version:
        return Version.create(tmp_path / f"version-{source.name}", sandbox, source)

    return make


@pytest.fixture(scope="session")
def shared_media() -> Path:
    if not SHARED_MEDIA.is_dir():
        pytest.skip("the shared media set (../shared/media) is not on this machine")
    return SHARED_MEDIA
