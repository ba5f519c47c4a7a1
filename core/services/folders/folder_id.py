"""Ids of folders, as clients write them."""

from __future__ import annotations

from core.domain.errors import NotFound
from core.domain.folders import ROOT
from core.domain.hex_id import is_hex_id


def folder_id_of(given: str | None) -> str | None:
    """None for the root. Raises NotFound (FOLDER_NOT_FOUND) for what cannot be a folder."""
    if given is None or given == ROOT:
        return None
    if not is_hex_id(given):
        raise NotFound("There is no such folder.", code="FOLDER_NOT_FOUND")
    return given
