"""What our own packaging, licence service and API publish plays in a real browser, and by script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cli.proof import player_address
from cli.proof.browser import prove_in_browser
from cli.proof.scripted import prove_by_script
from core.domain.media.plan import KeyLabel, ProtectionScheme
from tests.e2e.published_title import SD_ONLY, PublishedTitle

ARTIFACTS = Path(__file__).parents[2] / "artifacts"

pytestmark = pytest.mark.stack


@pytest.mark.usefixtures("chromium", "player_page")
async def test_published_title_plays_in_a_browser(published: PublishedTitle) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    picture = ARTIFACTS / f"published-{published.title.plan.scheme.value}.png"
    with published.served() as url:
        proof = await prove_in_browser(player_address(url, await published.session_token()), picture, seconds=3.0)
    assert proof.error is None
    assert proof.proves(3.0)
    assert proof.decoded_frames >= 60
    assert set(proof.key_statuses) == {key.kid for key in published.title.keys.keys.values()}
    assert proof.page_messages == ()


@pytest.mark.parametrize("published", [ProtectionScheme.AES128], indirect=True, ids=str)
@pytest.mark.usefixtures("chromium", "player_page")
async def test_a_title_without_dash_plays_in_our_page_too(published: PublishedTitle) -> None:
    with published.served() as url:
        proof = await prove_in_browser(player_address(url, await published.session_token()), seconds=3.0)
    assert (proof.error, proof.page_messages) == (None, ())
    assert proof.decoded_frames >= 60
    assert proof.decoded_audio > 10_000


@pytest.mark.parametrize("published", [ProtectionScheme.CBCS], indirect=True, ids=str)
@pytest.mark.usefixtures("chromium", "player_page")
async def test_an_otp_for_sd_only_plays_sd(published: PublishedTitle) -> None:
    """One request for all keys: a refusal of one alone would end playback."""
    token = await published.session_token(**SD_ONLY)
    with published.served() as url:
        proof = await prove_in_browser(player_address(url, token), seconds=3.0)
    assert (proof.error, proof.page_messages) == (None, ())
    assert 0 < proof.height < 180
    assert {kid for kid, status in proof.key_statuses.items() if status == "usable"} == published.kids(
        KeyLabel.AUDIO, KeyLabel.SD
    )


async def test_published_title_plays_by_script(published: PublishedTitle) -> None:
    with published.served() as url:
        proof = await prove_by_script(url, await published.session_token(), seconds=3.0)
    assert proof.error is None
    assert proof.proves(3.0)
    assert proof.decoded_frames == 96, "two segments of two seconds at 24 frames"


@pytest.mark.usefixtures("chromium", "player_page")
async def test_expired_token_is_told_to_the_viewer(published: PublishedTitle) -> None:
    token = await published.session_token()
    with published.served(LaterClock()) as url:
        proof = await prove_in_browser(player_address(url, token))
    assert proof.error == "SESSION_EXPIRED"
    assert proof.decoded_frames == 0


async def test_forged_token_gets_nothing(published: PublishedTitle) -> None:
    token = await published.session_token()
    forged = re.sub(r"[^.]+$", lambda signature: signature[0][::-1], token)
    with published.served() as url:
        proof = await prove_by_script(url, forged)
    assert proof.error == "SESSION_EXPIRED"


class LaterClock:
    """Two hours on: the tokens of an hour have expired."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(hours=2)
