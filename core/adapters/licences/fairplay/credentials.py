"""What Apple gave the operator, read from files: certificate, private key, application secret key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from core.licence_settings import FairPlayCredential
from core.ports import KeyUnavailable

_ASK_BYTES = 16


@dataclass(frozen=True)
class Credential:
    """`private_key` and `ask` are for the native backend; others keep theirs elsewhere."""

    certificate: bytes
    private_key: RSAPrivateKey | None = field(default=None, repr=False)
    ask: bytes = field(default=b"", repr=False)

    @property
    def fingerprint(self) -> bytes:
        """SHA-1 of the certificate's DER, by which an SPC says whom it is for."""
        return hashlib.sha1(self.certificate, usedforsecurity=False).digest()

    @classmethod
    def from_files(cls, files: FairPlayCredential) -> Self:
        """Raises KeyUnavailable; the message never holds a file's content."""
        return cls(
            certificate=_read(files.certificate_file),
            private_key=None if files.private_key_file is None else _private_key(files.private_key_file),
            ask=b"" if files.ask_file is None else _ask(files.ask_file),
        )


def load_credentials(files: Sequence[FairPlayCredential], *, native: bool) -> tuple[Credential, ...]:
    """Raises KeyUnavailable, also when the native backend lacks a private part."""
    credentials = tuple(Credential.from_files(one) for one in files)
    if native and any(one.private_key is None or not one.ask for one in credentials):
        raise KeyUnavailable("native FairPlay needs private_key_file and ask_file of every credential")
    return credentials


def _private_key(path: Path) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnavailable(f"no private key in {path}: {type(error).__name__}") from None
    if not isinstance(key, RSAPrivateKey):
        raise KeyUnavailable(f"the private key in {path} is not RSA")
    return key


def _ask(path: Path) -> bytes:
    try:
        ask = bytes.fromhex(_read(path).decode("ascii").strip())
    except ValueError:
        ask = b""
    if len(ask) != _ASK_BYTES:
        raise KeyUnavailable(f"no application secret key of {_ASK_BYTES} bytes, in hex, in {path}")
    return ask


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyUnavailable(f"cannot read {path}: {type(error).__name__}") from None
