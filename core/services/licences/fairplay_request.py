"""FairPlay requests in the encodings that players use: the SPC as it is, in base64, in a form, in JSON."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs

from core.domain.drm.challenge import Challenge, KeySystem, not_a_challenge
from core.domain.drm.fairplay_asset import kid_of_asset

_RAW = b"\0"
_MOST_FIELDS = 16


class SpcEncoding(StrEnum):
    """The answer comes as the question did; a form's in base64."""

    RAW = "raw"
    BASE64 = "base64"
    JSON = "json"


@dataclass(frozen=True)
class FairPlayRequest:
    challenge: Challenge
    encoding: SpcEncoding

    def answer(self, ckc: bytes) -> tuple[bytes, str]:
        """Body and content type."""
        if self.encoding is SpcEncoding.RAW:
            return ckc, "application/octet-stream"
        text = base64.b64encode(ckc)
        if self.encoding is SpcEncoding.BASE64:
            return text, "text/plain"
        return json.dumps({"ckc": text.decode()}).encode(), "application/json"


def read_fairplay_request(body: bytes, *, persistent: bool = False) -> FairPlayRequest:
    """Told apart by their first byte: content types of players are not to be relied on. Raises InvalidInput."""
    if body.startswith(_RAW):
        return _request(body, None, SpcEncoding.RAW, persistent=persistent)
    fields, encoding = _fields(body)
    spc, asset = fields.get("spc"), fields.get("assetId")
    if not isinstance(spc, str) or not isinstance(asset, str | None):
        raise not_a_challenge("`spc` must be base64, `assetId` a text")
    return _request(_decoded(spc), asset, encoding, persistent=persistent)


def _request(spc: bytes, asset: str | None, encoding: SpcEncoding, *, persistent: bool) -> FairPlayRequest:
    kids = None if asset is None else frozenset({kid_of_asset(asset.encode())})
    return FairPlayRequest(Challenge(KeySystem.FAIRPLAY, spc, kids=kids, persistent=persistent), encoding)


def _fields(body: bytes) -> tuple[dict[str, object], SpcEncoding]:
    try:
        text = body.decode("ascii").strip()
        if text.startswith("{"):
            return dict(json.loads(text)), SpcEncoding.JSON
        if text.startswith("spc=") or "&spc=" in text:
            form = parse_qs(text, max_num_fields=_MOST_FIELDS)
            return {name: values[0] for name, values in form.items()}, SpcEncoding.BASE64
    except (ValueError, RecursionError):
        raise not_a_challenge("it is no SPC, in no encoding") from None
    return {"spc": text}, SpcEncoding.BASE64


def _decoded(text: str) -> bytes:
    """Base64 of either alphabet; a plus that a form turned into a space is one again."""
    plain = text.strip().replace(" ", "+").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise not_a_challenge("`spc` must be base64") from None
