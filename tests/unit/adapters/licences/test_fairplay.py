"""FairPlay version 1 against a device of our own (tests/fixtures/fairplay_device.py), and the side-car's contract."""

from __future__ import annotations

import base64
import importlib
import json
import os
import struct
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from Crypto.PublicKey import RSA
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.adapters.licences.fairplay.credentials import Credential, load_credentials
from core.adapters.licences.fairplay.derivation import load_derivation
from core.adapters.licences.fairplay.native import NativeFairPlay
from core.adapters.licences.fairplay.sidecar import FairPlaySidecar
from core.adapters.licences.fairplay.spc import open_spc
from core.adapters.licences.http_exchange import LicenceService
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.content_key import ContentKey
from core.domain.drm.levels import SecurityLevel
from core.domain.drm.licence_decision import DeviceCapabilities
from core.domain.errors import DomainError, Forbidden, InvalidInput, NotFound, Unavailable
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.licence_settings import FairPlayCredential
from core.ports import KeyUnavailable
from tests.fixtures.fairplay_device import (
    ASK,
    CERTIFICATE,
    DURATION,
    HDCP,
    R1,
    TAGS,
    FairPlayDevice,
    derivation_for_tests,
    tllv,
)
from tests.fixtures.licence_orders import HD, KEYS, SD, grant, order
from tests.fixtures.licence_services import SidecarDouble

CREDITED = DeviceCapabilities(SecurityLevel.SW_DECODE)


@pytest.fixture(scope="module")
def rsa() -> RSA.RsaKey:
    return RSA.generate(1024)  # noqa: S505 - what version 1 uses


@pytest.fixture(scope="module")
def credential(rsa: RSA.RsaKey) -> Credential:
    key = load_pem_private_key(rsa.export_key(), password=None)
    return Credential(CERTIFICATE, key, ASK)  # type: ignore[arg-type]


@pytest.fixture
def device(rsa: RSA.RsaKey) -> FairPlayDevice:
    return FairPlayDevice(rsa, f"skd://{SD}".encode())


@pytest.fixture
def backend(credential: Credential) -> NativeFairPlay:
    return NativeFairPlay((Credential(b"an older certificate"), credential), derivation_for_tests, CREDITED)


@pytest.mark.parametrize(
    "asset",
    [
        SD,
        f"skd://{SD}",
        "skd://0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a",
        f"skd://{SD.upper()}:{'0' * 32}",
        f"skd://{base64.b64encode(bytes.fromhex(SD)).decode()}",
    ],
)
async def test_a_device_gets_the_key_and_the_iv_of_its_asset(
    backend: NativeFairPlay, device: FairPlayDevice, asset: str
) -> None:
    device.asset = asset.encode()
    inspected = await backend.inspect(Challenge(KeySystem.FAIRPLAY, device.spc()), device=False)
    assert (inspected.kids, inspected.device.capabilities) == (frozenset({SD}), CREDITED)
    issued = await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), grant(SD)))
    assert device.content_key(issued.body) == (KEYS[SD].iv, KEYS[SD].key)
    values = device.read(issued.body)
    assert values[R1] == device.r1
    assert (values[TAGS["transaction"]], values[TAGS["asset"]]) == (device.transaction, device.asset)


async def test_the_terms_are_in_the_context(backend: NativeFairPlay, device: FairPlayDevice) -> None:
    issued = await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), grant(SD)))
    values = device.read(issued.body)
    assert struct.unpack(">IIII", values[DURATION]) == (3600, 0, 0x1A4BDE7E, 0x86D34A3A)
    assert values[HDCP].hex() == "ef72894ca7895b78"
    device.asset = HD.encode()
    issued = await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), grant(HD, persistent=True)))
    values = device.read(issued.body)
    assert struct.unpack(">IIII", values[DURATION]) == (0, 3600, 0x18F06048, 0x86D34A3A)
    assert values[HDCP].hex() == "285a0863bba8e1d3"


async def test_two_contexts_of_one_request_have_nothing_in_common(
    backend: NativeFairPlay, device: FairPlayDevice
) -> None:
    bodies = [(await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), grant(SD)))).body for _ in range(2)]
    assert bodies[0][8:24] != bodies[1][8:24]
    assert bodies[0][28:44] != bodies[1][28:44]


async def test_a_key_that_was_not_granted_is_refused(backend: NativeFairPlay, device: FairPlayDevice) -> None:
    with pytest.raises(Forbidden) as refused:
        await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), grant(HD)))
    assert refused.value.code == "KEYS_REFUSED"
    with pytest.raises(NotFound):
        await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), None))


