"""Manifests that say where a session's licences are, and the licence addresses that need no header."""

from __future__ import annotations

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import etree

from tests.fixtures.api_site import ApiSite
from tests.fixtures.published_video import OBJECTS

pytestmark = pytest.mark.stack

LAURL = "{https://dashif.org/CPS}Laurl"


async def opened(site: ApiSite) -> tuple[dict[str, str], tuple[str, ...]]:
    """A session of a new video, and the video's KIDs."""
    tenant = await site.tenant()
    published = await site.published(tenant)
    return await site.session(tenant, published.target.video_id), published.kids


def licence_of(session: dict[str, str]) -> str:
    return parse_qs(urlsplit(session["dash_url"]).query)["licence"][0]


async def ask(site: ApiSite, address: str, kids: tuple[str, ...]) -> httpx.Response:
    listed = [base64.urlsafe_b64encode(bytes.fromhex(kid)).rstrip(b"=").decode() for kid in kids]
    return await site.http.post(address, json={"kids": listed})


async def test_an_mpd_names_the_licence_server_of_its_session(site: ApiSite) -> None:
    session, kids = await opened(site)
    answer = await site.http.get(session["dash_url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/dash+xml")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    root = etree.fromstring(answer.content)
    assert [element.text for element in root.iter(LAURL)] == [session["licence_url"]]
    assert b"edef8ba9" not in answer.content, "Widevine has no licence server here"
    licence = await ask(site, session["licence_url"], kids)
    assert len(licence.json()["keys"]) == len(kids)
    assert licence.headers["access-control-allow-origin"] == "*"
    assert licence.headers["cache-control"] == "no-store"


async def test_a_master_playlist_passes_the_licence_on(site: ApiSite) -> None:
    session, _ = await opened(site)
    answer = await site.http.get(session["hls_url"])
    assert answer.text.splitlines()[-1] == f"video/360p/index.m3u8?licence={licence_of(session)}"


async def test_without_a_licence_the_manifest_is_the_stored_one(site: ApiSite) -> None:
    session, _ = await opened(site)
    assert (await site.http.get(session["dash_url"].partition("?")[0])).content == OBJECTS["manifest.mpd"]


async def test_segments_are_served_as_ever_whatever_the_query_says(site: ApiSite) -> None:
    session, _ = await opened(site)
    address = session["dash_url"].partition("manifest.mpd")[0] + "video/360p/1.m4s?licence=nonsense"
    answer = await site.http.get(address, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (206, OBJECTS["video/360p/1.m4s"][:4])


async def test_a_head_request_tells_the_length_of_what_get_answers(site: ApiSite) -> None:
    session, _ = await opened(site)
    whole = await site.http.get(session["dash_url"], headers={"Range": "bytes=0-3"})
    head = await site.http.head(session["dash_url"])
    assert head.headers["content-length"] == whole.headers["content-length"] == str(len(whole.content))


async def test_a_licence_of_another_session_is_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    video = (await site.published(tenant)).target.video_id
    mine, other = await site.session(tenant, video), await site.session(tenant, video)
    manifest = mine["dash_url"].partition("?")[0]
    answer = await site.http.get(f"{manifest}?licence={licence_of(other)}")
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


async def test_signatures_of_one_kind_do_not_pass_for_the_other(site: ApiSite) -> None:
    session, kids = await opened(site)
    media, licence = urlsplit(session["dash_url"]).path.split("/")[2], licence_of(session)
    assert (await site.http.get(f"/media/{licence}/manifest.mpd")).status_code == 403
    assert (await site.http.get(f"/media/{media}/manifest.mpd?licence={media}")).status_code == 403
    refused = await ask(site, f"/api/licences/clearkey/{media}", kids)
    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("change", ["cut", "flip", "grow", "empty"])
async def test_a_changed_licence_opens_nothing(site: ApiSite, change: str) -> None:
    session, kids = await opened(site)
    good = licence_of(session)
    flipped = good[:-5] + ("A" if good[-5] != "A" else "B") + good[-4:]
    bad = {"cut": good[:-1], "flip": flipped, "grow": good + "A", "empty": ""}[change]
    manifest = session["dash_url"].partition("?")[0]
    assert (await site.http.get(f"{manifest}?licence={bad}")).status_code == 403
    if bad:
        assert (await ask(site, f"/api/licences/clearkey/{bad}", kids)).status_code == 401


async def test_addresses_expire_with_the_session(site: ApiSite) -> None:
    session, kids = await opened(site)
    site.clock.ahead = timedelta(hours=25)
    assert (await site.http.get(session["dash_url"])).status_code == 403
    assert (await ask(site, session["licence_url"], kids)).status_code == 401


async def test_dash_js_may_ask_first(site: ApiSite) -> None:
    session, _ = await opened(site)
    answer = await site.http.options(session["licence_url"], headers={"Origin": "https://elsewhere.test"})
    assert answer.status_code == 204
    assert "Content-Type" in answer.headers["access-control-allow-headers"]
