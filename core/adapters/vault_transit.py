"""A root key in HashiCorp Vault's transit engine (or OpenBao's): /v1/<mount>/encrypt/<key>, /v1/<mount>/decrypt/<key>.

The key's type must be an AEAD cipher (`aes256-gcm96`, the default), which binds the context as `associated_data`.
Wrapped form: Vault's own text, `vault:v<version>:<base64>`, in ASCII; versions within one key are Vault's affair.
"""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hvac
import requests
from hvac.exceptions import Forbidden, InvalidRequest, Unauthorized, VaultError

from core.ports import KeyServiceUnavailable, KeyUnavailable

_TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class VaultLogin:
    """How we get a token: from `token_file`, which Vault Agent keeps fresh, or by AppRole with a secret id in a file.

    Files are read again whenever Vault refuses the token we have.
    """

    token_file: Path | None = None
    role_id: str | None = None
    secret_id_file: Path | None = None

    def token(self, client: hvac.Client) -> str:
        """Raises KeyServiceUnavailable when a file is missing."""
        if self.role_id is None:
            return _secret(self.token_file)
        answer = client.auth.approle.login(self.role_id, _secret(self.secret_id_file), use_token=False)
        return str(answer["auth"]["client_token"])


class VaultTransit:
    """A RootKeyVault over one transit key. hvac blocks, so every call runs in a thread."""

    def __init__(
        self, address: str, key: str, login: VaultLogin, *, mount: str = "transit", namespace: str | None = None
    ):
        self._address = address
        self._namespace = namespace
        self._key = key
        self._mount = mount
        self._login = login
        self._token: str | None = None
        self._logging_in = threading.Lock()

    @property
    def key_id(self) -> str:
        return f"vault:{self._mount}/{self._key}"

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        data = await self._ask(
            lambda client: client.secrets.transit.encrypt_data(
                self._key, _base64(plaintext), mount_point=self._mount, associated_data=_base64(context)
            )
        )
        return str(data["ciphertext"]).encode("ascii")

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        if key_id != self.key_id:
            raise KeyUnavailable(f"root key {key_id} is not known here, only {self.key_id}")
        data = await self._ask(
            lambda client: client.secrets.transit.decrypt_data(
                self._key, wrapped.decode("ascii", "replace"), mount_point=self._mount, associated_data=_base64(context)
            )
        )
        return base64.b64decode(data["plaintext"], validate=True)

    async def _ask(self, question: Callable[[hvac.Client], Any]) -> dict[str, Any]:
        """`data` of Vault's answer. `from None`: an error of Vault's may carry what we sent."""
        try:
            return await asyncio.to_thread(self._answer, question)
        except InvalidRequest:
            raise KeyUnavailable(f"Vault's {self._mount}/{self._key} does not open that, or is no AEAD key") from None
        except (VaultError, requests.RequestException, OSError) as error:
            raise KeyServiceUnavailable(f"Vault at {self._address}: {type(error).__name__}") from None
        except (KeyError, TypeError, ValueError) as error:
            raise KeyServiceUnavailable(f"Vault at {self._address} gave no answer: {type(error).__name__}") from None

    def _answer(self, question: Callable[[hvac.Client], Any]) -> dict[str, Any]:
        token = self._token or self._fresh_token(None)
        try:
            return dict(question(self._client(token))["data"])
        except (Forbidden, Unauthorized):
            # Tokens run out; one that is refused right after a login is refused for good.
            return dict(question(self._client(self._fresh_token(token)))["data"])

    def _fresh_token(self, refused: str | None) -> str:
        """One login for all threads whose token was refused at the same time."""
        with self._logging_in:
            if self._token is None or self._token == refused:
                self._token = self._login.token(self._client(""))
            return self._token

    def _client(self, token: str) -> hvac.Client:
        return hvac.Client(url=self._address, token=token, namespace=self._namespace, timeout=_TIMEOUT_SECONDS)


def _secret(path: Path | None) -> str:
    try:
        return path.read_text(encoding="ascii").strip() if path else ""
    except (OSError, ValueError) as error:
        raise KeyServiceUnavailable(f"no Vault credential in {path}: {type(error).__name__}") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
