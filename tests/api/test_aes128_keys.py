"""Keys of HLS versions under AES-128: in playlists by address, behind the session, and never those of other schemes."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from core.contracts import object_keys
from core.domain.media.plan import ProtectionScheme
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.api.test_licences import audit
from tests.fixtures.api_site import ApiSite
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.published_video import PLAN, Published

pytestmark = pytest.mark.stack

AES128_PLAN = replace(PLAN, scheme=ProtectionScheme.AES128)
PLAYLIST = """#EXTM3U
#EXT-X-MAP:URI="init.mp4"
#EXT-X-KEY:METHOD=AES-128,URI="urn:uuid:{kid}",IV=0x{iv}
#EXTINF:4.000,
1.m4s
#EXT-X-ENDLIST
"""


async def opened(site: ApiSite) -> tuple[dict[str, str], Published]:
    tenant = await site.tenant()
    published = await site.published(tenant, AES128_PLAN)
    return await site.session(tenant, published.target.video_id), published


def key_address(session: dict[str, str], kid: str) -> str:
    return f"{session['licence_url'].replace('clearkey', 'aes128')}/{kid}"


async def test_a_playlist_names_the_address_of_its_key(site: ApiSite) -> None:
    session, published = await opened(site)
    assert session["dash_url"] is None
    kid, iv = published.kids[0], "ab" * 16
    stored = PLAYLIST.format(kid=kid, iv=iv)
    name = object_keys.published_prefix(published.target) + "video/360p/index.m3u8"
    await site.services.storage.put_bytes(name, stored.encode(), "text/plain")
    master = await site.http.get(session["hls_url"])
    listed = urlsplit(session["hls_url"])._replace(query="").geturl().replace("master.m3u8", master.text.split()[-1])
    playlist = (await site.http.get(listed)).text
    assert playlist == stored.replace(f"urn:uuid:{kid}", key_address(session, kid))
    async with site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.services.vault, published.target, TEST_USE)
    [address] = re.findall(r'KEY:METHOD=AES-128,URI="([^"]+)"', playlist)
    answer = await site.http.get(address, headers={"Origin": "https://elsewhere.test"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
    assert answer.content == next(key.key for key in kept.values() if key.kid == kid)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_key_leaves_with_a_record_of_it(site: ApiSite) -> None:
    session, published = await opened(site)
    await site.http.get(key_address(session, published.kids[0]))
    assert await audit(site, session["session_id"]) == [{"type": "aes128", "kids": [published.kids[0]]}]


async def test_keys_of_others_and_of_nobody_get_one_answer(site: ApiSite) -> None:
    session, _ = await opened(site)
    _, foreign = await opened(site)
    for kid in (foreign.kids[0], "0" * 32):
        answer = await site.http.get(key_address(session, kid))
        assert (answer.status_code, answer.json()["code"]) == (403, "KEYS_REFUSED")


async def test_keys_that_drm_systems_protect_are_not_given_out_plainly(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    answer = await site.http.get(key_address(session, published.kids[0]))
    assert (answer.status_code, answer.json()["code"]) == (403, "KEYS_REFUSED")
    assert published.kids[0] not in answer.text
    assert await audit(site, session["session_id"]) == [], "nothing left, so that there is nothing to record"


async def test_addresses_that_were_changed_open_nothing(site: ApiSite) -> None:
    session, published = await opened(site)
    good = key_address(session, published.kids[0])
    token = good.split("/")[-2]
    assert (await site.http.get(good.replace(token, token[:-1]))).status_code == 401
    assert (await site.http.get(good[:-1])).status_code == 422
    assert (await site.http.get(good + "0")).status_code == 422


async def test_an_upload_may_choose_its_scheme(site: ApiSite) -> None:
    tenant = await site.tenant()
    for scheme in ("aes128", "cenc", "cbcs"):
        body = {"filename": "a.mp4", "size": 1, "scheme": scheme}
        answer = await site.http.post("/v1/uploads", json=body, headers=tenant.headers)
        video = await site.http.get(f"/v1/videos/{answer.json()['video_id']}", headers=tenant.headers)
        assert scheme in video.text
    refused = await site.http.post("/v1/uploads", json=body | {"scheme": "none"}, headers=tenant.headers)
    assert refused.status_code == 422
