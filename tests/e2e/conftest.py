"""A packaged title (made once) behind a site of its own for each test."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.proof.browser import find_chromium
from tests.e2e.player_site import Site, serving
from tests.e2e.sample_title import Title, make_title
from tests.fixtures.database import database_url

__all__ = ["database_url"]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def title(tmp_path_factory: pytest.TempPathFactory) -> Title:
    return make_title(tmp_path_factory.mktemp("title") / "stream")


@pytest.fixture(scope="session")
def player_page() -> None:
    """The page as the API serves it, built when its sources have changed."""
    subprocess.run([ROOT / "web" / "build.sh"], check=True, capture_output=True)


@pytest.fixture
def bare_site(title: Title) -> Iterator[Site]:
    """Without the player page, which a scripted client does not need."""
    with serving(Site(title)) as running:
        yield running


@pytest.fixture
def site(title: Title, player_page: None) -> Iterator[Site]:
    with serving(Site(title)) as running:
        yield running


@pytest.fixture
def chromium() -> str:
    """The browser's path. Debian has it as the package `chromium`."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    return found
