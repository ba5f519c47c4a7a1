"""The SPEKE client against a strict double of a key service, well and badly behaved."""

from __future__ import annotations

import base64
import gzip
import logging
import uuid
import xml.etree.ElementTree as ET

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from core.adapters.clock import SystemClock
from core.adapters.speke_client import SpekeKeySource, open_key_source
from core.contracts.version_ref import VersionRef
from core.domain.drm.speke import SpekeVersion
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable
from core.settings import Settings
from tests.fixtures.speke_documents import CPIX, ENC, PSKC
from tests.fixtures.speke_provider import URL, Provider

TARGET = VersionRef(uuid.uuid4().hex, uuid.uuid4().hex, 3)
LABELS = tuple(KeyLabel)
CBCS, CENC = ProtectionScheme.CBCS, ProtectionScheme.CENC
SECRET = f"{CPIX}Data/{PSKC}Secret"
FIRST = f"{CPIX}ContentKeyList/{CPIX}ContentKey"
DELIVERY = f"{CPIX}DeliveryDataList/{CPIX}DeliveryData"
RULES = f"{CPIX}ContentKeyUsageRuleList"


@pytest.fixture(scope="module")
def rsa_key():
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(autouse=True)
def quick(monkeypatch, rsa_key):
    """One RSA key for all these tests; tests/integration/key_servers make theirs."""
    monkeypatch.setattr("core.adapters.speke_client.rsa.generate_private_key", lambda *_: rsa_key)


async def fetch(provider: Provider, scheme=CBCS, labels=LABELS, target=TARGET):
    async with provider.client() as http:
        source = SpekeKeySource(http, URL, SpekeVersion(provider.version), SystemClock())
        return await source.fetch(target, labels, scheme)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
@pytest.mark.parametrize("scheme", [CBCS, CENC])
async def test_keys_come_back_by_label(version, scheme):
    provider = Provider(version)
    keys = await fetch(provider, scheme)
    assert set(keys) == set(LABELS)
    rules = provider.requests[0].iter(f"{CPIX}ContentKeyUsageRule")
    kids = {KeyLabel(rule.attrib["intendedTrackType"]): rule.attrib["kid"] for rule in rules}
    for label, key in keys.items():
        assert (key.label, key.scheme, key.kid) == (label, scheme, uuid.UUID(kids[label]).hex)
        assert key.key == provider.keys[kids[label]]
        assert (key.iv is not None) == (scheme is CBCS)
    assert provider.requests[0].get("contentId") == f"{TARGET.video_id}/v3"


async def test_nobody_is_asked_for_aes128_keys():
    provider = Provider()
    with pytest.raises(KeyUnavailable, match="choose cbcs or cenc"):
        await fetch(provider, ProtectionScheme.AES128)
    assert provider.requests == []


async def test_asking_again_asks_for_the_same_under_another_certificate():
    provider = Provider()
    assert await fetch(provider) == await fetch(provider)
    certificates = {"".join(r.find(DELIVERY).itertext()).strip() for r in provider.requests}
    assert len(certificates) == 2
    other = await fetch(provider, target=VersionRef(TARGET.organisation_id, TARGET.video_id, 4))
    assert not {key.kid for key in other.values()} & {key.kid for key in (await fetch(provider)).values()}


async def test_the_services_own_kids_and_ivs_are_taken_over():
    provider = Provider()
    await fetch(provider)
    asked = [key.attrib["kid"] for key in provider.requests[0].iter(f"{CPIX}ContentKey")]
    provider.overrides = {kid: str(uuid.uuid4()) for kid in asked}
    iv = bytes(range(16))
    provider.ivs = dict.fromkeys(provider.overrides.values(), base64.b64encode(iv).decode())
    keys = await fetch(provider)
    assert {key.kid for key in keys.values()} == {uuid.UUID(kid).hex for kid in provider.overrides.values()}
    assert all(key.key == provider.keys[str(uuid.UUID(key.kid))] and key.iv == iv for key in keys.values())


def text(path: str, value: str, *, nth: int = 0):
    return lambda root: setattr(root.findall(path)[nth], "text", value)


def attribute(path: str, name: str, value: str):
    return lambda root: root.find(path).set(name, value)


def without(path: str, child: str):
    return lambda root: root.find(path).remove(root.find(path).find(child))


def flipped(path: str):
    """One bit of a base64 value."""

    def change(root: ET.Element) -> None:
        element = root.find(path)
        raw = bytearray(base64.b64decode(element.text))
        raw[-1] ^= 1
        element.text = base64.b64encode(raw).decode()

    return change


def in_the_clear(root: ET.Element) -> None:
    secret = root.find(f"{FIRST}/{SECRET}")
    for child in list(secret):
        secret.remove(child)
    ET.SubElement(secret, f"{PSKC}PlainValue").text = base64.b64encode(bytes(16)).decode()


def same_key_twice(root: ET.Element) -> None:
    first, second = root.findall(FIRST)[:2]
    second.find(SECRET)[:] = list(first.find(SECRET))
    for rule in root.iter(f"{CPIX}ContentKeyUsageRule"):
        rule.set("kid", first.attrib["kid"])


CIPHER_VALUE = f"{PSKC}EncryptedValue/{ENC}CipherData/{ENC}CipherValue"


