"""Messages of the publishing workflow and its activities.

References and numbers only: bytes and keys never travel here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from core.contracts.version_ref import VersionRef


@dataclass(frozen=True)
class PublishVideoInput:
    """`window` bounds how many chunks are in flight at once, over the whole media fleet."""

    target: VersionRef
    window: int = 8


@dataclass(frozen=True)
class PublishVideoResult:
    target: VersionRef
    state: str
    duration: float = 0.0
    renditions: tuple[str, ...] = ()
    failure_code: str | None = None


@dataclass(frozen=True)
class StepInput:
    """The argument of every step that needs nothing but the target."""

    target: VersionRef


@dataclass(frozen=True)
class ChunkInput:
    target: VersionRef
    index: int


@dataclass(frozen=True)
class TrackInput:
    """`name` of an audio or subtitle plan."""

    target: VersionRef
    name: str


@dataclass(frozen=True)
class InspectionSummary:
    container: str
    size: int
    sha256: str
    duration: float
    antivirus: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlanSummary:
    """What the workflow needs of the stored plan to fan out."""

    duration: float
    chunks: int
    #: Encode order: longest chunk first, so that no core idles at the end.
    chunk_order: tuple[int, ...]
    #: Seconds of media in the longest chunk; timeouts are derived from it.
    chunk_seconds: float
    audio: tuple[str, ...]
    subtitles: tuple[str, ...]
    renditions: tuple[str, ...]
    storyboard: bool
    index_source: bool


@dataclass(frozen=True)
class ChunkResult:
    """`reused` is true when a former attempt had already stored the chunk."""

    index: int
    frames: int
    size: int
    reused: bool
    decode_errors: int = 0


@dataclass(frozen=True)
class TrackResult:
    name: str
    duration: float
    size: int
    reused: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class AssemblyResult:
    frames: int
    duration: float
    size: int


@dataclass(frozen=True)
class PackageResult:
    objects: int
    size: int
    kids: tuple[str, ...]


@dataclass(frozen=True)
class VerificationResult:
    tracks: int
    samples: int


@dataclass(frozen=True)
class FailureNote:
    """How a version ended other than ready."""

    target: VersionRef
    state: str
    code: str
    detail: str = ""
    warnings: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class DiscardInput:
    """What a version that will not be published leaves behind. The original stays when the fault was ours."""

    target: VersionRef
    keep_original: bool = False


@dataclass(frozen=True)
class StageView:
    """Answer of the workflow's `progress` query: for operators; people's pages read the database."""

    stage: str
    chunks_done: int = 0
    chunks: int = 0
