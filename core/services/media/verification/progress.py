"""How a verification tells where it is, and where it failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.adapters.isobmff.boxes import MalformedMedia
from core.domain.drm.verification import VerificationFailed
from core.domain.progress import Report, StepProgress


class SegmentProgress:
    def __init__(self, report: Report, segments: int) -> None:
        self._report = report
        self._segments = segments
        self._done = 0

    def step(self, place: str) -> None:
        self._done += 1
        self._report(StepProgress(self._done / max(1, self._segments), note=place))


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Says in which object a check failed; broken structure is a failed check too."""
    try:
        yield
    except (VerificationFailed, MalformedMedia) as error:
        raise VerificationFailed(f"{name}: {error}") from error
