"""Players on customers' own pages: what browsers ask before they let such a page call us, and read the answer."""

from __future__ import annotations

import pytest

from tests.fixtures.api_site import ApiSite
from tests.fixtures.otps import REDEEM, OtpSite

pytestmark = pytest.mark.stack

PAGE = "https://shop.example"
#: Route, method, and the headers that make a browser ask first.
ASKED_FIRST = [
    (REDEEM, "POST", "content-type"),
    ("/api/playback/session", "GET", "authorization"),
    ("/api/playback/heartbeat", "POST", "authorization,content-type"),
    *[(f"/api/licences/{system}", "POST", "authorization") for system in ("clearkey", "widevine", "playready")],
    *[(f"/api/licences/{system}/token", "POST", "content-type") for system in ("clearkey", "widevine", "fairplay")],
    ("/api/licences/aes128/token/kid", "GET", "authorization"),
]


@pytest.mark.parametrize(("route", "method", "headers"), ASKED_FIRST)
async def test_a_browser_may_call_what_players_call(site: ApiSite, route: str, method: str, headers: str) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    answer = await site.http.options(route, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"].split(", ")
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert set(headers.split(",")) <= set(allowed)
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_page_reads_answers_and_refusals(otps: OtpSite) -> None:
    issued = await otps.issue(uses=1)
    opened = await otps.redeem(issued)
    token = {"Authorization": f"Bearer {opened.json()['token']}"}
    http = otps.site.http
    for answer in (
        opened,
        await otps.redeem(issued),
        await http.get("/api/playback/session", headers=token),
        await http.post("/api/playback/heartbeat", headers=token),
        await http.post("/api/playback/heartbeat"),
        await http.post("/api/licences/clearkey", headers=token),
    ):
        assert answer.headers["access-control-allow-origin"] == "*", answer.url
        assert answer.headers["access-control-expose-headers"] == "Retry-After, X-Request-ID"


@pytest.mark.parametrize(
    "route", ["/v1/playback-sessions", "/v1/videos", "/v1/key-signers", "/keys/speke/v2/copyProtection"]
)
async def test_routes_for_servers_are_for_no_page(site: ApiSite, route: str) -> None:
    tenant = await site.tenant()
    for answer in (
        await site.http.options(route, headers={"Origin": PAGE, "Access-Control-Request-Method": "POST"}),
        await site.http.get(route, headers={"Origin": PAGE, **tenant.headers}),
    ):
        assert "access-control-allow-origin" not in answer.headers
