"""The root key that the settings name, with those that still open what was wrapped before a rotation."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from core.adapters.aws_kms import AwsKms
from core.adapters.local_root_key import LocalRootKey
from core.adapters.root_keyring import RootKeyring
from core.adapters.tenant_key_cache import TenantKeyCache
from core.adapters.vault_transit import VaultLogin, VaultTransit
from core.ports import KeyUnavailable, RootKeyVault
from core.settings import Settings

T = TypeVar("T")


def open_root_key(settings: Settings) -> RootKeyVault:
    """Raises KeyUnavailable, naming what is not set, when the provider cannot be used at all. Calls nobody yet."""
    current = _provider(settings, settings.root_key_provider, _configured(settings))
    ring = RootKeyring(current, [_other(settings, name) for name in settings.other_root_keys])
    providers = {settings.root_key_provider, *(name.partition(":")[0] for name in settings.other_root_keys)}
    if providers == {"file"} or settings.tenant_key_cache_seconds == 0:
        return ring
    return TenantKeyCache(ring, settings.tenant_key_cache_seconds)


def _configured(settings: Settings) -> str:
    if settings.root_key_provider == "vault":
        return _needed("SEALCAST_VAULT_TRANSIT_KEY", settings.vault_transit_key)
    if settings.root_key_provider == "aws_kms":
        return _needed("SEALCAST_AWS_KMS_KEY", settings.aws_kms_key)
    return str(_needed("SEALCAST_ROOT_KEY_FILE", settings.root_key_file))


def _other(settings: Settings, name: str) -> RootKeyVault:
    provider, _, key = name.partition(":")
    if not key:
        raise KeyUnavailable("SEALCAST_OTHER_ROOT_KEYS lists `file:<path>`, `vault:<key>` or `aws_kms:<key>`")
    return _provider(settings, provider, key)


def _provider(settings: Settings, provider: str, key: str) -> RootKeyVault:
    if provider == "file":
        return LocalRootKey.from_file(Path(key))
    if provider == "vault":
        return _vault(settings, key)
    if provider == "aws_kms":
        region = _needed("SEALCAST_AWS_KMS_REGION", settings.aws_kms_region)
        return AwsKms(key, region, endpoint=settings.aws_kms_endpoint)
    raise KeyUnavailable(f"there is no provider of root keys named {provider}; use file, vault or aws_kms")


def _vault(settings: Settings, key: str) -> VaultTransit:
    if settings.vault_role_id is None:
        login = VaultLogin(token_file=_needed("SEALCAST_VAULT_TOKEN_FILE", settings.vault_token_file))
    else:
        secret_id = _needed("SEALCAST_VAULT_SECRET_ID_FILE", settings.vault_secret_id_file)
        login = VaultLogin(role_id=settings.vault_role_id, secret_id_file=secret_id)
    address = _needed("SEALCAST_VAULT_ADDRESS", settings.vault_address)
    return VaultTransit(address, key, login, mount=settings.vault_transit_mount, namespace=settings.vault_namespace)


def _needed(name: str, value: T | None) -> T:
    if value is None or value == "":
        raise KeyUnavailable(f"{name} is not set, and the root key cannot be reached without it")
    return value
