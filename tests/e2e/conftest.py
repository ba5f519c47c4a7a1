"""A packaged title (made once) behind a site of its own for each test."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.proof.browser import find_chromium
from core.domain.media.plan import ProtectionScheme
from core.settings import Settings
from tests.e2e.player_site import Site, serving
from tests.e2e.published_title import PublishedTitle, publish_title
from tests.e2e.sample_title import Title, make_title
from tests.fixtures.database import database_url

Publish = Callable[[ProtectionScheme], PublishedTitle]

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


@pytest.fixture(scope="session")
def publish(settings: Settings, database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Publish:
    """A title published under a scheme; the same one for all tests of the session."""
    ours = settings.model_copy(update={"database_url": database_url})
    made: dict[ProtectionScheme, PublishedTitle] = {}

    def titled(scheme: ProtectionScheme) -> PublishedTitle:
        if scheme not in made:
            made[scheme] = asyncio.run(publish_title(ours, tmp_path_factory.mktemp(scheme.value), scheme))
        return made[scheme]

    return titled


@pytest.fixture(params=[ProtectionScheme.CBCS, ProtectionScheme.CENC], ids=str)
def published(request: pytest.FixtureRequest, publish: Publish) -> PublishedTitle:
    """Both schemes of Common Encryption, unless a test chooses (`indirect`)."""
    scheme: ProtectionScheme = request.param
    return publish(scheme)


@pytest.fixture(scope="session")
def player_modules() -> Path:
    """The npm packages of the player, among them the players of others that tests play with."""
    subprocess.run([ROOT / "web" / "build.sh", "install"], check=True, capture_output=True)
    return ROOT / "web" / "player" / "node_modules"
