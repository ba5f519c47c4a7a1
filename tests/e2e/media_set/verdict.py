"""Whether a publication ended as it must: accepted with the right warnings, or refused with the right code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.domain.failures import SENTENCES, FailureCode
from tests.integration.inspection.expectations import BROKEN, VALID, Accept, Expectation

MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
EXPECTED: dict[str, Expectation] = {f"valid/{name}": wanted for name, wanted in VALID.items()} | {
    f"broken/{name}": wanted for name, wanted in BROKEN.items()
}

_READY, _REJECTED = "ready", "failed"


def verdict(
    expected: Expectation, state: str, code: str | None, sentence: str | None, warnings: Sequence[str]
) -> list[str]:
    """What is wrong with this ending; empty when nothing is."""
    if isinstance(expected, Accept):
        return _acceptance(expected, state, code, warnings)
    wrong = [] if (state, code) == (_REJECTED, expected.value) else [f"should be refused as {expected.value}"]
    if sentence != SENTENCES[expected]:
        wrong.append("the owner does not read the code's sentence")
    return wrong + [f"refused, yet with warnings {list(warnings)}"] * bool(warnings)


def _acceptance(expected: Accept, state: str, code: str | None, warnings: Sequence[str]) -> list[str]:
    if state != _READY or code is not None:
        return [f"should be accepted, is {state} {code or ''}".strip()]
    missing = [start for start in expected.warnings if not any(w.startswith(start) for w in warnings)]
    extra = [warning for warning in warnings if not warning.startswith(expected.warnings)]
    return [f"no warning {start}" for start in missing] + [f"unexpected warning {warning}" for warning in extra]


def manifest_rows(folder: Path = MEDIA) -> dict[str, str]:
    """ "valid/name" → the manifest's own words on what is expected, the last cell of each row."""
    rows: dict[str, str] = {}
    section = ""
    for line in (folder / "MANIFEST.md").read_text(encoding="utf-8").splitlines():
        if heading := re.match(r"## (valid|broken)/", line):
            section = heading[1]
        elif row := re.match(r"\| `([^`]+)` \|.*\| ([^|]+) \|$", line):
            rows[f"{section}/{row[1]}"] = row[2]
    return rows


def contradicts(words: str, expected: Expectation) -> bool:
    """Whether our fixed expectation is outside what the manifest's words leave open."""
    accepted = isinstance(expected, Accept)
    may_accept = "accept" in words or "policy" in words or "audio-only" in words
    may_reject = "reject" in words or "policy" in words or "NO_VIDEO" in words
    # "reject NOT_A_VIDEO (accept as thumbnail)" leaves nothing open for a video.
    may_accept = may_accept and not re.match(r"reject .*\(accept (as|if)", words)
    named = re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|\b(?:TRUNCATED|UNREADABLE|EMPTY|CORRUPT)\b", words)
    if accepted:
        return not may_accept
    known = [name for name in named if name in FailureCode.__members__]
    wrong_code = bool(known) and isinstance(expected, FailureCode) and expected.value not in known
    return not may_reject or (wrong_code and "limit" not in words)
