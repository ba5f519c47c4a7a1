"""The SPEKE key provider against every preset, version and kind of content, and against what it must refuse."""

from __future__ import annotations

import asyncio
import base64
import uuid
from itertools import combinations

import pytest
from sqlalchemy import text

from core.db.engine import create_engine
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures.api_site import ApiSite
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.published_video import queue_version
from tests.fixtures.speke_documents import (
    COMBINATIONS,
    COMMON,
    FAIRPLAY,
    PLAYREADY,
    ROUTE,
    WIDEVINE,
    Ask,
    ask_for,
    check_answer,
    contract,
    post,
)
from tests.fixtures.widevine_client import Signer, inner

pytestmark = pytest.mark.stack

SYSTEMS = [each for count in (1, 2, 3) for each in combinations((WIDEVINE, PLAYREADY, FAIRPLAY), count)]
INTERVAL = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:06Z"}


@pytest.mark.parametrize("version", ["2.0", "2.1"])
@pytest.mark.parametrize("live", [True, False], ids=["live", "vod"])
async def test_every_combination_of_presets_is_answered_as_specified(site: ApiSite, version: str, live: bool) -> None:
    tenant = await site.tenant()
    attributes = INTERVAL if version == "2.1" else {}
    for number, (video, audio) in enumerate(COMBINATIONS):
        systems = SYSTEMS[number % len(SYSTEMS)]
        scheme = "cbcs" if FAIRPLAY in systems or number % 2 else "cenc"
        period = (number, attributes) if live else None
        ask = Ask(contract(video, audio), f"{video}/{audio}", version, scheme, systems, period=period)
        check_answer(ask, await ask_for(site, tenant, ask))
    assert len(COMBINATIONS) == 36


async def test_headers_say_who_answers_and_echo_the_version(site: ApiSite) -> None:
    tenant = await site.tenant()
    ask = Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-1"))
    for version in ("2.0", "2.1"):
        answer = await post(site, tenant, ask.but(version=version).document(), version)
        assert answer.headers["content-type"] == "application/xml"
        assert answer.headers["x-speke-version"] == version
        assert answer.headers["x-speke-user-agent"]
        assert answer.headers["cache-control"] == "no-store"


async def test_only_what_was_asked_for_is_filled_in(site: ApiSite) -> None:
    tenant = await site.tenant()
    whole = ("PSSH", "ContentProtectionData", "HLSSignalingData", "SmoothStreamingProtectionHeaderData")
    for count in range(5):
        for signals in combinations(whole, count):
            systems = (WIDEVINE, PLAYREADY, FAIRPLAY, COMMON)
            ask = Ask(contract("PRESET-VIDEO-2", "PRESET-AUDIO-1"), systems=systems, signals=signals)
            check_answer(ask, await ask_for(site, tenant, ask))


async def test_methods_of_hls_are_schemes_in_v2_1(site: ApiSite) -> None:
    tenant = await site.tenant()
    shared = contract("SHARED", "SHARED")
    for scheme, systems in (("SAMPLE-AES", (WIDEVINE, FAIRPLAY)), ("SAMPLE-AES-CTR", (WIDEVINE, PLAYREADY))):
        ask = Ask(shared, version="2.1", scheme=scheme, systems=systems, master="multiVariant")
        check_answer(ask, await ask_for(site, tenant, ask))
        refused = await post(site, tenant, ask.but(version="2.0", master="master").document())
        assert (refused.status_code, refused.text) == (422, f"Unsupported ContentKey@commonEncryptionScheme {scheme}")


async def test_the_same_request_gets_the_same_keys_also_all_at_once(site: ApiSite) -> None:
    tenant = await site.tenant()
    ask = Ask(contract("PRESET-VIDEO-5", "PRESET-AUDIO-3"))
    answers = await asyncio.gather(*(ask_for(site, tenant, ask) for _ in range(8)))
    assert len({tuple(answer.keys().items()) + tuple(answer.ivs().items()) for answer in answers}) == 1
    # A KID names one key, whatever the packaging.
    cenc = await ask_for(site, tenant, ask.but(scheme="cenc", systems=(WIDEVINE,), period=(1, {})))
    assert cenc.keys() == answers[0].keys()


async def test_a_rotation_with_new_kids_has_new_keys_and_records_its_period(site: ApiSite) -> None:
    tenant = await site.tenant()
    asks = [Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-1"), period=(index, {})) for index in (7, 8)]
    answers = [await ask_for(site, tenant, ask) for ask in asks]
    assert len({key for answer in answers for key in answer.keys().values()}) == 4
    engine = create_engine(site.services.settings.database_url)
    async with engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT crypto_period, track_type, content_id FROM external_keys"
                " WHERE organisation_id = CAST(:id AS uuid) ORDER BY crypto_period, track_type"
            ),
            {"id": tenant.organisation_id},
        )
        kept = [(row[0], row[1], bytes(row[2])) for row in rows]
        audit = await connection.execute(
            text("SELECT protocol, kids FROM key_deliveries WHERE organisation_id = CAST(:id AS uuid)"),
            {"id": tenant.organisation_id},
        )
        delivered = [(row[0], len(row[1])) for row in audit]
    await engine.dispose()
    assert kept == [(index, kind, b"channel-1") for index in (7, 8) for kind in ("AUDIO", "VIDEO")]
    assert delivered == [("speke", 2)] * 2


