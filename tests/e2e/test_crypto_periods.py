"""Players go from one crypto period into the next, with licences from our server that they ask for on the way."""

from __future__ import annotations

import asyncio

import pytest

from cli.proof import player_address
from cli.proof.browser import prove_in_browser
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.settings import Settings
from tests.e2e.player_page import HLSJS, SHAKA, OtherPlayer
from tests.e2e.published_title import SD_ONLY, PublishedTitle, publish_title
from tests.e2e.test_other_players import HD, viewing

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("chromium", "player_modules", "player_page")]

PERIOD = 4
"""Seconds; shorter than an upload may ask for, so that a short title has two."""
BEHIND = 5.5
"""Seconds: well into the second period."""
LABELS = (KeyLabel.AUDIO, KeyLabel.SD)


@pytest.fixture(scope="module", params=[ProtectionScheme.CBCS, ProtectionScheme.CENC], ids=str)
def rotating(
    request: pytest.FixtureRequest, settings: Settings, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> PublishedTitle:
    ours = settings.model_copy(update={"database_url": database_url})
    root = tmp_path_factory.mktemp("rotating")
    return asyncio.run(publish_title(ours, root, request.param, crypto_period_seconds=PERIOD))


@pytest.mark.parametrize("player", [SHAKA, HLSJS], ids=lambda player: player.sample)
async def test_a_player_of_others_crosses_the_boundary(rotating: PublishedTitle, player: OtherPlayer) -> None:
    """Without a word about it: Shaka Player finds the keys in the segments, hls.js in the playlist."""
    async with viewing(player, rotating, **SD_ONLY) as viewer:
        played = await viewer.play(BEHIND)
        assert played["frames"] >= 24 * BEHIND * 0.6, "24 frames a second, less what start-up drops"
        assert played["audioBytes"] > 5_000
        assert 0 < played["height"] < HD, "labels that the policy withholds are withheld in each period"
        assert await viewer.licensed_kids() == rotating.kids(*LABELS)
        licences = await viewer.database("SELECT 1 FROM drm_licenses WHERE session_id = CAST(:id AS uuid)")
        assert len(licences) >= 2, "one period's licence does not open the next"


async def test_our_page_crosses_the_boundary(rotating: PublishedTitle) -> None:
    with rotating.served() as url:
        proof = await prove_in_browser(player_address(url, await rotating.session_token()), seconds=BEHIND)
    assert (proof.error, proof.page_messages) == (None, ())
    assert proof.proves(BEHIND)
    assert set(proof.key_statuses) == rotating.kids(*KeyLabel)
