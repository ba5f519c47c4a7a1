"""Progress of one step and of a whole publication, as people see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """The steps of an import, a publication or a re-keying, in order. The names are part of the API."""

    FETCH = "fetch"
    INGEST = "ingest"
    INSPECT = "inspect"
    PLAN = "plan"
    REGAIN = "regain"
    TRANSCODE = "transcode"
    ASSEMBLE = "assemble"
    PACKAGE = "package"
    VERIFY = "verify"
    PUBLISH = "publish"


class StepState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class StepProgress:
    """One reading. `fraction` is 0..1; `speed` is media seconds per second; `note` names what is worked on."""

    fraction: float
    fps: float | None = None
    speed: float | None = None
    note: str = ""


Report = Callable[[StepProgress], None]
"""What a long use case calls as it advances. Cheap, may drop readings; raises when the work is no longer ours."""


#: Rough share of a publication's wall time; only used to draw one bar over all steps.
WEIGHTS: dict[Step, float] = {
    Step.INGEST: 0.01,
    Step.INSPECT: 0.03,
    Step.PLAN: 0.01,
    Step.TRANSCODE: 0.85,
    Step.ASSEMBLE: 0.03,
    Step.PACKAGE: 0.04,
    Step.VERIFY: 0.02,
    Step.PUBLISH: 0.01,
}


#: The same with an import before it.
IMPORT_WEIGHTS: dict[Step, float] = {Step.FETCH: 0.2} | {step: 0.8 * weight for step, weight in WEIGHTS.items()}


#: The same of a re-keying, where nothing is encoded.
REKEY_WEIGHTS: dict[Step, float] = {
    Step.PLAN: 0.02,
    Step.REGAIN: 0.4,
    Step.PACKAGE: 0.35,
    Step.VERIFY: 0.2,
    Step.PUBLISH: 0.03,
}


def overall(fractions: Iterable[tuple[Step, float]], weights: Mapping[Step, float]) -> float:
    """One fraction for the whole from the fraction of each step."""
    return min(1.0, sum(weights[step] * min(1.0, max(0.0, value)) for step, value in fractions))


def remaining_seconds(fraction: float, elapsed: float) -> float | None:
    """Estimate from the pace so far; None while there is too little to go by."""
    if fraction < 0.02 or elapsed < 1:
        return None
    return elapsed * (1 - fraction) / fraction
