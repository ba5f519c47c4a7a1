"""The beginning of a form on its way to the store: VdoCipher's clients send an empty `success_action_redirect`.

They do so by the documentation (docs server/upload/file), and want 201. Ceph answers it by a redirection to nowhere.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from core.domain.errors import InvalidInput

_MOST_HEAD = 64 * 1024
_BOUNDARY = re.compile(
    r'multipart/form-data\s*;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.ASCII | re.IGNORECASE
)
_HEADER = rb"\r\ncontent-disposition:[^\r\n]*\bname=\"%s\"[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n"
_FILE = re.compile(_HEADER % b"file", re.IGNORECASE)
_KEY = re.compile(_HEADER % b"key" + rb"([^\r\n]{1,300})\r\n", re.IGNORECASE)


@dataclass(frozen=True)
class FormHead:
    """`data` is what came of the form already, without the empty field; `dropped` bytes are missing in it."""

    key: str
    data: bytes = field(repr=False)
    dropped: int


async def read_head(content_type: str, pieces: AsyncIterator[bytes]) -> FormHead:
    """Reads until the file begins. Raises InvalidInput for what is no form of ours."""
    boundary = _BOUNDARY.match(content_type)
    if boundary is None or not content_type.isascii():
        raise InvalidInput("Send the form as multipart/form-data.")
    came = bytearray()
    async for piece in pieces:
        came += piece
        file = _FILE.search(came, 0, _MOST_HEAD)
        if file is not None:
            return _head(bytes(came), file.end(), boundary[1] or boundary[2])
        if len(came) > _MOST_HEAD:
            break
    raise InvalidInput("The form holds no `file`, or too much before it: `file` is to be the last field.")


def _head(came: bytes, begin: int, boundary: str) -> FormHead:
    """`begin` is where the file's first byte is."""
    delimiter = re.escape(b"--" + boundary.encode("ascii"))
    empty = re.compile(
        delimiter + _HEADER % b"success_action_redirect" + rb"\r\n(?=" + delimiter + rb")", re.IGNORECASE
    )
    fields = empty.sub(b"", came[:begin])
    key = _KEY.search(fields)
    if key is None:
        raise InvalidInput("The form holds no `key`.")
    return FormHead(key[1].decode("utf-8", "replace"), fields + came[begin:], begin - len(fields))
