"""Who makes licences of each system, read from the environment. Unset systems answer that they are not configured."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class FairPlayCredential(BaseModel):
    """Files of one certificate: the certificate in DER, its RSA key in PEM, and the application secret key in hex."""

    certificate_file: Path
    private_key_file: Path | None = None
    ask_file: Path | None = None


class LicenceSettings(BaseSettings):
    """Names begin with SEALCAST_LICENCE_. Secrets are hex or base64, as their issuers print them."""

    model_config = SettingsConfigDict(env_prefix="SEALCAST_LICENCE_", extra="ignore")

    #: Bounds each exchange with a licence service.
    timeout_seconds: float = Field(5.0, gt=0, le=30)

    widevine: Literal["google", "axinom"] | None = None
    widevine_url: str = ""
    widevine_provider: str = ""
    #: Hex; assigned by Google together with the provider's name.
    widevine_signing_key: SecretStr = SecretStr("")
    widevine_signing_iv: SecretStr = SecretStr("")

    fairplay: Literal["native", "sidecar", "axinom"] | None = None
    fairplay_url: str = ""
    #: JSON list; the first one's certificate is handed to players, the others still open what they send.
    fairplay_credentials: tuple[FairPlayCredential, ...] = ()
    #: `package.module:function` or `/path/file.py:function`, taking (ask, r2) to 16 bytes.
    fairplay_derivation: str = ""
    #: What a FairPlay device is credited with, 1 to 5, because its requests do not say.
    fairplay_security_level: int = Field(2, ge=1, le=5)

    playready: Literal["server", "axinom"] | None = None
    playready_url: str = ""

    axinom_key_id: UUID | None = None
    #: Base64 of 32 bytes: the communication key.
    axinom_key: SecretStr = SecretStr("")

    callback_seconds: float = Field(3.0, gt=0, le=10)
    #: For development only: lets callbacks be plain http, and to private addresses.
    callback_private_addresses: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name, value in self._needed() if not value]
        if missing:
            raise ValueError(f"licences need values for: {', '.join(sorted(missing))}")
        return self

    @property
    def unfit_for_production(self) -> list[str]:
        """Names of settings that must not be as they are: content keys travel to these addresses."""
        urls = ("widevine_url", "fairplay_url", "playready_url")
        unfit = [name for name in urls if _is_plain(getattr(self, name))]
        return [*unfit, "callback_private_addresses"] if self.callback_private_addresses else unfit

    def _needed(self) -> list[tuple[str, object]]:
        needed: list[tuple[str, object]] = []
        if self.widevine is not None:
            needed.append(("widevine_url", self.widevine_url))
        if self.widevine == "google":
            needed += [
                ("widevine_provider", self.widevine_provider),
                ("widevine_signing_key", self.widevine_signing_key.get_secret_value()),
                ("widevine_signing_iv", self.widevine_signing_iv.get_secret_value()),
            ]
        if self.fairplay is not None:
            needed.append(("fairplay_credentials", self.fairplay_credentials))
        if self.fairplay in ("sidecar", "axinom"):
            needed.append(("fairplay_url", self.fairplay_url))
        if self.fairplay == "native":
            needed.append(("fairplay_derivation", self.fairplay_derivation))
        if self.playready is not None:
            needed.append(("playready_url", self.playready_url))
        if "axinom" in (self.widevine, self.fairplay, self.playready):
            needed += [("axinom_key_id", self.axinom_key_id), ("axinom_key", self.axinom_key.get_secret_value())]
        return needed


def _is_plain(url: str) -> bool:
    """http beyond this host."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "::1", "localhost")
