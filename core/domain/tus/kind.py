"""What a resumable upload is to become."""

from __future__ import annotations

from enum import StrEnum


class UploadKind(StrEnum):
    """The concatenation extension's names; `whole` is an upload without it."""

    WHOLE = "whole"
    PARTIAL = "partial"
    FINAL = "final"
