"""SPEKE with encrypted content keys: what openssl and PyCryptodome make of our documents."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fixtures.api_site import ApiSite
from tests.fixtures.cpix_recipient import Recipient, make_certificate
from tests.fixtures.speke_documents import CPIX, PSKC, Answer, Ask, contract, post

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def _after_the_certificates(site: ApiSite) -> None:
    """openssl dates certificates by the second it makes them, when the site's clock stands still already."""
    site.clock.ahead = timedelta(hours=1)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
async def test_each_recipient_reads_the_keys_that_would_have_come_in_the_clear(
    site: ApiSite, tmp_path: Path, version: str
) -> None:
    tenant = await site.tenant()
    recipients = [Recipient.make(tmp_path / name) for name in ("one", "two")]
    ask = Ask(contract("PRESET-VIDEO-5", "PRESET-AUDIO-3"), version=version)
    clear = Answer.read((await post(site, tenant, ask.document(), version)).content).keys()
    certificates = tuple(recipient.certificate for recipient in recipients)
    answer = await post(site, tenant, ask.but(certificates=certificates).document(), version)
    assert answer.status_code == 200, answer.text
    root = Answer.read(answer.content).root
    assert [recipient.keys(root) for recipient in recipients] == [clear, clear]
    for key in clear.values():
        assert base64.b64encode(key) not in answer.content
        assert key.hex().encode() not in answer.content
    again = await post(site, tenant, ask.but(certificates=certificates).document(), version)
    values = [set(_values(each.content)) for each in (answer, again)]
    assert not values[0] & values[1], "nothing of a cipher is used twice"


def _values(document: bytes) -> list[str]:
    return ["".join(element.itertext()) for element in Answer.read(document).root.iter(f"{PSKC}EncryptedValue")]


async def test_ids_of_recipients_and_their_certificates_come_back(site: ApiSite, tmp_path: Path) -> None:
    recipient = Recipient.make(tmp_path)
    ask = Ask(contract("SHARED", "SHARED"), certificates=(recipient.certificate,))
    root = Answer.read((await post(site, await site.tenant(), ask.document())).content).root
    [delivery] = root.findall(f"{CPIX}DeliveryDataList/{CPIX}DeliveryData")
    assert delivery.get("id") == "origin-0"
    assert [child.tag for child in delivery] == [f"{CPIX}{n}" for n in ("DeliveryKey", "DocumentKey", "MACMethod")]


@pytest.mark.parametrize("key", [("rsa:1024",), ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")])
async def test_a_certificate_that_protects_too_little_is_refused(
    site: ApiSite, tmp_path: Path, key: tuple[str, ...]
) -> None:
    _, certificate = make_certificate(tmp_path, *key)
    ask = Ask(contract("SHARED", "SHARED"), certificates=(certificate,))
    answer = await post(site, await site.tenant(), ask.document())
    assert (answer.status_code, answer.text) == (422, "The X509Certificate needs an RSA key of 2048 to 8192 bits")


async def test_a_certificate_out_of_date_is_refused(site: ApiSite, tmp_path: Path) -> None:
    tenant = await site.tenant()
    ask = Ask(contract("SHARED", "SHARED"), certificates=(Recipient.make(tmp_path).certificate,))
    for days in (3, -3):
        site.clock.ahead = timedelta(days=days)
        answer = await post(site, tenant, ask.document())
        assert (answer.status_code, answer.text) == (422, "The X509Certificate is not valid now")


@pytest.mark.parametrize(
    ("certificates", "message"),
    [
        (("%",), "Malformed X509Certificate"),
        (("AAAA",), "Malformed X509Certificate"),
        (("",), "Malformed X509Certificate"),
        (("AAAA",) * 9, "More than 8 DeliveryData elements"),
    ],
)
async def test_what_is_no_certificate_is_refused(site: ApiSite, certificates: tuple[str, ...], message: str) -> None:
    ask = Ask(contract("SHARED", "SHARED"), certificates=certificates)
    answer = await post(site, await site.tenant(), ask.document())
    assert (answer.status_code, answer.text) == (422, message)
