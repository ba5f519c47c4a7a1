"""The player page and what surrounds it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from api.routers import player
from tests.fixtures.api_site import ApiSite

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("address", ["/player", "/player/", "/v2", "/v2/"])
async def test_the_page_allows_no_inline_code(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html><title>player</title>")
    monkeypatch.setattr(player, "STATIC", tmp_path)
    answer = await site.http.get(address)
    assert (answer.status_code, answer.text) == (200, "<!doctype html><title>player</title>")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("sources", ["'self'", "'self' https://*.shop.example"])
async def test_the_operator_says_whose_pages_may_embed_it(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sources: str
) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    monkeypatch.setattr(player, "STATIC", tmp_path)
    settings = site.services.settings.model_copy(update={"frame_ancestors": sources})
    site.app.state.services = replace(site.services, settings=settings)
    answer = await site.http.get("/player/")
    assert answer.headers["content-security-policy"].split("; ").count(f"frame-ancestors {sources}") == 1


async def test_a_player_that_was_not_built_says_what_to_do(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(player, "STATIC", tmp_path)
    answer = await site.http.get("/player/")
    assert answer.status_code == 503
    assert "make setup" in answer.text


@pytest.mark.parametrize("path", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "no-such.js"])
async def test_assets_stay_inside_their_folder(site: ApiSite, path: str) -> None:
    assert (await site.http.get(f"/player/assets/{path}")).status_code == 404


@pytest.mark.parametrize("script", ["api.js", "player.js", "sealcast-player.js"])
async def test_the_scripts_are_for_pages_of_any_origin(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
) -> None:
    monkeypatch.setattr(player, "STATIC", tmp_path)
    assert (await site.http.get(f"/v2/{script}")).status_code == 404
    (tmp_path / "v2").mkdir()
    (tmp_path / "v2" / script).write_text("// made of TypeScript")
    answer = await site.http.get(f"/v2/{script}")
    assert (answer.status_code, answer.text) == (200, "// made of TypeScript")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_there_are_no_other_scripts(site: ApiSite) -> None:
    assert (await site.http.get("/v2/index.html")).status_code == 422
