"""How videos may be imported from addresses, read from the environment."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class ImportSettings(BaseSettings):
    """Names begin with SEALCAST_IMPORT_. Without an S3 endpoint, nothing is imported from S3."""

    model_config = SettingsConfigDict(env_prefix="SEALCAST_IMPORT_", extra="ignore")

    #: Of a whole import, over all tries.
    longest_seconds: int = Field(24 * 3600, ge=60, le=47 * 3600)
    #: How long nothing may come of an import before it has failed.
    patience_seconds: int = Field(15 * 60, ge=1, le=24 * 3600)
    least_bytes_per_second: int = Field(10_000, ge=0)

    s3_endpoint: str | None = None
    s3_region: str = "us-east-1"
    s3_access_key: SecretStr = SecretStr("")
    s3_secret_key: SecretStr = SecretStr("")
    #: Which organisation may import from which bucket: `<organisation id>/<bucket>`, or `*/<bucket>`, comma-separated.
    s3_buckets: Annotated[tuple[str, ...], NoDecode] = ()

    @field_validator("s3_buckets", mode="before")
    @classmethod
    def _comma_separated(cls, given: object) -> object:
        return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given

    @field_validator("s3_buckets")
    @classmethod
    def _pairs(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if not all(pair.count("/") == 1 and all(pair.split("/")) for pair in given):
            raise ValueError("each is <organisation id>/<bucket> or */<bucket>")
        return given

    @model_validator(mode="after")
    def _with_credentials(self) -> Self:
        named = self.s3_access_key.get_secret_value() and self.s3_secret_key.get_secret_value()
        if self.s3_endpoint is not None and not named:
            raise ValueError("imports from S3 need s3_access_key and s3_secret_key")
        return self
