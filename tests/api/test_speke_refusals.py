"""What the SPEKE key provider must refuse, in the words that the specification prescribes."""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.db.engine import create_engine
from tests.fixtures.api_site import ApiSite
from tests.fixtures.speke_documents import CPIX, FAIRPLAY, PLAYREADY, WIDEVINE, Ask, ask_for, contract, post

pytestmark = pytest.mark.stack


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