async def test_cenc_is_refused(backend: NativeFairPlay, device: FairPlayDevice) -> None:
    cenc = {SD: ContentKey(SD, KeyLabel.SD, ProtectionScheme.CENC, b"k" * 16)}
    with pytest.raises(Forbidden) as refused:
        await backend.issue(replace(order(KeySystem.FAIRPLAY, device.spc(), grant(SD)), keys=cenc))
    assert refused.value.code == "SYSTEM_UNSUPPORTED"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda device: device.spc()[:-1],
        lambda device: device.spc()[:176],
        lambda device: device.spc() + b"\0" * 16,
        lambda device: b"\0" * 10,
        lambda device: b"\0" * 1_000_000,
        lambda device: replace(device, version=2).spc(),
        lambda device: replace(device, certificate=b"another").spc(),
        lambda device: replace(device, certificate=b"an older certificate").spc(),
        lambda device: device.spc()[:24] + b"\1" * 128 + device.spc()[152:],
        lambda device: device.wrap(b"", declared=0),
        lambda device: device.wrap(b"\0" * 15 + b"\1", declared=17),
        lambda device: device.wrap(b"\xff" * 64),
        lambda device: device.wrap(tllv(TAGS["asset"], SD.encode()) * 2),
        lambda device: device.wrap(b"".join(tllv(n, b"") for n in range(80))),
        lambda device: replace(device, changes={"integrity": b"X" * 16}).spc(),
        lambda device: replace(device, changes={"integrity": b"I"}).spc(),
        lambda device: replace(device, changes={"sk_r1": b"V" * 111}).spc(),
        lambda device: replace(device, changes={"seed": b""}).spc(),
        lambda device: replace(device, changes={"return": b"\1" * 8}).spc(),
        lambda device: replace(device, changes={"return": b"\1" * 7}).spc(),
        lambda device: replace(device, asset=b"").spc(),
        lambda device: replace(device, asset=b"\xff" * 40).spc(),
        lambda device: replace(device, asset=b"skd://film").spc(),
        lambda device: replace(device, r2=b"changed", changes={"sk_r1": device.values()["sk_r1"]}).spc(),
    ],
    ids=range(24),
)
async def test_spoilt_requests_are_refused_by_code(
    backend: NativeFairPlay, device: FairPlayDevice, spoil: object
) -> None:
    body = spoil(device)  # type: ignore[operator]
    with pytest.raises(InvalidInput) as refused:
        await backend.issue(order(KeySystem.FAIRPLAY, body, grant(SD)))
    assert refused.value.code == "CHALLENGE_INVALID"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(data=st.binary(max_size=160))
def test_whatever_is_inside_is_read_or_refused(credential: Credential, device: FairPlayDevice, data: bytes) -> None:
    padded = data + b"\0" * (-len(data) % 16)
    try:
        open_spc(device.wrap(padded), (credential,))
    except InvalidInput as refused:
        assert refused.code == "CHALLENGE_INVALID"  # noqa: PT017 - most draws are refused, some are not


async def test_a_derivation_that_gives_no_key_is_an_outage(credential: Credential, device: FairPlayDevice) -> None:
    backend = NativeFairPlay((credential,), lambda ask, r2: b"", CREDITED)
    with pytest.raises(Unavailable):
        await backend.issue(order(KeySystem.FAIRPLAY, device.spc(), grant(SD)))


# Credentials and the plug-in


def test_credentials_are_read_from_files_and_do_not_show_themselves(tmp_path: Path, rsa: RSA.RsaKey) -> None:
    paths = {name: tmp_path / name for name in ("certificate", "key", "ask")}
    paths["certificate"].write_bytes(CERTIFICATE)
    paths["key"].write_bytes(rsa.export_key())
    paths["ask"].write_text(ASK.hex() + "\n")
    files = FairPlayCredential(
        certificate_file=paths["certificate"], private_key_file=paths["key"], ask_file=paths["ask"]
    )
    [read] = load_credentials((files,), native=True)
    assert (read.certificate, read.ask) == (CERTIFICATE, ASK)
    assert ASK.hex() not in repr(read)
    assert "RSA" not in repr(read)
    with pytest.raises(KeyUnavailable, match="native FairPlay needs"):
        load_credentials((FairPlayCredential(certificate_file=paths["certificate"]),), native=True)
    for spoilt, text in (("ask", "0011"), ("ask", "xx" * 16), ("key", "no key"), ("key", "")):
        kept = paths[spoilt].read_bytes()
        paths[spoilt].write_text(text)
        with pytest.raises(KeyUnavailable) as refused:
            load_credentials((files,), native=True)
        assert text == "" or text not in str(refused.value)
        paths[spoilt].write_bytes(kept)
    with pytest.raises(KeyUnavailable, match="cannot read"):
        load_credentials((FairPlayCredential(certificate_file=tmp_path / "none"),), native=False)