async def test_constant_ivs_are_the_encryptors_or_ours_and_stay(site: ApiSite) -> None:
    tenant = await site.tenant()
    made = contract("PRESET-VIDEO-1", "PRESET-AUDIO-1")
    [video, audio] = [kid for kid, _, _ in made.rules]
    theirs = base64.b64encode(bytes(range(16))).decode()
    first = await ask_for(site, tenant, Ask(made, ivs={video: theirs}))
    assert first.ivs()[video] == theirs
    assert len(base64.b64decode(first.ivs()[audio] or "")) == 16
    assert (await ask_for(site, tenant, Ask(made))).ivs() == first.ivs()
    cenc = await ask_for(site, tenant, Ask(made, scheme="cenc", systems=(WIDEVINE,)))
    assert cenc.ivs() == {video: None, audio: None}


async def test_one_content_has_the_same_keys_over_both_protocols(site: ApiSite) -> None:
    """A packager that takes its KIDs from the Widevine server gets the same keys for them here."""
    tenant = await site.tenant()
    track = (await (await Signer.add(site, tenant)).ask(inner(b"channel-1", tracks=[{"type": "HD"}])))["tracks"][0]
    kid = str(uuid.UUID(bytes=base64.b64decode(track["key_id"])))
    one = contract("PRESET-VIDEO-1", "UNENCRYPTED")
    one.rules[0] = (kid, *one.rules[0][1:])
    assert (await ask_for(site, tenant, Ask(one))).keys() == {kid: base64.b64decode(track["key"])}


@pytest.mark.parametrize("scheme", ["Apisecret", "Bearer", "bearer", "Basic"])
async def test_an_api_key_is_accepted_as_packagers_can_send_it(site: ApiSite, scheme: str) -> None:
    tenant = await site.tenant()
    basic = base64.b64encode(f"any user:{tenant.secret}".encode()).decode()
    credential = basic if scheme == "Basic" else tenant.secret
    body = Ask(contract("SHARED", "SHARED")).document()
    headers = {"Authorization": f"{scheme} {credential}", "X-Speke-Version": "2.0"}
    assert (await site.http.post(ROUTE, content=body, headers=headers)).status_code == 200
    for bad in (credential[:-8], "A" * len(credential), "", "ü"):
        given = {"Authorization": f"{scheme} {bad}".encode(), "X-Speke-Version": "2.0"}
        assert (await site.http.post(ROUTE, content=body, headers=given)).status_code == 401


async def test_a_foreign_kid_and_content_id_are_like_unknown_ones(site: ApiSite) -> None:
    owner, stranger = await site.tenant(), await site.tenant()
    ask = Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-1"))
    ours, theirs = await ask_for(site, owner, ask), await ask_for(site, stranger, ask)
    assert ours.keys().keys() == theirs.keys().keys()
    assert not set(ours.keys().values()) & set(theirs.keys().values())
    published = await site.published(owner)
    taken = contract("PRESET-VIDEO-1", "UNENCRYPTED")
    taken.rules[0] = (str(uuid.UUID(hex=published.kids[0])), *taken.rules[0][1:])
    check_answer(Ask(taken), await ask_for(site, stranger, Ask(taken)))
    other = Ask(contract("SHARED", "SHARED"), content_id=published.target.video_id)
    check_answer(other, await ask_for(site, stranger, other))


async def test_a_kid_belongs_to_one_content(site: ApiSite) -> None:
    tenant = await site.tenant()
    ask = Ask(contract("SHARED", "SHARED"))
    await ask_for(site, tenant, ask)
    published = await site.published(tenant)
    taken = contract("SHARED", "SHARED")
    taken.rules[0] = (str(uuid.UUID(hex=published.kids[0])), *taken.rules[0][1:])
    for wrong in (ask.but(content_id="another"), Ask(taken)):
        answer = await post(site, tenant, wrong.document())
        assert answer.status_code == 422
        assert answer.text == "One of these key ids belongs to other content: choose new ones."


async def test_a_video_of_ours_is_served_under_its_own_kids(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    async with site.services.uow() as uow:
        kept = await unwrap_content_keys(uow.keys, site.services.vault, published.target, TEST_USE)
    for video_id in (published.target.video_id, str(uuid.UUID(hex=published.target.video_id))):
        ask = Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-1"), content_id=video_id)
        answer = await ask_for(site, tenant, ask)
        assert answer.keys() == {str(uuid.UUID(hex=key.kid)): key.key for key in kept.values()}
        assert {uuid.UUID(kid).hex: base64.b64decode(iv or "") for kid, iv in answer.ivs().items()} == {
            key.kid: key.iv for key in kept.values()
        }
        # Overridden throughout: the answer to a request with these KIDs in it is the same.
        renamed = contract("PRESET-VIDEO-1", "PRESET-AUDIO-1")
        renamed.rules[:] = [(kid, *rule[1:]) for kid, rule in zip(answer.keys(), ask.contract.rules, strict=True)]
        check_answer(ask.but(contract=renamed), answer)
    refused = [
        Ask(contract("PRESET-VIDEO-2", "PRESET-AUDIO-1")),
        Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-2")),
        Ask(contract("SHARED", "SHARED")),
        Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-1"), scheme="cenc", systems=(WIDEVINE,)),
    ]
    for ask in refused:
        answered = await post(site, tenant, ask.but(content_id=published.target.video_id).document())
        assert (answered.status_code, answered.text) == (422, "Requested CPIX encryption contract not supported")


async def test_a_video_without_keys_to_give_is_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    queued = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    answer = await post(site, tenant, Ask(contract("SHARED", "SHARED"), content_id=queued.video_id).document())
    assert (answer.status_code, answer.text) == (422, "The video is queued: it has no keys to give.")
