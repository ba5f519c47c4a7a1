"""One packaged title per scheme for the whole session; tests that damage it work on a copy."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.domain.media.plan import ProtectionScheme
from core.services.media.package_version import package_version
from tests.fixtures.packaged_titles import Title, ignore, make_plan, make_title


def _packaged(root: Path, scheme: ProtectionScheme) -> Title:
    async def make() -> Title:
        title = await make_title(root, make_plan(scheme))
        await package_version(title.tools, title.keys, title.target, ignore)
        return title

    return asyncio.run(make())


@pytest.fixture(scope="session")
def cbcs_title(tmp_path_factory: pytest.TempPathFactory) -> Title:
    return _packaged(tmp_path_factory.mktemp("cbcs"), ProtectionScheme.CBCS)


@pytest.fixture(scope="session")
def cenc_title(tmp_path_factory: pytest.TempPathFactory) -> Title:
    return _packaged(tmp_path_factory.mktemp("cenc"), ProtectionScheme.CENC)


@pytest.fixture(scope="session")
def aes128_title(tmp_path_factory: pytest.TempPathFactory) -> Title:
    return _packaged(tmp_path_factory.mktemp("aes128"), ProtectionScheme.AES128)


@pytest.fixture(params=[ProtectionScheme.CBCS, ProtectionScheme.CENC], ids=str)
def title(request: pytest.FixtureRequest) -> Title:
    """Both schemes, one after the other. Read only."""
    return request.getfixturevalue(f"{request.param.value}_title")


@pytest.fixture
def damaged(title: Title, tmp_path: Path) -> Title:
    """Both schemes; a copy that the test may change."""
    return title.copy(tmp_path)
