"""Manifests of sessions that may not have every key: what their licences withhold is not offered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import event

from core.contracts import object_keys
from core.domain.media.plan import KeyLabel, ProtectionScheme, Rendition
from core.request_id import current_request_id
from tests.fixtures.api_site import Tenant
from tests.fixtures.licence_site import HARDWARE_SD, LicenceSite
from tests.fixtures.published_video import PLAN, Published

pytestmark = pytest.mark.stack

RUNGS = {"360p": KeyLabel.SD, "720p": KeyLabel.HD, "2160p": KeyLabel.UHD}
MASTER = "#EXTM3U\n" + "".join(f"#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo/{name}/index.m3u8\n" for name in RUNGS)
MPD = (
    '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period>'
    + "".join(
        f'<AdaptationSet><Representation id="{name}"><SegmentTemplate initialization="video/{name}/init.mp4"/>'
        "</Representation></AdaptationSet>"
        for name in RUNGS
    )
    + "</Period></MPD>"
)


async def published(site: LicenceSite, scheme: ProtectionScheme) -> tuple[Tenant, Published]:
    """A tenant's video with a rung of each label."""
    assert PLAN.video is not None
    renditions = tuple(Rendition(name, 2, 2, 1000, label) for name, label in RUNGS.items())
    tenant = await site.site.tenant()
    plan = replace(PLAN, scheme=scheme, video=replace(PLAN.video, renditions=renditions))
    video = await site.site.published(tenant, plan)
    prefix = object_keys.published_prefix(video.target)
    for name, content in (("manifest.mpd", MPD), ("master.m3u8", MASTER)):
        await site.site.services.storage.put_bytes(prefix + name, content.encode(), "text/plain")
    return tenant, video


async def opened(
    site: LicenceSite, rules: dict[str, Any], scheme: ProtectionScheme = ProtectionScheme.CBCS
) -> dict[str, Any]:
    """A session under these licence rules, by an OTP."""
    tenant, video = await published(site, scheme)
    http = site.site.http
    otp = await http.post(
        f"/api/videos/{video.target.video_id}/otp", json={"licenseRules": rules}, headers=tenant.headers
    )
    answer = await http.post("/api/playback/redeem", json=otp.json())
    assert answer.status_code == 200, answer.text
    return {**answer.json(), "_tenant": tenant}


async def offered(site: LicenceSite, session: dict[str, Any]) -> list[str]:
    """Rungs, which both manifests agree on."""
    master = (await site.site.http.get(session["hls_url"])).text.splitlines()
    names = [line.split("/")[1] for line in master if not line.startswith("#")]
    if session["dash_url"] is not None:
        mpd = etree.fromstring((await site.site.http.get(session["dash_url"])).content)
        assert [each.get("id") for each in mpd.iter("{*}Representation")] == names
    return names


@pytest.mark.parametrize(
    ("rules", "rungs"),
    [
        ({}, list(RUNGS)),
        ({"allowedTracks": "SD"}, ["360p"]),
        ({"allowedTracks": ["AUDIO", "SD", "UHD"]}, ["360p", "2160p"]),
        # A DRM system asks the device itself.
        (HARDWARE_SD, list(RUNGS)),
        # There is nothing to leave to: the licence says so.
        ({"allowedTracks": "AUDIO"}, list(RUNGS)),
    ],
)
async def test_what_the_rules_withhold_is_not_offered(
    licence_site: LicenceSite, rules: dict[str, Any], rungs: list[str]
) -> None:
    assert await offered(licence_site, await opened(licence_site, rules)) == rungs


async def test_without_a_drm_system_rules_on_devices_withhold_too(licence_site: LicenceSite) -> None:
    site = licence_site.site
    rules = {"tracks": {"HD": {"hdcp": "1.0"}, "UHD": {"securityLevel": 5}}}
    session = await opened(licence_site, rules)
    assert await offered(licence_site, session) == list(RUNGS)
    whole = await opened(licence_site, rules, ProtectionScheme.AES128)
    assert await offered(licence_site, whole) == ["360p"], "no system knows AES-128"
    site.app.state.services = replace(site.app.state.services, licence_backends={})
    assert await offered(licence_site, session) == ["360p"]


async def test_the_stored_manifest_stays_whole(licence_site: LicenceSite) -> None:
    session = await opened(licence_site, {"allowedTracks": "SD"})
    http = licence_site.site.http
    assert (await http.get(session["hls_url"].partition("?")[0])).text == MASTER


async def test_an_ended_session_gets_no_manifest_with_licences(licence_site: LicenceSite) -> None:
    session, http = await opened(licence_site, {}), licence_site.site.http
    path = f"/v1/playback-sessions/{session['session_id']}"
    assert (await http.delete(path, headers=session["_tenant"].headers)).status_code == 204
    for address in (session["dash_url"], session["hls_url"]):
        answer = await http.get(address)
        assert (answer.status_code, answer.json()["code"]) == (403, "SESSION_ENDED")


async def test_rules_that_cannot_be_followed_offer_nothing(licence_site: LicenceSite) -> None:
    session, site = await opened(licence_site, {}), licence_site.site
    async with site.services.uow() as uow:
        stored = await uow.sessions.get(session["_tenant"].organisation_id, session["session_id"])
        assert stored is not None
        stored.policy = {"licence_rules": {"allowedTracks": "8K"}}
        await uow.commit()
    answer = await site.http.get(session["hls_url"])
    assert (answer.status_code, answer.json()["code"]) == (422, "LICENCE_RULES_INVALID")


async def test_a_manifest_is_two_readings(licence_site: LicenceSite) -> None:
    session = await opened(licence_site, {"allowedTracks": "SD"})
    statements: list[str] = []
    engine = licence_site.site.services.uow()._session.get_bind()

    def count(*args: Any) -> None:
        if current_request_id():  # not what the process asks now and then for itself
            statements.append(args[2].split()[0])

    event.listen(engine, "before_cursor_execute", count)
    try:
        answer = await licence_site.site.http.get(session["hls_url"])
    finally:
        event.remove(engine, "before_cursor_execute", count)
    # The session with its policy, and the captions that were added to its video.
    assert (answer.status_code, statements) == (200, ["SELECT", "SELECT"])
