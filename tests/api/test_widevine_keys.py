"""The Widevine key server: who gets which keys, and what is kept of it."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any
from uuid import uuid4

import pytest
from Crypto.PublicKey import RSA
from sqlalchemy import text

from core.adapters.local_root_key import LocalRootKey
from core.db.engine import create_engine
from core.domain.drm.pssh import read_pssh
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import read_widevine_pssh
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures.api_site import ApiSite
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.published_video import queue_version
from tests.fixtures.widevine_client import Signer, aes_signature, b64, inner, keys_of, rsa_signature, send, send_body

pytestmark = pytest.mark.stack


async def query(site: ApiSite, statement: str, **values: Any) -> list[Any]:
    engine = create_engine(site.services.settings.database_url)
    async with engine.begin() as connection:
        result = await connection.execute(text(statement), values)
        rows = list(result.all()) if result.returns_rows else []
    await engine.dispose()
    return rows


async def rows_of(site: ApiSite, organisation_id: str) -> list[Any]:
    statement = "SELECT kid, track_type, crypto_period FROM external_keys WHERE organisation_id = CAST(:id AS uuid)"
    return await query(site, statement, id=organisation_id)


async def test_the_same_request_gets_the_same_keys_and_each_answer_is_recorded(site: ApiSite) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    first, second = await signer.ask(inner(b"film")), await signer.ask(inner(b"film"), zeros=True)
    assert first["status"] == second["status"] == "OK"
    keys = keys_of(first)
    assert keys == keys_of(second)
    assert set(keys) == {"SD", "HD", "UHD1", "UHD2", "AUDIO"}
    assert len({kid for kid, _ in keys.values()}) == len({key for _, key in keys.values()}) == 5
    assert len(await rows_of(site, tenant.organisation_id)) == 5
    audit = await query(
        site,
        "SELECT protocol, caller, content_id, kids FROM key_deliveries WHERE organisation_id = CAST(:id AS uuid)",
        id=tenant.organisation_id,
    )
    expected = ("widevine", signer.id, b"film", {kid for kid, _ in keys.values()})
    assert [(row[0], row[1].hex, bytes(row[2]), set(row[3])) for row in audit] == [expected] * 2


async def test_the_boxes_name_content_keys_and_scheme(site: ApiSite) -> None:
    signer = await Signer.add(site, await site.tenant())
    asked = inner(b"film", protection_scheme="CBCS", drm_types=["WIDEVINE", "PLAYREADY"])
    answer = await signer.ask(asked)
    kids = {kid for kid, _ in keys_of(answer).values()}
    assert answer["drm"] == [
        {"type": "WIDEVINE", "system_id": DrmSystem.WIDEVINE},
        {"type": "PLAYREADY", "system_id": DrmSystem.PLAYREADY},
    ]
    for track in answer["tracks"]:
        widevine, playready = track["pssh"]
        box = read_pssh(base64.b64decode(widevine["boxes"]))
        assert (box.system, box.data) == (DrmSystem.WIDEVINE, base64.b64decode(widevine["data"]))
        data = read_widevine_pssh(box.data)
        assert (set(data.kids), data.content_id, data.scheme) == (kids, b"film", "cbcs")
        assert read_pssh(base64.b64decode(playready["boxes"])).system == DrmSystem.PLAYREADY
        assert len(base64.b64decode(track["iv"])) == 16
    cenc = await signer.ask(inner(b"film"))
    assert all("iv" not in track for track in cenc["tracks"])


async def test_crypto_periods_come_in_order_each_with_keys_of_its_own(site: ApiSite) -> None:
    signer = await Signer.add(site, await site.tenant())
    first = await signer.ask(inner(b"live", first_crypto_period_index=3, crypto_period_count=4))
    later = await signer.ask(inner(b"live", first_crypto_period_index=5, crypto_period_count=1))
    static = await signer.ask(inner(b"live"))
    indexes = [track["crypto_period_index"] for track in first["tracks"]]
    assert indexes == sorted(indexes)
    assert len(indexes) == 20
    of_period = [(track["key_id"], track["key"]) for track in first["tracks"] if track["crypto_period_index"] == 5]
    assert [(track["key_id"], track["key"]) for track in later["tracks"]] == of_period
    assert len({track["key"] for track in first["tracks"] + static["tracks"]}) == 25
    data = read_widevine_pssh(base64.b64decode(later["tracks"][0]["pssh"][0]["data"]))
    assert (data.crypto_period_index, len(data.kids)) == (5, 5)


async def test_a_pssh_of_ours_leads_back_to_its_keys(site: ApiSite) -> None:
    signer = await Signer.add(site, await site.tenant())
    answer = await signer.ask(inner(b"film"))
    asked = inner(b"", pssh_data=answer["tracks"][0]["pssh"][0]["data"])
    del asked["content_id"]
    assert keys_of(await signer.ask(asked)) == keys_of(answer)


async def test_first_requests_at_once_agree_on_one_set_of_keys(site: ApiSite) -> None:
    signer = await Signer.add(site, await site.tenant())
    orders = [inner(b"race"), inner(b"race", tracks=[{"type": kind} for kind in ("AUDIO", "UHD2", "UHD1", "HD", "SD")])]
    answers = await asyncio.gather(*(signer.ask(orders[number % 2]) for number in range(8)))
    assert {answer["status"] for answer in answers} == {"OK"}
    assert len({tuple(sorted(keys_of(answer).items())) for answer in answers}) == 1


async def test_an_rsa_signer_is_known_by_its_public_key(site: ApiSite) -> None:
    tenant, key = await site.tenant(), RSA.generate(2048)
    body = {"kind": "rsa", "name": "rsa", "public_key": key.public_key().export_key().decode()}
    added = await site.http.post("/v1/key-signers", json=body, headers=tenant.headers)
    assert (added.status_code, added.json()["signing_key"]) == (201, None)
    raw = json.dumps(inner(b"film")).encode()
    good = await send(site, tenant.organisation_id, raw, rsa_signature(key, raw), "rsa")
    bad = await send(site, tenant.organisation_id, raw, rsa_signature(RSA.generate(2048), raw), "rsa")
    assert (good["status"], bad["status"]) == ("OK", "SIGNATURE_FAILED")


async def test_whoever_is_not_a_signer_gets_one_answer_and_no_key(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    signer, theirs = await Signer.add(site, tenant), await Signer.add(site, stranger, "other")
    revoked = await Signer.add(site, tenant, "revoked")
    await site.http.delete(f"/v1/key-signers/{revoked.id}", headers=tenant.headers)
    raw = json.dumps(inner(b"film")).encode()
    signed, organisation_id = aes_signature(signer.key, signer.iv, raw), tenant.organisation_id
    answers = [
        await send(site, organisation_id, raw, signed, "nobody"),
        await send(site, organisation_id, raw, signed, ""),
        await send(site, organisation_id, raw, signed, "x" * 1000),
        await send(site, organisation_id, raw + b" ", signed, "packager"),
        await send(site, organisation_id, raw, b"", "packager"),
        await send(site, organisation_id, raw, aes_signature(theirs.key, theirs.iv, raw), "other"),
        await send(site, organisation_id, raw, aes_signature(theirs.key, theirs.iv, raw), "packager"),
        await send(site, organisation_id, raw, aes_signature(revoked.key, revoked.iv, raw), "revoked"),
        await send(site, stranger.organisation_id, raw, signed, "packager"),
        await send(site, uuid4().hex, raw, signed, "packager"),
    ]
    assert {json.dumps(answer) for answer in answers} == {json.dumps(answers[0])}
    assert answers[0]["status"] == "SIGNATURE_FAILED"
    assert await rows_of(site, organisation_id) == await rows_of(site, stranger.organisation_id) == []


async def test_two_organisations_have_different_keys_for_one_content_id(site: ApiSite) -> None:
    one, two = await Signer.add(site, await site.tenant()), await Signer.add(site, await site.tenant())
    ours, theirs = keys_of(await one.ask(inner(b"film"))), keys_of(await two.ask(inner(b"film")))
    assert not {part for pair in ours.values() for part in pair} & {part for pair in theirs.values() for part in pair}


@pytest.mark.parametrize("form", [bytes.fromhex, str.encode])
async def test_a_video_of_ours_is_served_with_its_own_keys(site: ApiSite, form: Any) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    signer = await Signer.add(site, tenant)
    content_id = form(published.target.video_id)
    answer = await signer.ask(inner(content_id, protection_scheme="CBCS"))
    async with site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.services.vault, published.target, TEST_USE)
    assert keys_of(answer) == {label.value: (key.kid, key.key) for label, key in kept.items()}
    ivs = {track["type"]: base64.b64decode(track["iv"]) for track in answer["tracks"]}
    assert ivs == {label.value: key.iv for label, key in kept.items()}
    assert await rows_of(site, tenant.organisation_id) == []
    refusals = [
        ({}, "ACCESS_DENIED"),
        ({"protection_scheme": "CBCS", "first_crypto_period_index": 0}, "NO_REQUESTED_CRYPTO_PERIODS"),
        ({"protection_scheme": "CBCS", "tracks": [{"type": "UHD1"}]}, "ASSET_MISSING_KEY"),
    ]
    for fields, status in refusals:
        assert (await signer.ask(inner(content_id, **fields)))["status"] == status


async def test_a_video_without_keys_to_give_is_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    queued = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    answer = await signer.ask(inner(bytes.fromhex(queued.video_id)))
    assert (answer["status"], answer["status_message"]) == (
        "ASSET_NOT_FOUND",
        "The video is queued: it has no keys to give.",
    )
    published = await site.published(tenant)
    async with site.services.uow() as uow:
        await destroy_content_keys(uow.keys, published.target)
        await uow.commit()
    gone = await signer.ask(inner(bytes.fromhex(published.target.video_id), protection_scheme="CBCS"))
    assert gone["status"] == "INTERNAL_ERROR"


async def test_another_organisations_video_is_content_like_any_other(site: ApiSite) -> None:
    published = await site.published(await site.tenant())
    stranger = await Signer.add(site, await site.tenant())
    answer = await stranger.ask(inner(bytes.fromhex(published.target.video_id), protection_scheme="CBCS"))
    assert answer["status"] == "OK"
    assert not set(published.kids) & {kid for kid, _ in keys_of(answer).values()}


_MOVED = (
    "UPDATE external_keys a SET {column} = b.{column} FROM external_keys b"
    " WHERE a.organisation_id = CAST(:id AS uuid) AND b.organisation_id = a.organisation_id"
    " AND a.content_id = :film AND b.content_id = :other AND a.track_type = b.track_type"
)


@pytest.mark.parametrize("column", ["wrapped_key", "iv", "content_id"])
async def test_a_row_that_was_tampered_with_does_not_open(site: ApiSite, column: str) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    await signer.ask(inner(b"film"))
    await signer.ask(inner(b"other"))
    moved = _MOVED.format(column=column)
    await query(site, moved, id=tenant.organisation_id, film=b"film", other=b"other")
    status = (await signer.ask(inner(b"film")))["status"]
    assert status == ("KEY_ID_MISMATCH" if column == "content_id" else "INTERNAL_ERROR")


async def test_a_key_that_is_not_active_is_not_served(site: ApiSite) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    await signer.ask(inner(b"film"))
    statement = "UPDATE external_keys SET state = 'destroyed' WHERE organisation_id = CAST(:id AS uuid)"
    await query(site, statement, id=tenant.organisation_id)
    assert (await signer.ask(inner(b"film")))["status"] == "INTERNAL_ERROR"


async def test_no_key_and_no_signing_key_lies_in_the_clear(site: ApiSite) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    keys = [key for _, key in keys_of(await signer.ask(inner(b"film"))).values()]
    statement = (
        "SELECT wrapped_key FROM external_keys WHERE organisation_id = CAST(:id AS uuid)"
        " UNION SELECT wrapped_key FROM key_signers WHERE organisation_id = CAST(:id AS uuid)"
    )
    stored = b"".join([bytes(row[0]) for row in await query(site, statement, id=tenant.organisation_id)])
    assert len(stored) > 100
    assert not any(secret in stored for secret in [*keys, signer.key, signer.iv])


async def test_a_vault_that_cannot_unwrap_is_an_error_that_packagers_retry(site: ApiSite) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    object.__setattr__(site.services, "vault", LocalRootKey(b"o" * 32))
    assert (await signer.ask(inner(b"film")))["status"] == "INTERNAL_ERROR"
    assert await rows_of(site, tenant.organisation_id) == []


async def test_garbage_is_malformed(site: ApiSite) -> None:
    tenant = await site.tenant()
    for body in (b"", b"{", b"[]", b"\xff" * 100):
        assert (await send_body(site, tenant.organisation_id, body))["status"] == "MALFORMED_REQUEST"
    signer = await Signer.add(site, tenant)
    assert (await signer.ask(b"not json"))["status"] == "MALFORMED_REQUEST"
    entitled = await signer.ask(inner(b"film", enable_entitlement_license=True))
    assert "enable_entitlement_license is not supported" in entitled["status_message"]
    assert b64(signer.key) not in json.dumps(entitled)


async def test_signers_are_the_organisations_own(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    signer = await Signer.add(site, tenant)
    twice = await site.http.post("/v1/key-signers", json={"kind": "aes", "name": "packager"}, headers=tenant.headers)
    assert (twice.status_code, twice.json()["code"]) == (409, "SIGNER_EXISTS")
    await Signer.add(site, stranger)
    listed = (await site.http.get("/v1/key-signers", headers=tenant.headers)).json()
    assert [(each["id"], each["revoked_at"]) for each in listed] == [(signer.id, None)]
    assert "signing_key" not in listed[0]
    expected = f"http://api.test/keys/widevine/{tenant.organisation_id}/getcontentkey"
    assert listed[0]["key_server_url"] == expected
    for unknown in (signer.id, uuid4().hex):
        answer = await site.http.delete(f"/v1/key-signers/{unknown}", headers=stranger.headers)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such signer.")
    assert (await signer.ask(inner(b"film")))["status"] == "OK"
    for _ in range(2):
        assert (await site.http.delete(f"/v1/key-signers/{signer.id}", headers=tenant.headers)).status_code == 204
    assert (await signer.ask(inner(b"film")))["status"] == "SIGNATURE_FAILED"


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "aes", "name": ""},
        {"kind": "aes", "name": "a b"},
        {"kind": "rsa", "name": "a"},
        {"kind": "rsa", "name": "a", "public_key": "no key"},
        {"kind": "other", "name": "a"},
        {"kind": "aes", "name": "a", "signing_key": "00"},
    ],
)
async def test_a_signer_that_could_sign_nothing_is_refused(site: ApiSite, body: dict[str, str]) -> None:
    tenant = await site.tenant()
    answer = await site.http.post("/v1/key-signers", json=body, headers=tenant.headers)
    assert answer.status_code == 422
