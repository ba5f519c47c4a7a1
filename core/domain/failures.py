"""Why a video can end as failed: stable codes, each with the sentence its owner reads."""

from __future__ import annotations

from enum import StrEnum

from core.domain.errors import DomainError


class FailureCode(StrEnum):
    """Stable codes, part of the API. A code is added, never renamed."""

    EMPTY = "EMPTY"
    UNREADABLE = "UNREADABLE"
    NOT_A_VIDEO = "NOT_A_VIDEO"
    UNSUPPORTED_CODEC = "UNSUPPORTED_CODEC"
    ENCRYPTED_INPUT = "ENCRYPTED_INPUT"
    TRUNCATED = "TRUNCATED"
    CORRUPT = "CORRUPT"
    DURATION_MISMATCH = "DURATION_MISMATCH"
    TOO_SHORT = "TOO_SHORT"
    TOO_LONG = "TOO_LONG"
    TOO_SMALL = "TOO_SMALL"
    TOO_MANY_PIXELS = "TOO_MANY_PIXELS"
    TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
    MALWARE_FOUND = "MALWARE_FOUND"
    UPLOAD_MISSING = "UPLOAD_MISSING"
    UPLOAD_MISMATCH = "UPLOAD_MISMATCH"
    SOURCE_NOT_ALLOWED = "SOURCE_NOT_ALLOWED"
    SOURCE_NOT_FOUND = "SOURCE_NOT_FOUND"
    SOURCE_FORBIDDEN = "SOURCE_FORBIDDEN"
    SOURCE_REFUSED = "SOURCE_REFUSED"
    SOURCE_IS_A_PAGE = "SOURCE_IS_A_PAGE"
    SOURCE_TOO_LARGE = "SOURCE_TOO_LARGE"
    SOURCE_TOO_SLOW = "SOURCE_TOO_SLOW"
    SOURCE_UNREACHABLE = "SOURCE_UNREACHABLE"
    UPLOAD_TOO_LARGE = "UPLOAD_TOO_LARGE"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    CANCELLED = "CANCELLED"
    VERIFICATION_FAILED = "VERIFICATION_FAILED"
    PROCESSING_FAILED = "PROCESSING_FAILED"


SENTENCES: dict[FailureCode, str] = {
    FailureCode.EMPTY: "The file is empty. Please upload it again.",
    FailureCode.UNREADABLE: "The file is damaged or incomplete and cannot be opened. Please export it again.",
    FailureCode.NOT_A_VIDEO: "This is not a video or audio file.",
    FailureCode.UNSUPPORTED_CODEC: (
        "The video or audio format inside the file is not supported. H.264 with AAC always works."
    ),
    FailureCode.ENCRYPTED_INPUT: "The file is already protected by DRM. Please upload the unprotected original.",
    FailureCode.TRUNCATED: (
        "The file ends before its video does, as after an interrupted copy. Please upload the whole file."
    ),
    FailureCode.CORRUPT: "Too much of the file's content is damaged. Please export it again.",
    FailureCode.DURATION_MISMATCH: "The file claims a length that its content does not have. Please export it again.",
    FailureCode.TOO_SHORT: "The video is too short to be published.",
    FailureCode.TOO_LONG: "The video is longer than this account allows.",
    FailureCode.TOO_SMALL: "The picture is too small to be published.",
    FailureCode.TOO_MANY_PIXELS: "The picture is larger than the largest size we accept.",
    FailureCode.TOO_MANY_STREAMS: "The file holds more tracks than we accept.",
    FailureCode.MALWARE_FOUND: "The virus scanner found malicious content in the file.",
    FailureCode.UPLOAD_MISSING: "The uploaded file was not found in storage. Please upload it again.",
    FailureCode.UPLOAD_MISMATCH: "What arrived is not what was announced (size or checksum). Please upload it again.",
    FailureCode.SOURCE_NOT_ALLOWED: (
        "The address leads to a place that we do not call. Please use a public http, https or ftp address."
    ),
    FailureCode.SOURCE_NOT_FOUND: "There is no file at the address. Please check it.",
    FailureCode.SOURCE_FORBIDDEN: (
        "The server at the address does not let us have the file. Please check permissions, or sign the address anew."
    ),
    FailureCode.SOURCE_REFUSED: "The server at the address gave no file that we could fetch.",
    FailureCode.SOURCE_IS_A_PAGE: "The address is that of a web page. Please use the address of the video file itself.",
    FailureCode.SOURCE_TOO_LARGE: "The file at the address is larger than we accept.",
    FailureCode.SOURCE_TOO_SLOW: "The server at the address sent the file too slowly, and we gave up.",
    FailureCode.SOURCE_UNREACHABLE: "The server at the address did not answer for a long time. Please try again later.",
    FailureCode.UPLOAD_TOO_LARGE: "The file is larger than this account accepts.",
    FailureCode.QUOTA_EXCEEDED: "The account has no room left for this file. Please delete what is not needed.",
    FailureCode.CANCELLED: "Processing was cancelled.",
    FailureCode.VERIFICATION_FAILED: "The protected video did not pass its final check and was not published.",
    FailureCode.PROCESSING_FAILED: (
        "Processing failed for a reason on our side. Please try again, or contact support with the video's id."
    ),
}

OUR_FAULT: frozenset[FailureCode] = frozenset({FailureCode.PROCESSING_FAILED, FailureCode.VERIFICATION_FAILED})
"""Nothing is wrong with the file: it is kept, and processing can be tried again."""


class VideoRejected(DomainError):
    """The source can never be published; final, never retried. `detail` is for operators, `sentence` for owners."""

    def __init__(self, failure: FailureCode, detail: str) -> None:
        super().__init__(detail, code=failure.value)
        self.failure = failure

    @property
    def sentence(self) -> str:
        return SENTENCES[self.failure]
