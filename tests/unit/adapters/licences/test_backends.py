"""From settings to backends."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from Crypto.PublicKey import RSA
from pydantic import ValidationError

from core.adapters.licences.axinom import AxinomLicences
from core.adapters.licences.backends import open_licence_servers
from core.adapters.licences.fairplay.native import NativeFairPlay
from core.adapters.licences.fairplay.sidecar import FairPlaySidecar
from core.adapters.licences.playready_server import PlayReadyServer
from core.adapters.licences.widevine_google import GoogleWidevine
from core.domain.drm.challenge import KeySystem
from core.licence_settings import LicenceSettings
from core.ports import KeyUnavailable
from core.settings import Settings

AXINOM = {"axinom_key_id": "00000000-1111-4222-8333-444444444444", "axinom_key": base64.b64encode(b"k" * 32).decode()}
GOOGLE = {
    "widevine": "google",
    "widevine_url": "https://licence.test",
    "widevine_provider": "p",
    "widevine_signing_key": "00" * 32,
    "widevine_signing_iv": "00" * 16,
}


class Clock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@pytest.fixture
def credentials(tmp_path: Path) -> list[dict[str, str]]:
    names = {"certificate_file": b"DER", "ask_file": b"00" * 16}
    names["private_key_file"] = RSA.generate(1024).export_key()  # noqa: S505 - what version 1 uses
    for name, content in names.items():
        (tmp_path / name).write_bytes(content)
    return [{name: str(tmp_path / name) for name in names}]


async def kinds(**values: Any) -> dict[KeySystem, type]:
    async with open_licence_servers(LicenceSettings(**values), Clock()) as servers:
        return {system: type(backend) for system, backend in servers.backends.items()}


async def test_systems_are_served_as_configured(credentials: list[dict[str, str]]) -> None:
    assert await kinds() == {}
    assert await kinds(
        **GOOGLE,
        fairplay="native",
        fairplay_credentials=credentials,
        fairplay_derivation="tests.fixtures.fairplay_device:derivation_for_tests",
        playready="server",
        playready_url="https://playready.test",
    ) == {
        KeySystem.WIDEVINE: GoogleWidevine,
        KeySystem.FAIRPLAY: NativeFairPlay,
        KeySystem.PLAYREADY: PlayReadyServer,
    }
    urls = {f"{system}_url": "https://axinom.test" for system in ("widevine", "fairplay", "playready")}
    everywhere = {
        "widevine": "axinom",
        "fairplay": "axinom",
        "playready": "axinom",
        "fairplay_credentials": credentials,
    }
    assert set((await kinds(**AXINOM, **urls, **everywhere)).values()) == {AxinomLicences}
    sidecar = {"fairplay": "sidecar", "fairplay_url": "https://side.test", "fairplay_credentials": credentials}
    assert await kinds(**sidecar) == {KeySystem.FAIRPLAY: FairPlaySidecar}


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, credentials: list[dict[str, str]]) -> None:
    monkeypatch.setenv("SEALCAST_LICENCE_FAIRPLAY", "sidecar")
    monkeypatch.setenv("SEALCAST_LICENCE_FAIRPLAY_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SEALCAST_LICENCE_FAIRPLAY_CREDENTIALS", json.dumps(credentials))
    read = Settings().licences
    assert [str(one.certificate_file) for one in read.fairplay_credentials] == [credentials[0]["certificate_file"]]
    assert read.unfit_for_production == []


@pytest.mark.parametrize(
    ("values", "missing"),
    [
        ({"widevine": "google"}, "widevine_provider"),
        ({"widevine": "axinom", "widevine_url": "https://x"}, "axinom_key"),
        ({"fairplay": "native"}, "fairplay_derivation"),
        ({"fairplay": "sidecar"}, "fairplay_url"),
        ({"playready": "server"}, "playready_url"),
    ],
)
def test_what_is_missing_is_named(values: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        LicenceSettings(**values)


async def test_keys_that_are_none_are_refused_without_being_shown() -> None:
    for values in (
        GOOGLE | {"widevine_signing_key": "canary"},
        GOOGLE | {"widevine_signing_iv": "00"},
        AXINOM | {"playready": "axinom", "playready_url": "https://x", "axinom_key": "Y2FuYXJ5"},
        AXINOM | {"playready": "axinom", "playready_url": "https://x", "axinom_key": "canary!"},
    ):
        with pytest.raises(KeyUnavailable) as refused:
            await kinds(**values)
        assert "canary" not in str(refused.value)
    assert "00" * 16 not in repr(LicenceSettings(**GOOGLE))


def test_production_refuses_private_callbacks_and_plain_licence_services(tmp_path: Path) -> None:
    good = {
        "environment": "production",
        "s3_access_key": "a",
        "s3_secret_key": "b",
        "root_key_file": tmp_path,
        "signing_key_file": tmp_path,
    }
    Settings(**good, licences=LicenceSettings(**GOOGLE))
    for licences, name in (
        (LicenceSettings(callback_private_addresses=True), "callback_private_addresses"),
        (LicenceSettings(**GOOGLE | {"widevine_url": "http://licence.test"}), "widevine_url"),
    ):
        with pytest.raises(ValidationError, match=name):
            Settings(**good, licences=licences)