def test_the_derivation_is_found_by_module_and_by_file(tmp_path: Path) -> None:
    place = tmp_path / "secret_derivation.py"
    place.write_text("def derive(ask, r2):\n    return bytes(16)\nnot_callable = 1\n")
    assert load_derivation(f"{place}:derive")(b"", b"") == bytes(16)
    found = load_derivation("tests.fixtures.fairplay_device:derivation_for_tests")
    assert found is importlib.import_module("tests.fixtures.fairplay_device").derivation_for_tests
    for bad in ("", ":", "no.such.module:x", f"{place}:missing", f"{place}:not_callable", f"{tmp_path}/none.py:x"):
        with pytest.raises(KeyUnavailable):
            load_derivation(bad)


# The side-car


async def test_the_sidecar_gets_the_keys_and_the_terms() -> None:
    sidecar = SidecarDouble()
    async with sidecar.client() as client:
        backend = FairPlaySidecar(LicenceService(client, "FairPlay", sidecar.url, seconds=1), b"DER", CREDITED)
        issued = await backend.issue(order(KeySystem.FAIRPLAY, b"\0\0\0\2 some SPC", grant()))
        assert await backend.certificate() == b"DER"
        assert (await backend.inspect(Challenge(KeySystem.FAIRPLAY, b""), device=True)).device.capabilities == CREDITED
        assert issued.body == b"ckc for \0\0\0\2 som"
        assert (issued.device.device_id, issued.device.model) == ("A-1", "TV")
        [asked] = sidecar.requests
        assert [(key["kid"], key["type"], key["lease"], key["hdcp"]) for key in asked["keys"]] == [
            (SD, "LEASE", 3600, "NOT_REQUIRED"),
            (HD, "LEASE", 3600, "TYPE_1"),
        ]
        sidecar.trouble = [lambda _: httpx.Response(200, json={"ckc": 5})]
        with pytest.raises(DomainError) as failed:
            await backend.issue(order(KeySystem.FAIRPLAY, b"\0", grant()))
        assert failed.value.code == "LICENCE_SERVICE_FAILED"
    assert sidecar.refusals == []


# Vectors from elsewhere


def check_vectors(place: Path) -> None:
    """A directory with vectors.json: {derivation, vectors: [{spc, asset, certificate, private_key, ask}]}.

    Files are named relative to it, the derivation as `file.py:function`.
    """
    described = json.loads((place / "vectors.json").read_text())
    derive = load_derivation(f"{place / described['derivation']}")
    assert described["vectors"]
    for vector in described["vectors"]:
        files = FairPlayCredential(
            certificate_file=place / vector["certificate"],
            private_key_file=place / vector["private_key"],
            ask_file=place / vector["ask"],
        )
        spc = open_spc((place / vector["spc"]).read_bytes(), load_credentials((files,), native=True))
        assert spc.values[TAGS["asset"]].decode() == vector["asset"]
        spc.secrets(derive)


def test_vectors_that_an_operator_has_decode() -> None:
    """Apple's vectors may not be passed on, so that none are here."""
    directory = os.environ.get("SEALCAST_TEST_FAIRPLAY_VECTORS")
    if not directory:
        pytest.skip("SEALCAST_TEST_FAIRPLAY_VECTORS names no directory with FairPlay vectors")
    check_vectors(Path(directory))


def test_vectors_are_really_checked(tmp_path: Path, rsa: RSA.RsaKey, device: FairPlayDevice) -> None:
    """With a set of our own: the check passes what is right and fails what is not."""
    (tmp_path / "derive.py").write_text("from tests.fixtures.fairplay_device import derivation_for_tests as d\n")
    for name, content in (("c", CERTIFICATE), ("k", rsa.export_key()), ("a", ASK.hex().encode()), ("s", device.spc())):
        (tmp_path / name).write_bytes(content)
    vector = {"spc": "s", "asset": device.asset.decode(), "certificate": "c", "private_key": "k", "ask": "a"}
    (tmp_path / "vectors.json").write_text(json.dumps({"derivation": "derive.py:d", "vectors": [vector]}))
    check_vectors(tmp_path)
    (tmp_path / "a").write_text("00" * 16)
    with pytest.raises(InvalidInput, match="not a licence request"):
        check_vectors(tmp_path)
