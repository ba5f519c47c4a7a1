"""Ids of folders, as clients write them."""

from __future__ import annotations

import re

from core.domain.errors import NotFound
from core.domain.folders import ROOT

_FOLDER_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


def folder_id_of(given: str | None) -> str | None:
    """None for the root. Raises NotFound (FOLDER_NOT_FOUND) for what cannot be a folder."""
    if given is None or given == ROOT:
        return None
    if _FOLDER_ID.fullmatch(given) is None:
        raise NotFound("There is no such folder.", code="FOLDER_NOT_FOUND")
    return given
