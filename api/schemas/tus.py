"""Headers of tus requests, read and written."""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import Headers

from core.db.models import ResumableUpload
from core.domain.errors import InvalidInput
from core.domain.media.plan import ProtectionScheme
from core.domain.tus.concatenation import parse_concatenation
from core.domain.tus.kind import UploadKind
from core.domain.tus.metadata import parse_metadata
from core.services.uploads.resumable.create import Announced
from core.services.uploads.start_upload import SourceFile

_NUMBER = re.compile(r"[0-9]{1,19}", re.ASCII)
_LONGEST = 500
_UNNAMED = "upload"
_BINARY = "application/octet-stream"


def number_of(headers: Headers, name: str) -> int:
    """Raises InvalidInput unless it is there and a number of bytes."""
    value = headers.get(name, "")
    if not _NUMBER.fullmatch(value):
        raise InvalidInput(f"{name} is to be a number of bytes.", fields={name: "not a number of bytes"})
    return int(value)


def announced_by(headers: Headers) -> tuple[Announced, ProtectionScheme | None]:
    """What a creation announces, and how it wants to be encrypted. Raises InvalidInput."""
    header = headers.get("upload-metadata", "")
    metadata = parse_metadata(header)
    concatenation = parse_concatenation(headers.get("upload-concat"))
    size = 0 if concatenation.kind is UploadKind.FINAL else number_of(headers, "Upload-Length")
    filename = metadata.get("filename") or metadata.get("name") or _UNNAMED
    title = metadata.get("title") or filename
    if max(len(filename), len(title)) > _LONGEST:
        raise InvalidInput(f"File names and titles have at most {_LONGEST} characters.")
    source = SourceFile(filename, size, metadata.get("filetype") or _BINARY)
    return Announced(title, source, header, concatenation), _scheme(metadata.get("scheme"))


def _scheme(wanted: str | None) -> ProtectionScheme | None:
    if wanted is None:
        return None
    try:
        return ProtectionScheme(wanted)
    except ValueError:
        known = ", ".join(ProtectionScheme)
        raise InvalidInput(f"The schemes are {known}.", fields={"scheme": "unknown"}) from None


def headers_of(upload: ResumableUpload) -> dict[str, str]:
    """What HEAD tells. A final upload has no offset before its pieces are joined."""
    told = {"Cache-Control": "no-store", "Upload-Length": str(upload.length)}
    if upload.kind is not UploadKind.FINAL:
        told["Upload-Offset"] = str(upload.received)
    elif upload.completed_at is not None:
        told["Upload-Offset"] = str(upload.length)
    if upload.kind is not UploadKind.WHOLE:
        told["Upload-Concat"] = upload.kind.value
    if upload.metadata_header:
        told["Upload-Metadata"] = upload.metadata_header
    if upload.completed_at is None:
        told["Upload-Expires"] = http_date(upload.expires_at)
    return told


def http_date(at: datetime) -> str:
    """RFC 9110, 5.6.7."""
    return format_datetime(at, usegmt=True)
