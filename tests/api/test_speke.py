"""The SPEKE key provider against every preset, version and kind of content, and against what it must refuse."""

from __future__ import annotations

import asyncio
import base64
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable
from itertools import combinations

import httpx
import pytest
from sqlalchemy import text

from core.db.engine import create_engine
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.published_video import queue_version
from tests.fixtures.speke_documents import (
    COMBINATIONS,
    COMMON,
    CPIX,
    FAIRPLAY,
    PLAYREADY,
    WIDEVINE,
    Answer,
    Ask,
    check_answer,
    contract,
)
from tests.fixtures.widevine_client import Signer, inner

pytestmark = pytest.mark.stack

ROUTE = "/keys/speke/v2/copyProtection"
SYSTEMS = [each for count in (1, 2, 3) for each in combinations((WIDEVINE, PLAYREADY, FAIRPLAY), count)]
INTERVAL = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:00:06Z"}


async def post(site: ApiSite, tenant: Tenant, body: bytes, version: str | None = "2.0") -> httpx.Response:
    headers = tenant.headers | {"Content-Type": "application/xml"}
    headers |= {} if version is None else {"X-Speke-Version": version}
    return await site.http.post(ROUTE, content=body, headers=headers)


async def ask_for(site: ApiSite, tenant: Tenant, ask: Ask) -> Answer:
    answer = await post(site, tenant, ask.document(), ask.version)
    assert answer.status_code == 200, answer.text
    return Answer.read(answer.content)


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
        kept = await unwrap_content_keys(uow.keys, site.services.vault, published.target)
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


Change = Callable[[ET.Element], object]


def drop(path: str) -> Change:
    """Remove the first element at the path."""
    parent, _, last = path.rpartition("/")

    def change(root: ET.Element) -> None:
        where = root.find("/".join(CPIX + step for step in parent.split("/"))) if parent else root
        assert where is not None
        found = where.find(CPIX + last)
        assert found is not None
        where.remove(found)

    return change


def put(path: str, **attributes: str | None) -> Change:
    """Set attributes of the first element at the path ("" is the root); None removes one."""

    def change(root: ET.Element) -> None:
        element = root.find("/".join(CPIX + step for step in path.split("/"))) if path else root
        assert element is not None
        for name, value in attributes.items():
            if value is None:
                element.attrib.pop(name)
            else:
                element.set(name, value)

    return change


def add(path: str, tag: str, **attributes: str) -> Change:
    def change(root: ET.Element) -> None:
        element = root.find("/".join(CPIX + step for step in path.split("/"))) if path else root
        assert element is not None
        ET.SubElement(element, tag if tag.startswith("{") else CPIX + tag, attributes)

    return change


KEY, SYSTEM, RULE = (
    "ContentKeyList/ContentKey",
    "DRMSystemList/DRMSystem",
    "ContentKeyUsageRuleList/ContentKeyUsageRule",
)
CONTRACT = "Malformed encryption contract"
UNSUPPORTED = "Requested CPIX encryption contract not supported"
PLAYLIST = "HLSSignalingData@playlist must be media in one element and master in another"


def every_filter(root: ET.Element) -> None:
    for rule in root.iter(f"{CPIX}ContentKeyUsageRule"):
        for child in list(rule):
            rule.remove(child)


def no_children(name: str) -> Change:
    return lambda root: [root.find(CPIX + name).clear()]  # type: ignore[union-attr]


