"""The body of VdoCipher's import request. Unknown keys are ignored, as VdoCipher does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.access.lenient_values import refused, text
from core.domain.folders import ROOT


@dataclass(frozen=True)
class ImportRequest:
    url: str = field(repr=False)
    title: str
    folder: str


def import_request(given: Mapping[str, Any]) -> ImportRequest:
    """Raises InvalidInput, naming the field."""
    url = (text(given.get("url"), "url", 4000) or "").strip()
    if not url:
        raise refused("url", "is needed")
    title = (text(given.get("title"), "title", 500) or "").strip()
    return ImportRequest(url, title, text(given.get("folderId"), "folderId", 64) or ROOT)
