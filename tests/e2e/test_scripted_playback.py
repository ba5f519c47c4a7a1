"""Without a browser: a scripted client follows session, manifest, licence and segments, and decodes them."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest

from cli.proof import prove_playback
from cli.proof.scripted import prove_by_script
from tests.e2e.player_site import Site, serving
from tests.e2e.sample_title import make_audio_only_twin, make_clear_twin

FRAMES_PER_SECOND = 25


async def test_granted_licence_decodes_picture_and_sound(bare_site: Site) -> None:
    proof = await prove_by_script(bare_site.url, bare_site.token, seconds=3.0)
    assert proof.error is None
    assert (proof.width, proof.height) == (640, 360)
    assert proof.decoded_frames == 4 * FRAMES_PER_SECOND, "two segments of two seconds cover three"
    assert proof.decoded_audio > 100
    assert proof.current_time == pytest.approx(4.0, abs=0.1)
    assert set(proof.key_statuses) == {bare_site.title.labels[label] for label in ("AUDIO", "SD")}
    assert proof.proves(3.0)


async def test_audio_only_title_is_proven_by_its_sound(bare_site: Site, tmp_path: Path) -> None:
    with serving(Site(make_audio_only_twin(bare_site.title, tmp_path / "stream"))) as site:
        proof = await prove_by_script(site.url, site.token)
    assert (proof.error, proof.width, proof.decoded_frames) == (None, 0, 0)
    assert proof.proves(3.0)


async def test_refused_licence_is_reported(bare_site: Site) -> None:
    bare_site.licence_status = 403
    proof = await prove_by_script(bare_site.url, bare_site.token)
    assert proof.error == "LICENCE_REFUSED"
    assert not proof.proves(0.1)


async def test_licence_without_the_picture_s_key_is_reported(bare_site: Site) -> None:
    bare_site.licences_for = {"AUDIO"}
    proof = await prove_by_script(bare_site.url, bare_site.token)
    assert proof.error == "LICENCE_REFUSED"


async def test_expired_session_is_reported(bare_site: Site) -> None:
    proof = await prove_by_script(bare_site.url, "another")
    assert proof.error == "SESSION_EXPIRED"
    assert bare_site.licence_requests == 0


async def test_wrong_keys_do_not_decode(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for kid in bare_site.title.keys:
        monkeypatch.setitem(bare_site.title.keys, kid, secrets.token_hex(16))
    proof = await prove_by_script(bare_site.url, bare_site.token)
    assert proof.error == "DECODING_FAILED"


async def test_clear_content_that_claims_protection_is_found_out(bare_site: Site, tmp_path: Path) -> None:
    clear = make_clear_twin(bare_site.title, tmp_path / "stream")
    protected = (bare_site.title.folder / "manifest.mpd").read_text()
    (clear.folder / "manifest.mpd").write_text(protected)
    with serving(Site(clear)) as site:
        proof = await prove_by_script(site.url, site.token)
    assert proof.error == "NOT_ENCRYPTED"


async def test_unreachable_server_is_reported() -> None:
    proof = await prove_by_script("http://127.0.0.1:9", "token")
    assert proof.error == "NETWORK"


async def test_machine_without_chromium_uses_the_script(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.proof.find_chromium", lambda: None)
    said: list[str] = []
    proof = await prove_playback(bare_site.url, bare_site.token, report=said.append)
    assert proof.method == "script"
    assert proof.proves(3.0)
    assert said == ["Proof of playback by a scripted client (no Chromium on this machine)"]


async def test_keys_reach_ffmpeg_outside_its_arguments(bare_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    original = asyncio.create_subprocess_exec

    async def recording(*argv: str, **options: object) -> object:
        seen.append(" ".join(argv))
        return await original(*argv, **options)

    monkeypatch.setattr("cli.proof.decoding.asyncio.create_subprocess_exec", recording)
    proof = await prove_by_script(bare_site.url, bare_site.token)
    assert proof.proves(3.0)
    assert len(seen) == 4, "picture and sound, without and with the key"
    assert not any(key in line for key in bare_site.title.keys.values() for line in seen)
