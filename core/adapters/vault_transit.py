"""A root key in HashiCorp Vault's transit engine (or OpenBao's): /v1/<mount>/encrypt/<key>, /v1/<mount>/decrypt/<key>.

The key's type must be an AEAD cipher (`aes256-gcm96`, the default), which binds the context as `associated_data`.
Wrapped form: Vault's own text, `vault:v<version>:<base64>`, in ASCII; versions within one key are Vault's affair.
"""

from __future__ import annotations

import asyncio
import base64
import threading
from dataclasses import dataclass
from pathlib import Path

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
        """Raises KeyServiceUnavailable when a file is missing, or the role is refused."""
        if self.role_id is None:
            return _secret(self.token_file)
        try:
            answer = client.auth.approle.login(self.role_id, _secret(self.secret_id_file), use_token=False)
        except InvalidRequest:
            # The same status as for a ciphertext that does not open, but about us.
            raise KeyServiceUnavailable("Vault refuses the AppRole's secret id") from None
        return str(answer["auth"]["client_token"])


class VaultTransit:
    """A RootKeyVault over one transit key. hvac blocks, so every call runs in a thread."""

    def __init__(
        self, address: str, key: str, login: VaultLogin, *, mount: str = "transit", namespace: str | None = None
    ) -> None:
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
        bound = {"plaintext": _base64(plaintext), "associated_data": _base64(context)}
        wrapped = (await self._ask("encrypt_data", "ciphertext", bound)).encode("ascii")
        await self._prove_bound(wrapped, context)
        return wrapped

    async def _prove_bound(self, wrapped: bytes, context: bytes) -> None:
        """A Vault before 1.9 ignores `associated_data` without a word. Wrapping is rare enough to make sure."""
        try:
            await self.unwrap(wrapped, context + b"?", self.key_id)
        except KeyServiceUnavailable:
            raise
        except KeyUnavailable:
            return
        raise KeyUnavailable(f"Vault's {self._mount}/{self._key} does not bind associated data: it is too old")

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        if key_id != self.key_id:
            raise KeyUnavailable(f"root key {key_id} is not known here, only {self.key_id}")
        bound = {"ciphertext": wrapped.decode("ascii", "replace"), "associated_data": _base64(context)}
        return base64.b64decode(await self._ask("decrypt_data", "plaintext", bound), validate=True)

    async def _ask(self, action: str, field: str, parameters: dict[str, str]) -> str:
        """One field of Vault's answer. `from None`: an error of Vault's may carry what we sent."""
        try:
            return await asyncio.to_thread(self._answer, action, field, parameters)
        except InvalidRequest:
            raise KeyUnavailable(f"Vault's {self._mount}/{self._key} does not open that, or is no AEAD key") from None
        except (VaultError, requests.RequestException, OSError) as error:
            raise KeyServiceUnavailable(f"Vault at {self._address}: {type(error).__name__}") from None
        except (KeyError, TypeError, ValueError) as error:
            raise KeyServiceUnavailable(f"Vault at {self._address} gave no answer: {type(error).__name__}") from None

    def _answer(self, action: str, field: str, parameters: dict[str, str]) -> str:
        token = self._token or self._fresh_token(None)
        try:
            return self._asked_with(token, action, field, parameters)
        except (Forbidden, Unauthorized):
            # Tokens run out; one that is refused right after a login is refused for good.
            return self._asked_with(self._fresh_token(token), action, field, parameters)

    def _asked_with(self, token: str, action: str, field: str, parameters: dict[str, str]) -> str:
        call = getattr(self._client(token).secrets.transit, action)
        return str(call(self._key, mount_point=self._mount, **parameters)["data"][field])

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
