"""Videos whose keys change inside them: how they are asked for, and which keys a licence has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from core.contracts.version_ref import VersionRef
from core.domain.drm.key_records import KeyState
from core.domain.errors import InvalidInput
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from core.services.media.plan_rekey import plan_rekey
from core.services.videos.rekey_video import rekey_video
from tests.api.test_licences import ask, audit, from_b64
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.licence_site import HARDWARE_SD, LicenceSite, Viewing, clearkey_request
from tests.fixtures.published_video import PLAN
from tests.fixtures.recording_gateway import RecordingGateway
from tests.fixtures.widevine_client import Signer, inner

pytestmark = pytest.mark.stack

ROTATING = replace(PLAN, duration=150.0, crypto_period_seconds=60)
PERIODS = 3


async def announce(site: ApiSite, tenant: Tenant, **fields: Any) -> tuple[int, dict[str, Any]]:
    body = {"filename": "clip.mp4", "size": 5, **fields}
    answer = await site.http.post("/v1/uploads", json=body, headers=tenant.headers)
    return answer.status_code, answer.json()


async def test_a_crypto_period_is_kept_and_shown(site: ApiSite) -> None:
    tenant = await site.tenant()
    for seconds in (None, 60, 86_400):
        status, upload = await announce(site, tenant, crypto_period_seconds=seconds)
        assert status == 201
        shown = await site.http.get(f"/v1/videos/{upload['video_id']}", headers=tenant.headers)
        assert [version["crypto_period_seconds"] for version in shown.json()["versions"]] == [seconds]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"crypto_period_seconds": 59}, "CRYPTO_PERIOD_UNFIT"),
        ({"crypto_period_seconds": 86_401}, "CRYPTO_PERIOD_UNFIT"),
        ({"crypto_period_seconds": -(2**70)}, "CRYPTO_PERIOD_UNFIT"),
        ({"crypto_period_seconds": 60, "scheme": "aes128"}, "CRYPTO_PERIOD_NEEDS_CENC"),
        ({"crypto_period_seconds": "60"}, "INVALID_INPUT"),
        ({"crypto_period_seconds": 60.5}, "INVALID_INPUT"),
    ],
)
async def test_one_that_cannot_be_is_refused(site: ApiSite, fields: dict[str, Any], code: str) -> None:
    status, problem = await announce(site, await site.tenant(), **fields)
    assert (status, problem["code"]) == (422, code)
    assert any("crypto_period_seconds" in name for name in problem["fields"])


async def test_a_replacement_may_ask_for_one_too(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    route, body = f"/v1/videos/{published.target.video_id}/replacement", {"filename": "clip.mp4", "size": 5}
    refused = await site.http.post(route, json=body | {"crypto_period_seconds": 1}, headers=tenant.headers)
    assert (refused.status_code, refused.json()["code"]) == (422, "CRYPTO_PERIOD_UNFIT")
    taken = await site.http.post(route, json=body | {"crypto_period_seconds": 60}, headers=tenant.headers)
    assert taken.status_code == 201


async def keys_of(site: ApiSite, target: VersionRef) -> dict[str, tuple[KeyLabel, bytes]]:
    async with site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.services.vault, target, TEST_USE)
    return {key.kid: (label, key.key) for label, first in kept.items() for key in first.periods}


async def test_a_licence_has_the_keys_of_the_periods_that_were_asked_for(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant, ROTATING)
    kept = await keys_of(site, published.target)
    assert len({key for _, key in kept.values()}) == len(published.kids) == PERIODS * len(PLAN.labels)
    session = await site.session(tenant, published.target.video_id)
    count = len(PLAN.labels)
    for kids in (published.kids[:count], published.kids[count : 2 * count], published.kids):
        answer = await ask(site, session["token"], list(kids))
        got = {from_b64(key["kid"]).hex(): from_b64(key["k"]) for key in answer.json()["keys"]}
        assert got == {kid: kept[kid][1] for kid in kids}
    assert len(await audit(site, session["session_id"])) == 3


async def test_a_withheld_label_is_withheld_in_every_period(licence_site: LicenceSite) -> None:
    """In one reading and one writing, as always."""
    site, tenant = licence_site.site, await licence_site.site.tenant()
    published = await site.published(tenant, ROTATING)
    kept = await keys_of(site, published.target)
    viewing = await licence_site.viewing(HARDWARE_SD, of=Viewing(tenant, published, "", ""))
    statements: list[str] = []
    engine = site.services.uow()._session.get_bind()

    def count(*args: Any) -> None:
        statements.append(args[2].split()[0])

    event.listen(engine, "before_cursor_execute", count)
    answer = await licence_site.post(viewing, "clearkey", clearkey_request(published.kids))
    event.remove(engine, "before_cursor_execute", count)
    got = {from_b64(key["kid"]).hex() for key in answer.json()["keys"]}
    assert got == {kid for kid, (label, _) in kept.items() if label is KeyLabel.AUDIO}
    assert len(got) == PERIODS
    assert statements == ["SELECT", "INSERT", "INSERT"]


async def test_destruction_takes_the_keys_of_all_periods(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant, ROTATING)
    async with site.services.uow() as uow:
        assert await destroy_content_keys(uow.keys, published.target) == len(published.kids)
        await uow.commit()
    async with site.services.uow() as uow:
        rows = await uow.keys.content_keys(published.target)
    assert {(row.state, row.wrapped_key) for row in rows} == {(KeyState.DESTROYED, b"")}
    session = await site.session(tenant, published.target.video_id)
    assert (await ask(site, session["token"], list(published.kids))).json()["code"] == "KEYS_REFUSED"


async def test_key_servers_leave_such_a_video_to_us(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant, ROTATING)
    signer = await Signer.add(site, tenant)
    for fields in ({}, {"first_crypto_period_index": 0, "crypto_period_count": 3}):
        request = inner(bytes.fromhex(published.target.video_id), protection_scheme="CBCS", **fields)
        answer = await signer.ask(request)
        assert (answer["status"], answer["status_message"]) == (
            "ASSET_NOT_FOUND",
            "The video's keys change inside it: only Sealcast packages it.",
        )


async def test_a_rekeying_keeps_the_periods(site: ApiSite) -> None:
    tenant, factory = await site.tenant(), site.services.uow
    first = (await site.published(tenant, ROTATING)).target

    async def rekey(**options: Any) -> VersionRef:
        return await rekey_video(factory, RecordingGateway(), first.organisation_id, first.video_id, **options)

    for options in ({"scheme": ProtectionScheme.AES128}, {"own_keys": False}):
        with pytest.raises(InvalidInput):
            await rekey(**options)
    new = await rekey(scheme=ProtectionScheme.CENC)
    async with factory() as uow:
        await plan_rekey(uow, site.services.storage, new, first)
        version = await uow.videos.version(new)
        plan = version.plan or {}
    assert (version.crypto_period_seconds, plan["crypto_period_seconds"], plan["scheme"]) == (60, 60, "cenc")


async def test_thousands_of_keys_are_issued_and_one_is_found(site: ApiSite) -> None:
    tenant = await site.tenant()
    plan = replace(PLAN, duration=12 * 3600.0, crypto_period_seconds=60)
    published = await site.published(tenant, plan)
    assert len(set(published.kids)) == 720 * len(PLAN.labels)
    session = await site.session(tenant, published.target.video_id)
    answer = await ask(site, session["token"], [published.kids[-1]])
    assert [from_b64(key["kid"]).hex() for key in answer.json()["keys"]] == [published.kids[-1]]
