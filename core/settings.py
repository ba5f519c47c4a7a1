"""One typed settings object, read from the environment. Refuses development secrets outside development."""

from __future__ import annotations

import os
import re
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, IPvAnyNetwork, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from core.import_settings import ImportSettings
from core.licence_settings import LicenceSettings

DEVELOPMENT_SECRET = "development-only"  # noqa: S105 - refused in production below

#: A source of CSP's frame-ancestors. No comma and no semicolon, so that nothing else gets into the policy.
_ANCESTOR = re.compile(
    r"(?!(?:self|none)\Z)(?:'self'|\*|https?:|(https?://)?(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:(\d{1,5}|\*))?)",
    re.ASCII,
)


class Settings(BaseSettings):
    """The five servers are named by the usual variables (DATABASE_URL, ...); the rest begins with SEALCAST_."""

    model_config = SettingsConfigDict(env_prefix="SEALCAST_", extra="ignore", populate_by_name=True)

    environment: Literal["development", "production"] = "development"

    database_url: str = Field("postgresql+psycopg://postgres@127.0.0.1:5432/sealcast", validation_alias="DATABASE_URL")
    temporal_address: str = Field("127.0.0.1:7233", validation_alias="TEMPORAL_ADDRESS")
    temporal_namespace: str = "sealcast"
    clickhouse_url: str = Field("http://127.0.0.1:8123", validation_alias="CLICKHOUSE_URL")
    redis_url: str = Field("redis://127.0.0.1:6379/0", validation_alias="REDIS_URL")

    s3_endpoint: str = Field("http://127.0.0.1:9000", validation_alias="S3_ENDPOINT")
    #: How uploaders outside reach the store, when that is not `s3_endpoint`.
    s3_public_endpoint: str | None = Field(None, validation_alias="S3_PUBLIC_ENDPOINT")
    s3_region: str = Field("us-east-1", validation_alias="S3_REGION")
    s3_bucket: str = Field("sealcast", validation_alias="S3_BUCKET")
    s3_access_key: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), validation_alias="S3_ACCESS_KEY")
    s3_secret_key: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), validation_alias="S3_SECRET_KEY")

    api_host: str = "127.0.0.1"
    api_port: int = 8000
    #: The address players and uploaders use, without a trailing slash.
    public_url: str = "http://127.0.0.1:8000"

    #: The operator's certificate chain and its key (PEM), for an API that serves TLS itself. A renewal is noticed.
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    #: What `GET /api/site/homepage_video` lets anybody play, by its id; unset means nothing.
    demo_video: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")
    #: Of the usage report: two as VdoCipher documents it, or four as one of its clients reads it.
    usage_columns: Literal[2, 4] = 2

    #: Whose pages may embed the player page: sources as in CSP's frame-ancestors, separated by spaces.
    frame_ancestors: str = "'self'"

    #: Who holds the root key, which wraps the tenants' keys; the settings of that provider follow.
    root_key_provider: Literal["file", "vault", "aws_kms"] = "file"
    #: Root keys that still open but no longer wrap: `file:<path>`, `vault:<key>` or `aws_kms:<key>`, as a JSON list.
    other_root_keys: tuple[str, ...] = ()
    #: How long a tenant key from Vault or AWS KMS stays in memory.
    tenant_key_cache_seconds: float = Field(60.0, ge=0, le=3600)
    #: 32 random bytes, hex.
    root_key_file: Path | None = None
    vault_address: str | None = None
    vault_namespace: str | None = None
    vault_transit_mount: str = "transit"
    vault_transit_key: str | None = None
    #: Either a file that holds a token, or an AppRole: its role id, and a file that holds a secret id.
    vault_token_file: Path | None = None
    vault_role_id: str | None = None
    vault_secret_id_file: Path | None = None
    aws_kms_key: str | None = None
    aws_kms_region: str | None = None
    aws_kms_endpoint: str | None = None
    #: 32 random bytes, hex; signs playback tokens and media paths.
    signing_key_file: Path | None = None
    #: A key service that speaks SPEKE, as the source of new videos' keys; unset means that we draw them.
    speke_url: str | None = None
    speke_username: str = ""
    speke_password: SecretStr = SecretStr("")
    speke_version: Literal["2.0", "2.1"] = "2.0"
    playback_ttl_seconds: int = Field(4 * 3600, ge=60, le=24 * 3600)
    #: A revoked API key works this much longer: what it was good for is remembered so long.
    api_key_cache_seconds: float = Field(5.0, ge=0, le=30)
    #: Where links in mails lead, without a trailing slash; `public_url` when unset.
    dashboard_url: str | None = None
    #: The mail server for invitations and new passwords; without one, and without an outbox, those are refused.
    smtp_host: str | None = None
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "sealcast@localhost"
    #: For development: letters become files in this directory.
    mail_outbox: Path | None = None
    #: A MaxMind-format database (.mmdb) with countries; without one, OTPs with rules on countries are refused.
    geoip_database: Path | None = None
    #: Networks of our own proxies, comma-separated: only they may say in X-Forwarded-For who the client is.
    trusted_proxies: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    #: How often players say that they play, and how long after that a stream keeps its place all the same.
    heartbeat_seconds: int = Field(10, ge=2, le=300)
    heartbeat_grace_seconds: int = Field(20, ge=2, le=600)
    #: A heartbeat reaches the database at most this often; between, the lease store alone knows of it.
    heartbeat_record_seconds: int = Field(60, ge=0, le=3600)
    #: Media are served this long while the database cannot say which sessions were ended.
    ended_sessions_outage_seconds: int = Field(60, ge=5, le=24 * 3600)
    #: Private networks that addresses given by customers (imports, webhooks) may lead to, comma-separated.
    egress_allow_networks: Annotated[tuple[IPvAnyNetwork, ...], NoDecode] = ()
    #: The only ports that such addresses may name, comma-separated.
    egress_ports: Annotated[tuple[int, ...], NoDecode] = (21, 80, 443, 8080, 8443)
    #: Bytes of originals that one organisation may hold, with what it has announced; None is no limit.
    max_stored_bytes: int | None = Field(None, ge=0)
    #: What the object store proves itself by when it notifies us of uploads; unset refuses all notifications.
    storage_events_secret: SecretStr | None = None
    #: Forms of upload credentials go through the API, for stores that answer an empty redirect as Ceph does.
    relay_forms: bool = False
    #: How long an unfinished resumable upload is kept.
    resumable_ttl_seconds: int = Field(3 * 24 * 3600, ge=60, le=7 * 24 * 3600)
    #: Requests of resumable uploads at once in one process; each holds at most three parts in memory.
    upload_slots: int = Field(16, ge=1, le=256)
    upload_url_ttl_seconds: int = Field(12 * 3600, ge=60, le=7 * 24 * 3600)

    #: Where media work happens; each job gets a private directory below it.
    scratch_dir: Path = Path(tempfile.gettempdir()) / "sealcast-scratch"
    source_cache_bytes: int = 20 * 1024**3
    #: ffmpeg jobs at once on this host; each encoder uses one thread.
    media_slots: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1)
    encoder_preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow"] = "veryfast"
    protection_scheme: Literal["cbcs", "cenc", "aes128"] = "cbcs"
    stall_seconds: float = 60.0

    #: host:port or a UNIX socket's path; unset means that uploads are marked "not scanned".
    clamd_address: str | None = None

    imports: ImportSettings = Field(default_factory=ImportSettings)
    licences: LicenceSettings = Field(default_factory=LicenceSettings)

    max_source_bytes: int = 100 * 1024**3
    max_duration_seconds: float = 12 * 3600
    max_pixels: int = 8192 * 4320
    max_streams: int = 64

    log_format: Literal["json", "console"] = "json"
    log_level: str = "INFO"

    @field_validator("trusted_proxies", "egress_allow_networks", "egress_ports", mode="before")
    @classmethod
    def _comma_separated(cls, given: object) -> object:
        return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given

    @field_validator("frame_ancestors")
    @classmethod
    def _sources(cls, given: str) -> str:
        sources = given.split()
        if sources != ["'none'"] and not (sources and all(_ANCESTOR.fullmatch(source) for source in sources)):
            raise ValueError("must be 'none', or 'self' and origins such as https://*.example.com, with spaces")
        return " ".join(sources)

    @model_validator(mode="after")
    def _both_for_tls(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("TLS needs both tls_certificate and tls_key")
        return self

    @model_validator(mode="after")
    def _refuse_development_secrets(self) -> Self:
        if self.environment != "production":
            return self
        weak = [
            name
            for name in ("s3_access_key", "s3_secret_key")
            if getattr(self, name).get_secret_value() == DEVELOPMENT_SECRET
        ]
        weak += self.licences.unfit_for_production
        weak += ["mail_outbox (unset it, and set smtp_host)"] if self.mail_outbox is not None else []
        weak += [name for name in ("signing_key_file", *self._root_key_settings()) if getattr(self, name) is None]
        if self.speke_url is not None and not self.speke_url.startswith("https://"):
            weak.append("speke_url (https)")
        if weak:
            raise ValueError(f"production needs real values for: {', '.join(sorted(weak))}")
        if self.vault_address is not None and not self.vault_address.startswith("https://"):
            raise ValueError("production needs an https address of Vault: keys travel over it")
        return self

    def _root_key_settings(self) -> tuple[str, ...]:
        """What the provider of the root key cannot do without."""
        login = "vault_token_file" if self.vault_role_id is None else "vault_secret_id_file"
        return {
            "file": ("root_key_file",),
            "vault": ("vault_address", "vault_transit_key", login),
            "aws_kms": ("aws_kms_key", "aws_kms_region"),
        }[self.root_key_provider]


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Read the environment once per process."""
    return Settings()