REFUSALS: list[tuple[Change, str]] = [
    (put("", contentId=None), "Missing CPIX@contentId"),
    (put("", contentId=" "), "Missing CPIX@contentId"),
    (put("", contentId="ü" * 129), "CPIX@contentId is longer than 256 bytes"),
    (put("", version=None), "Missing CPIX@version"),
    (put("", version=""), "Missing CPIX@version"),
    (put("", version="2.4"), "Unsupported CPIX@version"),
    (put("", version="2.2"), "Unsupported CPIX@version"),
    (drop("ContentKeyList"), "Missing ContentKeyList"),
    (drop("DRMSystemList"), "Missing DRMSystemList"),
    (drop("ContentKeyUsageRuleList"), "Missing CPIX encryption contract"),
    (no_children("ContentKeyList"), "Missing ContentKey"),
    (no_children("DRMSystemList"), "Missing DRMSystem"),
    (no_children("ContentKeyUsageRuleList"), "Missing CPIX encryption contract"),
    (every_filter, "Missing CPIX encryption contract"),
    (add("", "ContentKeyList"), "More than one ContentKeyList"),
    (add("", "Other"), "Unsupported element Other"),
    (add("", "{http://www.w3.org/2000/09/xmldsig#}Signature"), "Unsupported element Signature"),
    (put(KEY, kid=None), "Missing ContentKey@kid"),
    (put(KEY, kid="no uuid"), "Malformed ContentKey@kid"),
    (drop(KEY), "DRMSystem@kid names no ContentKey"),
    (put(KEY, commonEncryptionScheme="cenc"), "Non compliant ContentKey@commonEncryptionScheme combination"),
    (put(KEY, explicitIV="AAAA"), "ContentKey@explicitIV is not 16 bytes"),
    (put(KEY, explicitIV="%"), "Malformed ContentKey"),
    (put(KEY, dependsOnKey=str(uuid.uuid4())), "ContentKey@dependsOnKey is not supported"),
    (put(KEY, contentId="x"), "ContentKey@contentId is not supported"),
    (add(KEY, "HDCPData"), "Unsupported element HDCPData"),
    (put(SYSTEM, kid=None), "Missing DRMSystem@kid"),
    (put(SYSTEM, systemId=None), "Missing DRMSystem@systemId"),
    (
        put(SYSTEM, systemId="3ea8778f-7742-4bf9-b18b-e834b2acbd47"),
        "Unsupported DRMSystem 3ea8778f-7742-4bf9-b18b-e834b2acbd47",
    ),
    (put(SYSTEM, systemId=PLAYREADY), "DRMSystem is not unique"),
    (add(SYSTEM, "URIExtXKey"), "Unsupported element URIExtXKey"),
    (add(SYSTEM, "PSSH"), "DRMSystem asks for the same twice"),
    (drop(f"{SYSTEM}/HLSSignalingData"), PLAYLIST),
    (put(f"{SYSTEM}/HLSSignalingData", playlist="master"), PLAYLIST),
    (put(f"{SYSTEM}/HLSSignalingData", playlist=None), PLAYLIST),
    (put(f"{SYSTEM}/HLSSignalingData", playlist="multiVariant"), PLAYLIST),
    (put(RULE, kid=None), "Missing ContentKeyUsageRule@kid"),
    (put(RULE, intendedTrackType=None), "Missing ContentKeyUsageRule@intendedTrackType"),
    (put(RULE, kid=str(uuid.uuid4())), CONTRACT),
    (drop(RULE), CONTRACT),
    (put(RULE, intendedTrackType="AUDIO"), CONTRACT),
    (put(RULE, intendedTrackType="ALL"), CONTRACT),
    (put(RULE, intendedTrackType="SD+HD"), CONTRACT),
    (put(RULE, intendedTrackType="SD+"), CONTRACT),
    (put(RULE, intendedTrackType="x" * 65), CONTRACT),
    (put(RULE, intendedTrackType="STEREO_AUDIO"), CONTRACT),
    (add(RULE, "LabelFilter", label="x"), CONTRACT),
    (add(RULE, "VideoFilter"), CONTRACT),
    (put(f"{RULE}/VideoFilter", minPixels="10", maxPixels="9"), CONTRACT),
    (put(f"{RULE}/VideoFilter", minPixels="-1"), CONTRACT),
    (put(f"{RULE}/VideoFilter", hdr="maybe"), CONTRACT),
    (put(f"{RULE}/VideoFilter", minChannels="2"), CONTRACT),
    (drop(f"{RULE}/VideoFilter"), CONTRACT),
    (put("ContentKeyPeriodList/ContentKeyPeriod", id=None), "Missing ContentKeyPeriod@id"),
    (put("ContentKeyPeriodList/ContentKeyPeriod", id="other"), CONTRACT),
    (put("ContentKeyPeriodList/ContentKeyPeriod", index=None), "Missing ContentKeyPeriod@index"),
    (put("ContentKeyPeriodList/ContentKeyPeriod", index="-1"), "Malformed ContentKeyPeriod"),
    (put("ContentKeyPeriodList/ContentKeyPeriod", index="4294967296"), "Malformed ContentKeyPeriod"),
    (put(f"{RULE}/KeyPeriodFilter", periodId=None), "Missing KeyPeriodFilter@periodId"),
]


async def test_what_the_profile_does_not_allow_is_refused_in_its_words(site: ApiSite) -> None:
    tenant = await site.tenant()
    for number, (change, message) in enumerate(REFUSALS):
        root = Ask(contract("PRESET-VIDEO-1", "PRESET-AUDIO-1"), period=(1, {})).tree()
        change(root)
        answer = await post(site, tenant, ET.tostring(root))
        assert (number, answer.status_code, answer.text) == (number, 422, message)
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert (answer.headers["x-speke-version"], answer.headers["x-speke-user-agent"]) == ("2.0", "Sealcast")


async def test_a_missing_scheme_is_named_with_its_kid(site: ApiSite) -> None:
    tenant, made = await site.tenant(), contract("PRESET-VIDEO-1", "PRESET-AUDIO-1")
    for scheme in (None, ""):
        root = Ask(made).tree()
        put(KEY, commonEncryptionScheme=scheme)(root)
        answer = await post(site, tenant, ET.tostring(root))
        expected = f"Missing ContentKey@commonEncryptionScheme for KID {made.rules[0][0]}"
        assert (answer.status_code, answer.text) == (422, expected)


