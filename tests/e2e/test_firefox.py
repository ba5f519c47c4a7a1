"""A second decryption module: Firefox's, where there is a Firefox."""

from __future__ import annotations

import pytest

from api.schemas.playback import session_out
from core.domain.media.plan import ProtectionScheme
from tests.e2e.firefox import find_firefox, firefox
from tests.e2e.player_page import DASHJS, HLSJS, SHAKA, OtherPlayer, customer_page
from tests.e2e.published_title import PublishedTitle

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("player_modules")]

SECONDS = 2.5
CASES = [
    (SHAKA, ProtectionScheme.CBCS),
    (DASHJS, ProtectionScheme.CENC),
    (HLSJS, ProtectionScheme.CBCS),
    (HLSJS, ProtectionScheme.AES128),
]


@pytest.mark.parametrize(
    ("player", "published"),
    CASES,
    indirect=["published"],
    ids=[f"{player.sample}-{scheme}" for player, scheme in CASES],
)
async def test_a_title_plays_in_firefox(player: OtherPlayer, published: PublishedTitle) -> None:
    program = find_firefox()
    if program is None:
        pytest.skip("no Firefox on this machine (apt-get install firefox-esr libavcodec59)")
    with published.served() as url:
        session = session_out(await published.open_session(url), url)
        with customer_page(player, session) as customer:
            async with firefox(program, customer.url):
                played = await customer.until_played(SECONDS)
            assert played["frames"] >= 24 * SECONDS * 0.6, "24 frames a second, less what start-up drops"
