"""Who a request with an API key is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Principal:
    organisation_id: str
    key_id: str
