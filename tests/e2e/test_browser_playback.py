"""A real browser plays a protected title, or tells the viewer why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.proof.browser import prove_in_browser
from tests.e2e.player_site import Site, serving
from tests.e2e.sample_title import make_audio_only_twin

ARTIFACTS = Path(__file__).parents[2] / "artifacts"

pytestmark = pytest.mark.usefixtures("chromium")


@pytest.fixture(autouse=True)
def kept_screenshots() -> None:
    ARTIFACTS.mkdir(exist_ok=True)


async def test_granted_licence_plays_decoded_frames(site: Site) -> None:
    proof = await prove_in_browser(site.player_url, ARTIFACTS / "playing.png", seconds=3.0)
    assert proof.error is None
    assert proof.current_time >= 3.0
    assert proof.decoded_frames >= 60, "25 frames a second for three seconds, less what start-up drops"
    assert proof.decoded_audio > 10_000
    assert (proof.width, proof.height) in {(1280, 720), (640, 360)}
    assert set(proof.key_statuses) == set(site.title.keys)
    assert set(proof.key_statuses.values()) == {"usable"}
    assert proof.proves(3.0)
    assert site.licence_requests >= 1
    assert (ARTIFACTS / "playing.png").stat().st_size > 100_000, "a screenshot of a fractal is not small"


async def test_page_lives_under_the_strict_content_security_policy(site: Site) -> None:
    proof = await prove_in_browser(site.player_url, seconds=1.0)
    assert proof.proves(1.0)
    assert proof.page_messages == ()


async def test_refused_licence_shows_the_error_and_decodes_nothing(site: Site) -> None:
    site.licence_status = 403
    proof = await prove_in_browser(site.player_url, ARTIFACTS / "refused.png")
    assert proof.error == "LICENCE_REFUSED"
    assert (proof.decoded_frames, proof.decoded_audio) == (0, 0)
    assert proof.current_time < 0.2, "Shaka Player may seek to the first sample, but nothing advances"
    assert not proof.proves(0.1)
    assert site.licence_requests >= 1


async def test_licence_for_sd_only_plays_sd(site: Site) -> None:
    site.licences_for = {"AUDIO", "SD"}
    proof = await prove_in_browser(site.player_url, seconds=2.0)
    assert proof.error is None
    assert (proof.width, proof.height) == (640, 360)
    assert proof.current_time >= 2.0


async def test_wrong_key_does_not_play(site: Site) -> None:
    right = dict(site.title.keys)
    site.title.keys.update(dict.fromkeys(right, "00" * 16))
    try:
        proof = await prove_in_browser(site.player_url, seconds=2.0, timeout_seconds=20.0)
    finally:
        site.title.keys.update(right)
    assert proof.error == "DECODING_FAILED"
    assert not proof.proves(2.0)


async def test_expired_session_says_so(site: Site) -> None:
    stale = site.player_url
    site.token = "another"
    proof = await prove_in_browser(stale, ARTIFACTS / "expired.png")
    assert proof.error == "SESSION_EXPIRED"
    assert proof.decoded_frames == 0
    assert site.licence_requests == 0


async def test_link_without_token_says_so(site: Site) -> None:
    proof = await prove_in_browser(f"{site.url}/player")
    assert proof.error == "SESSION_MISSING"


async def test_an_otp_is_redeemed_and_plays(site: Site) -> None:
    proof = await prove_in_browser(site.otp_url, seconds=1.0)
    assert proof.error is None
    assert proof.proves(1.0)
    assert proof.page_messages == ()
    assert site.otp_uses == 0


async def test_a_forced_bitrate_picks_the_rendition(site: Site) -> None:
    site.forced_bitrate = 1
    proof = await prove_in_browser(site.otp_url, seconds=1.0)
    assert (proof.error, proof.width, proof.height) == (None, 640, 360)


async def test_a_used_otp_says_so(site: Site) -> None:
    site.otp_uses = 0
    proof = await prove_in_browser(site.otp_url, ARTIFACTS / "used.png")
    assert proof.error == "OTP_USED"
    assert proof.decoded_frames == 0
    assert site.licence_requests == 0


async def test_audio_only_title_plays_and_shows_its_card(site: Site, tmp_path: Path) -> None:
    with serving(Site(make_audio_only_twin(site.title, tmp_path / "stream"))) as silent_picture:
        proof = await prove_in_browser(silent_picture.player_url, ARTIFACTS / "audio-only.png", seconds=2.0)
    assert proof.error is None
    assert (proof.width, proof.height, proof.decoded_frames) == (0, 0, 0)
    assert proof.decoded_audio > 10_000
    assert proof.proves(2.0)
