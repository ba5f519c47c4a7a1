"""A commercial key service as the source of our keys, over SPEKE v2.0 or v2.1 with encrypted delivery."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from core.adapters.cpix.delivered_keys import DeliveredKeys
from core.adapters.cpix.document import CPIX, MOST_BYTES, Element, kid_attribute, parse_document
from core.adapters.cpix.question import KeyQuestion, write_question
from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.external_key import kid_of_track
from core.domain.drm.speke import CPIX_VERSIONS, SpekeRefused, SpekeVersion
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import Clock, KeyUnavailable
from core.settings import Settings

_RSA_BITS = 2048
_VALID_FOR = timedelta(hours=1)
_TIMEOUT_SECONDS = 15.0


class SpekeKeySource:
    """A KeySource. For each request it makes an RSA key of its own, which is gone with the answer."""

    def __init__(self, http: httpx.AsyncClient, url: str, version: SpekeVersion, clock: Clock) -> None:
        """`http` brings the credentials."""
        self._http = http
        self._url = url
        self._version = version
        self._clock = clock

    async def fetch(
        self, target: VersionRef, labels: Sequence[KeyLabel], scheme: ProtectionScheme
    ) -> Mapping[KeyLabel, ContentKey]:
        """Raises KeyUnavailable for whatever is not a whole and authentic answer, and for AES-128.

        SPEKE describes AES-128 as a system with a key address of the service's own, where ours is behind the session.
        """
        if scheme is ProtectionScheme.AES128:
            raise KeyUnavailable("a SPEKE key service gives no keys for aes128: choose cbcs or cenc")
        private_key = await asyncio.to_thread(rsa.generate_private_key, 65537, _RSA_BITS)
        question = self._question(target, labels, scheme, self._certificate(private_key))
        body = await self._post(write_question(question, self._version))
        try:
            root = parse_document(body)
            self._check_echo(root, question)
            return _keys(root, question, DeliveredKeys(root, private_key))
        except SpekeRefused as malformed:
            raise KeyUnavailable(f"the key service's answer is malformed: {malformed.detail}") from None

    def _question(
        self, target: VersionRef, labels: Sequence[KeyLabel], scheme: ProtectionScheme, certificate: bytes
    ) -> KeyQuestion:
        """KIDs are the same at every try: a service that was asked before is asked for the same keys."""
        content_id = f"{target.video_id}/v{target.version}"
        kids = {label: kid_of_track(target.organisation_id, content_id.encode(), label.value, None) for label in labels}
        ivs = {label: _proposed_iv(kid) for label, kid in kids.items()} if scheme is ProtectionScheme.CBCS else {}
        return KeyQuestion(content_id, scheme, kids, ivs, certificate)

    def _certificate(self, private_key: rsa.RSAPrivateKey) -> bytes:
        """DER of a certificate that we sign ourselves: the service's trust is in our credentials."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sealcast")])
        now = self._clock.now()
        builder = x509.CertificateBuilder(
            issuer_name=name,
            subject_name=name,
            public_key=private_key.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - _VALID_FOR,
            not_valid_after=now + _VALID_FOR,
        )
        return builder.sign(private_key, SHA256()).public_bytes(Encoding.DER)

    async def _post(self, document: bytes) -> bytes:
        """Once: whoever runs this step tries again. Nothing of the answer goes into an error."""
        headers = {
            "Content-Type": "application/xml",
            "X-Speke-Version": self._version.value,
            "Accept-Encoding": "identity",
        }
        body = bytearray()
        try:
            async with (
                asyncio.timeout(_TIMEOUT_SECONDS),
                self._http.stream("POST", self._url, content=document, headers=headers) as answer,
            ):
                if answer.status_code != 200:
                    raise KeyUnavailable(f"the key service answered {answer.status_code}")
                if answer.headers.get("X-Speke-Version") != self._version.value:
                    raise KeyUnavailable("the key service answered in another version of SPEKE")
                if "Content-Encoding" in answer.headers:
                    raise KeyUnavailable("the key service compressed its answer, which nobody asked for")
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > MOST_BYTES:
                        raise KeyUnavailable("the key service's answer is too large")
        except (httpx.HTTPError, TimeoutError) as error:
            raise KeyUnavailable(f"the key service did not answer: {type(error).__name__}") from None
        return bytes(body)

    def _check_echo(self, root: Element, question: KeyQuestion) -> None:
        """A key service may not change these."""
        if (root.get("contentId"), root.get("version")) != (question.content_id, CPIX_VERSIONS[self._version]):
            raise KeyUnavailable("the key service answered another question")


@asynccontextmanager
async def open_key_source(settings: Settings, clock: Clock) -> AsyncIterator[SpekeKeySource | None]:
    """The one that the settings name, if they do."""
    if settings.speke_url is None:
        yield None
        return
    credentials = httpx.BasicAuth(settings.speke_username, settings.speke_password.get_secret_value())
    async with httpx.AsyncClient(auth=credentials, timeout=_TIMEOUT_SECONDS) as http:
        yield SpekeKeySource(http, settings.speke_url, SpekeVersion(settings.speke_version), clock)


def _keys(root: Element, question: KeyQuestion, delivered: DeliveredKeys) -> dict[KeyLabel, ContentKey]:
    """By label, which the rules tell: the service may have put KIDs of its own in the place of ours."""
    elements = {kid_attribute(key): key for key in root.iterfind(f"{CPIX}ContentKeyList/{CPIX}ContentKey")}
    rules = root.findall(f"{CPIX}ContentKeyUsageRuleList/{CPIX}ContentKeyUsageRule")
    kids = {rule.get("intendedTrackType"): kid_attribute(rule) for rule in rules}
    if set(kids) != {label.value for label in question.kids} or set(kids.values()) != set(elements):
        raise KeyUnavailable("the key service changed what was asked for")
    if len(rules) != len(kids) or len(elements) != len(kids):
        raise KeyUnavailable("the key service gave one key to several tracks")
    return {label: _key(label, question, elements[kids[label.value]], delivered) for label in question.kids}


def _key(label: KeyLabel, question: KeyQuestion, element: Element, delivered: DeliveredKeys) -> ContentKey:
    if element.get("commonEncryptionScheme") != question.scheme.value:
        raise KeyUnavailable("the key service changed the scheme")
    iv = None
    if question.scheme is ProtectionScheme.CBCS:
        iv = _iv(element.get("explicitIV")) or question.ivs[label]
    try:
        return ContentKey(kid_attribute(element), label, question.scheme, delivered.read(element), iv)
    except ValueError:
        raise KeyUnavailable(f"the key service's key for {label} is not 16 bytes, or its IV is not") from None


def _iv(text: str | None) -> bytes | None:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True) if text else None
    except (binascii.Error, UnicodeEncodeError):
        raise KeyUnavailable("the key service's answer is malformed") from None


def _proposed_iv(kid: str) -> bytes:
    """A constant IV need not be secret, but the same at every try; the key that it is for is used with no other."""
    return hashlib.sha256(b"sealcast constant iv" + bytes.fromhex(kid)).digest()[:16]