@pytest.mark.parametrize(
    ("scheme", "systems", "refused"),
    [
        ("cenc", (FAIRPLAY,), FAIRPLAY),
        ("cenc", (WIDEVINE, FAIRPLAY), FAIRPLAY),
        ("cbc1", (WIDEVINE,), WIDEVINE),
        ("cens", (PLAYREADY,), PLAYREADY),
        ("AES-128", (FAIRPLAY,), FAIRPLAY),
    ],
)
async def test_a_scheme_that_a_system_does_not_know_is_refused(
    site: ApiSite, scheme: str, systems: tuple[str, ...], refused: str
) -> None:
    ask = Ask(contract("SHARED", "SHARED"), scheme=scheme, systems=systems)
    answer = await post(site, await site.tenant(), ask.document())
    expected = f"ContentKey@commonEncryptionScheme non compatible with DRMSystem {refused}"
    assert (answer.status_code, answer.text) == (422, expected)


@pytest.mark.parametrize("version", [None, "", "1.0", "2", "2.2", "3.0"])
async def test_other_versions_of_speke_are_refused_without_a_look_at_the_document(
    site: ApiSite, version: str | None
) -> None:
    answer = await post(site, await site.tenant(), b"not even XML", version)
    assert (answer.status_code, answer.text) == (422, "Unsupported SPEKE version")
    assert "x-speke-version" not in answer.headers


async def test_a_document_of_speke_v1_is_refused(site: ApiSite) -> None:
    body = (
        b'<cpix:CPIX id="abc" xmlns:cpix="urn:dashif:org:cpix"><cpix:ContentKeyList>'
        b'<cpix:ContentKey kid="98ee5596-cd3e-a20d-163a-e382420c6eff"/></cpix:ContentKeyList></cpix:CPIX>'
    )
    answer = await post(site, await site.tenant(), body)
    assert (answer.status_code, answer.text) == (422, "Missing CPIX@contentId")


async def test_sound_and_a_picture_size_under_one_key_are_not_supported(site: ApiSite) -> None:
    made = contract("PRESET-VIDEO-1", "UNENCRYPTED")
    made.rules[0] = (made.rules[0][0], "AUDIO+UHD", [("AudioFilter", {}), ("VideoFilter", {"minPixels": "2073601"})])
    answer = await post(site, await site.tenant(), Ask(made).document())
    assert (answer.status_code, answer.text) == (422, UNSUPPORTED)


@pytest.mark.parametrize(
    ("interval", "status"),
    [
        ({"start": "2026-01-01T00:00:06Z", "end": "2026-01-01T00:00:00Z"}, 422),
        ({"start": "yesterday", "end": "2026-01-01T00:00:00Z"}, 422),
        ({"start": "2026-01-01T00:00:00Z"}, 422),
        ({"start": "2026-01-01T00:00:00", "end": "2026-01-01T00:00:06Z"}, 422),
        ({"start": "2026-01-01T00:00:00+01:00", "end": "2026-01-01T00:00:06Z"}, 200),
        ({"startOffset": "PT0S", "endOffset": "PT6S"}, 200),
    ],
)
async def test_intervals_of_crypto_periods_in_v2_1(site: ApiSite, interval: dict[str, str], status: int) -> None:
    tenant = await site.tenant()
    ask = Ask(contract("SHARED", "SHARED"), version="2.1", period=(1, interval))
    assert (await post(site, tenant, ask.document(), "2.1")).status_code == status
    # v2.0 does not know them.
    assert (await post(site, tenant, ask.but(version="2.0").document())).status_code == 200


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


async def test_hostile_documents_are_no_cpix(site: ApiSite) -> None:
    tenant = await site.tenant()
    good = Ask(contract("SHARED", "SHARED")).document()
    head, body = good.split(b"?>", 1)
    bodies = [
        b"",
        b"{}",
        b"<a/>",
        good[:-5],
        head + b"?>" + BOMB + body,
        head + b"?>" + FILE + body.replace(b"channel-1", b"&a;"),
        good.decode().replace("utf-8", "utf-16").encode("utf-16"),
        body.replace(b"</", b"<n>" * 300 + b"</n>" * 300 + b"</", 1),
        body.replace(b"ContentKeyList>", b"ContentKeyList>" + b"<x/>" * 9000, 1),
        body + b" " * 600_000,
    ]
    for number, hostile in enumerate(bodies):
        answer = await post(site, tenant, hostile)
        assert (number, answer.status_code, answer.text) == (number, 422, "The body is not a CPIX document")
    assert (await post(site, tenant, b" " * (2**20 + 1))).status_code == 413


async def test_a_key_that_does_not_open_is_an_outage(site: ApiSite) -> None:
    tenant = await site.tenant()
    ask = Ask(contract("SHARED", "SHARED"))
    await ask_for(site, tenant, ask)
    engine = create_engine(site.services.settings.database_url)
    async with engine.begin() as connection:
        await connection.execute(
            text("UPDATE external_keys SET iv = :iv WHERE organisation_id = CAST(:id AS uuid)"),
            {"iv": bytes(16), "id": tenant.organisation_id},
        )
    await engine.dispose()
    answer = await post(site, tenant, ask.document())
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
