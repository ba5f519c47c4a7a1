"""Attacks on signed addresses: of media, of licences, of manifests with a licence. None gives anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from core.contracts import object_keys
from core.domain.playback.path_signature import MediaGrant, sign, verify
from tests.fixtures.api_site import ApiSite
from tests.fixtures.licence_site import clearkey_request
from tests.fixtures.published_video import Published
from tests.fixtures.raw_request import raw_request

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Addresses:
    site: ApiSite
    published: Published
    media: str
    licence: str
    bearer: str

    async def raw(self, target: str) -> httpx.Response:
        return await raw_request(self.site.app, target)

    async def ask(self, target: str) -> httpx.Response:
        return await raw_request(self.site.app, target, "POST", clearkey_request(self.published.kids))


@pytest.fixture
async def signed(site: ApiSite) -> Addresses:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id)
    address = urlsplit(session["dash_url"])
    return Addresses(
        site, published, address.path.split("/")[2], parse_qs(address.query)["licence"][0], session["token"]
    )


#: Of `{}`, the good token. None of them is that token any more.
TRICKS = [
    "{}/",
    "/{}",
    "//{}",
    "../clearkey/{}",
    "..%2fclearkey%2f{}",
    "{}%00",
    "{}%2500",
    "%00{}",
    "{}%2f",
    "{}%2f..%2f{}",
    "{}/..",
    "{}=",
    "{}%3d",
    "{} ",
    "%20{}",
    "{}.",
    "{};x=1",
    "{}{}",
    "%7B{}%7D",
]


async def test_a_licence_path_is_the_token_and_nothing_else(signed: Addresses) -> None:
    for trick in TRICKS:
        answer = await signed.ask("/api/licences/clearkey/" + trick.replace("{}", signed.licence))
        # With a slash too many, the framework says where the route is; the right stays the token's.
        allowed = {307} if trick in {"{}/", "{}%2f"} else {401, 404, 422}
        assert answer.status_code in allowed, (trick, answer.text)


async def test_another_spelling_of_the_same_token_is_the_same_right(signed: Addresses) -> None:
    """RFC 3986, 6.2.2.2: an encoded unreserved character is that character. Decoded once, and not twice."""
    first = f"%{ord(signed.licence[0]):02X}{signed.licence[1:]}"
    assert (await signed.ask(f"/api/licences/clearkey/{first}")).status_code == 200
    assert (await signed.ask(f"/api/licences/clearkey/{quote(first)}")).status_code == 401


async def test_a_licence_in_a_query_is_the_token_and_nothing_else(signed: Addresses) -> None:
    for trick in TRICKS:
        answer = await signed.raw(f"/media/{signed.media}/manifest.mpd?licence=" + trick.replace("{}", signed.licence))
        assert (answer.status_code, answer.json()["code"]) in {(403, "FORBIDDEN"), (422, "INVALID_INPUT")}, trick


async def test_of_two_licences_one_must_be_good_and_it_is_always_the_same_one(signed: Addresses) -> None:
    manifest = f"/media/{signed.media}/manifest.mpd"
    assert (await signed.raw(f"{manifest}?licence={signed.licence}&licence=x")).status_code == 403
    assert (await signed.raw(f"{manifest}?licence=x&licence={signed.licence}")).status_code == 200


ELSEWHERE = [
    "../manifest.mpd",
    "..%2fmanifest.mpd",
    "..%252fmanifest.mpd",
    "%2e%2e/stream/manifest.mpd",
    "//manifest.mpd",
    "manifest.mpd%00",
    "manifest.mpd%2f",
    "video/../manifest.mpd",
    "video/..%5cmanifest.mpd",
    "../../v10/stream/manifest.mpd",
]


async def test_paths_that_lead_elsewhere_find_nothing_with_a_licence_either(signed: Addresses) -> None:
    for path in ELSEWHERE:
        for query in ("", f"?licence={signed.licence}"):
            answer = await signed.raw(f"/media/{signed.media}/{path}{query}")
            assert answer.status_code == 404, (path, answer.status_code, answer.text)
            assert answer.json()["code"] == "NOT_FOUND"


async def test_version_1_is_not_version_10(signed: Addresses) -> None:
    """Neither by the name of its folder nor by its signature."""
    site, target = signed.site, signed.published.target
    other = object_keys.published_prefix(replace(target, version=10)) + "manifest.mpd"
    await site.services.storage.put_bytes(other, b"<ten/>", "application/dash+xml")
    for path in ("0/stream/manifest.mpd", "../../v10/stream/manifest.mpd", "..%2f..%2fv10%2fstream%2fmanifest.mpd"):
        assert (await signed.raw(f"/media/{signed.media}/{path}")).status_code == 404
    keys, now = site.services.signing_keys, site.clock.now().timestamp()
    grant = verify(keys.media_path, signed.media, now)
    tenth: MediaGrant = replace(grant, version=10)
    mixed = f"/media/{sign(keys.media_path, tenth)}/manifest.mpd"
    assert (await signed.raw(f"{mixed}?licence={signed.licence}")).status_code == 403
    refused = await signed.ask(f"/api/licences/clearkey/{sign(keys.licence_path, tenth)}")
    assert (refused.status_code, refused.json()["code"]) == (403, "SESSION_UNKNOWN")


OPENS = {"media": {"media"}, "licence": {"manifest", "licence"}, "bearer": {"clearkey", "heartbeat"}}
"""By the kind of a right, which of the doors below it opens."""


@pytest.mark.parametrize("kind", OPENS)
async def test_a_right_of_one_kind_is_none_of_another(signed: Addresses, kind: str) -> None:
    token, http = str(getattr(signed, kind)), signed.site.http
    body, headers = clearkey_request(signed.published.kids), {"Authorization": f"Bearer {token}"}
    answers = {
        "media": await signed.raw(f"/media/{token}/manifest.mpd"),
        "manifest": await signed.raw(f"/media/{signed.media}/manifest.mpd?licence={token}"),
        "licence": await signed.ask(f"/api/licences/clearkey/{token}"),
        # Even where the right is good, the key of a DRM title does not leave by this road.
        "key": await signed.raw(f"/api/licences/aes128/{token}/{signed.published.kids[0]}"),
        "clearkey": await http.post("/api/licences/clearkey", content=body, headers=headers),
        "heartbeat": await http.post("/api/playback/heartbeat", headers=headers),
        "api": await http.get("/v1/videos", headers={"Authorization": f"Apisecret {token}"}),
        "packager": await http.post("/keys/speke/v2/copyProtection", headers=headers),
    }
    assert {door for door, answer in answers.items() if answer.status_code == 200} == OPENS[kind]
    assert {answer.status_code for answer in answers.values()} <= {200, 401, 403, 422}


async def test_a_clock_that_was_set_back_prolongs_no_session_that_was_ended(signed: Addresses) -> None:
    """Expiry is by our clock; an ending stays one whatever the clock says."""
    site = signed.site
    grant = verify(site.services.signing_keys.media_path, signed.media, site.clock.now().timestamp())
    async with site.services.uow() as uow:
        stored = await uow.sessions.get(grant.organisation_id, grant.session_id)
        assert stored is not None
        stored.ended_at = site.clock.now()
        await uow.commit()
    site.clock.ahead = -timedelta(hours=1)
    answer = await signed.ask(f"/api/licences/clearkey/{signed.licence}")
    assert (answer.status_code, answer.json()["code"]) == (403, "SESSION_ENDED")
    answer = await signed.raw(f"/media/{signed.media}/manifest.mpd?licence={signed.licence}")
    assert (answer.status_code, answer.json()["code"]) == (403, "SESSION_ENDED")


async def test_rights_end_at_their_second(signed: Addresses) -> None:
    site, headers = signed.site, {"Authorization": f"Bearer {signed.bearer}"}
    grant = verify(site.services.signing_keys.media_path, signed.media, site.clock.now().timestamp())
    for early, media, licence in ((2, 200, 200), (0, 403, 401), (-1, 403, 401)):
        site.clock.ahead = timedelta(seconds=grant.expires - early - site.clock.start.timestamp())
        assert (await signed.raw(f"/media/{signed.media}/manifest.mpd")).status_code == media
        assert (await signed.ask(f"/api/licences/clearkey/{signed.licence}")).status_code == licence
        assert (await site.http.get("/api/playback/session", headers=headers)).status_code == licence
