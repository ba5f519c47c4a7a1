"""A root key in AWS KMS: a symmetric key (SYMMETRIC_DEFAULT) behind the actions Encrypt and Decrypt.

The context goes along as encryption context, which KMS binds and writes to CloudTrail: ids, never secrets. Wrapped
form: KMS's CiphertextBlob. Credentials are found the way every AWS tool finds them (environment, profile, role).
"""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from core.ports import KeyServiceUnavailable, KeyUnavailable

_CONFIG = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})

_DOES_NOT_OPEN = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
"""Said of the ciphertext. All else is about the service, the key's state or our rights, which somebody will mend."""


class AwsKms:
    """A RootKeyVault. boto3 blocks, so every call runs in a thread; one client serves all threads.

    `key` is an ARN, an id or `alias/...`; `endpoint` is for private endpoints and tests.
    """

    def __init__(self, key: str, region: str, *, endpoint: str | None = None) -> None:
        self._key = key
        self._client = boto3.session.Session().client("kms", region_name=region, endpoint_url=endpoint, config=_CONFIG)

    @property
    def key_id(self) -> str:
        return f"aws-kms:{self._key}"

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        answer = await self._ask("encrypt", Plaintext=plaintext, EncryptionContext=_context(context))
        return bytes(answer["CiphertextBlob"])

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        if key_id != self.key_id:
            raise KeyUnavailable(f"root key {key_id} is not known here, only {self.key_id}")
        answer = await self._ask("decrypt", CiphertextBlob=wrapped, EncryptionContext=_context(context))
        return bytes(answer["Plaintext"])

    async def _ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        """`from None`: an error of validation may quote parameters."""
        try:
            call = getattr(self._client, action)
            answer: dict[str, Any] = await asyncio.to_thread(call, KeyId=self._key, **parameters)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "Unknown")
            if code in _DOES_NOT_OPEN:
                raise KeyUnavailable(f"AWS KMS: {code}") from None
            raise KeyServiceUnavailable(f"AWS KMS: {code}") from None
        except BotoCoreError as error:
            raise KeyServiceUnavailable(f"AWS KMS: {type(error).__name__}") from None
        return answer


def _context(context: bytes) -> dict[str, str]:
    return {"sealcast": base64.b64encode(context).decode("ascii")}
