"""One typed settings object, read from the environment. Refuses development secrets outside development."""

from __future__ import annotations

import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only"  # noqa: S105 - refused in production below


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

    #: 32 random bytes, hex; wraps the tenants' keys.
    root_key_file: Path | None = None
    #: 32 random bytes, hex; signs playback tokens and media paths.
    signing_key_file: Path | None = None
    playback_ttl_seconds: int = Field(4 * 3600, ge=60, le=24 * 3600)
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

    max_source_bytes: int = 100 * 1024**3
    max_duration_seconds: float = 12 * 3600
    max_pixels: int = 8192 * 4320
    max_streams: int = 64

    log_format: Literal["json", "console"] = "json"
    log_level: str = "INFO"

    @model_validator(mode="after")
    def _refuse_development_secrets(self) -> Self:
        if self.environment != "production":
            return self
        weak = [
            name
            for name in ("s3_access_key", "s3_secret_key")
            if getattr(self, name).get_secret_value() == DEVELOPMENT_SECRET
        ]
        weak += [name for name in ("root_key_file", "signing_key_file") if getattr(self, name) is None]
        if weak:
            raise ValueError(f"production needs real values for: {', '.join(sorted(weak))}")
        return self


@lru_cache(maxsize=1)
def load_settings() -> Settings:
    """Read the environment once per process."""
    return Settings()
