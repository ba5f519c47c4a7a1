"""Forms that let a browser send one object to the store: the POST policy of S3, Signature Version 4.

S3 API reference, "Browser-based uploads using POST". Signed here, without asking the store. boto3 signs it, because
`minio` allows no prefix condition for `success_action_status`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import Any

import boto3
from botocore.config import Config

from core.ports import PostForm
from core.settings import Settings

_CONFIG = Config(signature_version="s3v4", s3={"addressing_style": "path"})


class FormSigner:
    """For the endpoint that people outside reach."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def form(self, key: str, most_bytes: int, expires: timedelta) -> PostForm:
        """For one object of at most `most_bytes`. The client chooses only how the store is to answer."""
        signed = self._client.generate_presigned_post(
            self._settings.s3_bucket,
            key,
            Conditions=[
                ["starts-with", "$success_action_status", ""],
                ["starts-with", "$success_action_redirect", ""],
                ["content-length-range", 0, most_bytes],
            ],
            ExpiresIn=int(expires.total_seconds()),
        )
        return PostForm(str(signed["url"]), {str(name): str(value) for name, value in signed["fields"].items()})

    @cached_property
    def _client(self) -> Any:
        """Made when it is first needed: it takes a third of a second, and workers never need it."""
        return boto3.session.Session().client(
            "s3",
            region_name=self._settings.s3_region,
            endpoint_url=self._settings.s3_public_endpoint or self._settings.s3_endpoint,
            aws_access_key_id=self._settings.s3_access_key.get_secret_value(),
            aws_secret_access_key=self._settings.s3_secret_key.get_secret_value(),
            config=_CONFIG,
        )
