"""Takes secrets out of log events. A last net: code is still not to log them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

HIDDEN = "[redacted]"

#: Fields whose value is never shown, whatever it looks like.
_FIELD = re.compile(
    r"(secret|token|passw|authori[sz]ation|cookie|signature|wrapped|otp$|api_?key$|private|^iv$|^k$|^key$)",
    re.IGNORECASE,
)

#: Secrets by their shape, inside any text: credentials, JWTs, presigned query strings, signed paths.
_SHAPES = (
    (re.compile(r"\b(Apisecret|Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(contentkey(?::|%3A))[^,)&\s\"']+", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(/media/|/licences/\w+/|licence=)[\w-]{40,}"), rf"\1{HIDDEN}"),
    (re.compile(r"(\w+://[^:/@\s]+:)[^@/\s]+@"), rf"\1{HIDDEN}@"),
)


def redact(value: Any, field: str = "") -> Any:
    """A copy of `value` that may be shown. Bytes never are: keys are bytes."""
    if field and _FIELD.search(field):
        return HIDDEN
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    if isinstance(value, str):
        return _without_shapes(value)
    if isinstance(value, Mapping):
        return {name: redact(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    return value


def _without_shapes(text: str) -> str:
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)
    return text