@pytest.mark.parametrize(
    "change",
    [
        flipped(f"{FIRST}/{SECRET}/{CIPHER_VALUE}"),
        flipped(f"{FIRST}/{SECRET}/{PSKC}ValueMAC"),
        flipped(f"{DELIVERY}/{CPIX}DocumentKey/{SECRET}/{CIPHER_VALUE}"),
        flipped(f"{DELIVERY}/{CPIX}DocumentKey/{SECRET}/{PSKC}ValueMAC"),
        flipped(f"{DELIVERY}/{CPIX}MACMethod/{CPIX}Key/{CIPHER_VALUE}"),
        without(f"{FIRST}/{SECRET}", f"{PSKC}ValueMAC"),
        without(DELIVERY, f"{CPIX}MACMethod"),
        without(DELIVERY, f"{CPIX}DocumentKey"),
        without(FIRST, f"{CPIX}Data"),
        in_the_clear,
        same_key_twice,
        attribute(f"{DELIVERY}/{CPIX}MACMethod", "Algorithm", "http://www.w3.org/2000/09/xmldsig#hmac-sha1"),
        attribute(f"{DELIVERY}/{CPIX}DocumentKey", "Algorithm", "http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
        attribute(f"{FIRST}/{SECRET}/{PSKC}EncryptedValue/{ENC}EncryptionMethod", "Algorithm", "none"),
        attribute(FIRST, "commonEncryptionScheme", "cenc"),
        attribute(FIRST, "kid", str(uuid.uuid4())),
        attribute(FIRST, "kid", "no uuid"),
        attribute(FIRST, "explicitIV", "AAAA"),
        attribute(FIRST, "explicitIV", "%"),
        attribute(f"{RULES}/{CPIX}ContentKeyUsageRule", "intendedTrackType", "UHD2"),
        attribute(".", "contentId", "another"),
        attribute(".", "version", "2.4"),
        text(f"{FIRST}/{SECRET}/{PSKC}ValueMAC", ""),
        text(f"{FIRST}/{SECRET}/{PSKC}ValueMAC", "ü"),
        text(f"{FIRST}/{SECRET}/{CIPHER_VALUE}", ""),
        lambda root: root.find(RULES).clear(),
        lambda root: root.find(f"{CPIX}ContentKeyList").clear(),
        lambda root: root.find(f"{CPIX}DeliveryDataList").append(ET.Element(f"{CPIX}DeliveryData")),
    ],
)
async def test_an_answer_that_is_not_whole_and_authentic_is_refused(change):
    with pytest.raises(KeyUnavailable):
        await fetch(Provider(change=change))


@pytest.mark.parametrize("size", [0, 15, 17, 32])
async def test_a_key_of_another_size_is_refused(size):
    with pytest.raises(KeyUnavailable, match="16 bytes"):
        await fetch(Provider(key_bytes=size))


async def test_a_wrong_mac_means_that_nothing_is_decrypted(monkeypatch):
    """A padding oracle needs a decryption."""
    decrypted = []
    monkeypatch.setattr("core.adapters.cpix.delivered_keys.AES", decrypted.append)
    with pytest.raises(KeyUnavailable, match="MAC"):
        await fetch(Provider(change=flipped(f"{FIRST}/{SECRET}/{CIPHER_VALUE}")))
    assert decrypted == []


def status(code: int, **headers: str):
    return lambda _, __: httpx.Response(code, headers=headers, content=b"Missing CPIX@contentId")


def raising(error: Exception):
    def answer(_: httpx.Request, __: bytes) -> httpx.Response:
        raise error

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(401), "answered 401"),
        (status(422), "answered 422"),
        (status(500), "answered 500"),
        (status(302, Location="https://elsewhere.example/"), "answered 302"),
        (lambda _, document: httpx.Response(200, content=document), "another version"),
        (
            lambda _, document: httpx.Response(200, content=document, headers={"X-Speke-Version": "2.1"}),
            "another version",
        ),
        (
            lambda _, d: httpx.Response(
                200, content=gzip.compress(d), headers={"X-Speke-Version": "2.0", "Content-Encoding": "gzip"}
            ),
            "compressed",
        ),
        (lambda _, __: httpx.Response(200, content=b"<html>", headers={"X-Speke-Version": "2.0"}), "malformed"),
        (lambda _, d: httpx.Response(200, content=d + b" " * 600_000, headers={"X-Speke-Version": "2.0"}), "too large"),
        (raising(httpx.ConnectError("refused")), "ConnectError"),
        (raising(httpx.ReadTimeout("slow")), "ReadTimeout"),
    ],
)
async def test_what_is_no_answer_is_an_outage(answer, reason):
    with pytest.raises(KeyUnavailable, match=reason):
        await fetch(Provider(answer=answer))


async def test_nothing_secret_is_logged_or_raised(caplog):
    caplog.set_level(logging.DEBUG)
    provider = Provider(change=flipped(f"{FIRST}/{SECRET}/{PSKC}ValueMAC"))
    with pytest.raises(KeyUnavailable) as refusal:
        await fetch(provider)
    shown = caplog.text + repr(refusal.value) + repr(refusal.value.__cause__)
    for key in provider.keys.values():
        assert key.hex() not in shown
        assert base64.b64encode(key).decode() not in shown
    assert provider.client().auth is not None
    assert "password of the tenant" not in shown


async def test_the_settings_name_the_service_or_none():
    async with open_key_source(Settings(), SystemClock()) as none:
        assert none is None
    async with open_key_source(Settings(speke_url=URL), SystemClock()) as source:
        assert isinstance(source, SpekeKeySource)


def test_production_asks_over_https_only(tmp_path):
    real = {
        "environment": "production",
        "s3_access_key": "a",
        "s3_secret_key": "b",
        "root_key_file": tmp_path,
        "signing_key_file": tmp_path,
    }
    assert Settings(**real, speke_url=URL).speke_url == URL
    with pytest.raises(ValueError, match="speke_url"):
        Settings(**real, speke_url="http://keys.example/")
