"""The virus scanner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol


class ScanState(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


@dataclass(frozen=True)
class ScanResult:
    """`detail` names the signature found, or says why nothing was scanned. NOT_SCANNED is never read as clean."""

    state: ScanState
    detail: str = ""


class Antivirus(Protocol):
    async def scan(self, path: Path) -> ScanResult: ...
