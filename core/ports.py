"""Protocols for everything outside the process. Services and activities depend on these, never on an adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from core.contracts.deliver_webhook import DeliverWebhookInput
from core.contracts.version_ref import VersionRef
from core.contracts.video_lifecycle import DeleteVideoInput
from core.domain.auth.lockout import Limit
from core.domain.drm.challenge import Challenge
from core.domain.drm.content_key import ContentKey
from core.domain.drm.licence_decision import DeviceCapabilities, LicenceGrant
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.playback.session_policy import WhenFull


class Clock(Protocol):
    def now(self) -> datetime:
        """The current instant, timezone-aware, in UTC."""
        ...


@dataclass(frozen=True)
class ObjectStat:
    """`sha256` is the checksum we stored as metadata when we wrote the object, if we did."""

    key: str
    size: int
    etag: str
    content_type: str
    sha256: str | None = None


@dataclass(frozen=True)
class UploadedPart:
    """Part numbers count from 1; `etag` is what the store answered to the part's PUT; `size` is known when listed."""

    number: int
    etag: str
    size: int = 0


@dataclass(frozen=True)
class PostForm:
    """A form that sends one object: `fields` go before the file, to `url`. Whoever has it may send."""

    url: str
    fields: Mapping[str, str] = field(repr=False)


class ObjectNotFound(Exception):
    """No object at that key."""


class StorageUnavailable(Exception):
    """The object store did not answer, or answered 5xx: worth another try later."""


class ObjectBody(Protocol):
    """A readable slice of an object: HTTP facts and the bytes."""

    status: int
    size: int
    content_length: int
    content_range: str | None
    content_type: str
    etag: str

    def chunks(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None:
        """Let the connection go; harmless when everything has been read."""
        ...


class ObjectStorage(Protocol):
    """An S3 bucket. Raises ObjectNotFound and StorageUnavailable; everything else is a bug."""

    async def create_multipart(self, key: str, content_type: str) -> str:
        """Open a multipart upload and return its id."""
        ...

    async def presign_part(self, key: str, upload_id: str, part: int, expires: timedelta) -> str:
        """A URL to which anyone may PUT this one part until it expires."""
        ...

    async def presign_form(self, key: str, most_bytes: int, expires: timedelta) -> PostForm:
        """A form by which anyone may send this one object until it expires."""
        ...

    async def put_part(self, key: str, upload_id: str, number: int, data: bytes | bytearray) -> UploadedPart:
        """Store one part, in the place of any before. Raises ObjectNotFound when there is no such upload."""
        ...

    async def copy_part(self, key: str, upload_id: str, part: int, source: str, first: int, last: int) -> None:
        """The same from bytes `first` to `last`, inclusive, of another object, without fetching them."""
        ...

    async def copy(self, source: str, key: str, etag: str) -> None:
        """Copy an object of at most 5 GiB if it still is the one with `etag`; otherwise raises ObjectNotFound."""
        ...

    async def presign_download(self, key: str, filename: str, expires: timedelta) -> str:
        """A URL from which anyone may save the object, under this name, until it expires."""
        ...

    async def list_parts(self, key: str, upload_id: str) -> list[UploadedPart]: ...

    async def complete_multipart(self, key: str, upload_id: str, parts: Sequence[UploadedPart]) -> None: ...

    async def abort_multipart(self, key: str, upload_id: str) -> None:
        """Drop the upload and its parts; an unknown upload is not an error."""
        ...

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str | None = None) -> ObjectStat: ...

    async def put_bytes(self, key: str, data: bytes, content_type: str) -> ObjectStat: ...

    async def get_bytes(self, key: str) -> bytes: ...

    async def download(self, key: str, path: Path) -> str:
        """Write the object to `path` and return the hex SHA-256 of what was written."""
        ...

    async def open(self, key: str, byte_range: str | None = None) -> ObjectBody:
        """Open for streaming; `byte_range` is an HTTP Range header value and is passed on."""
        ...

    async def stat(self, key: str) -> ObjectStat: ...

    async def list(self, prefix: str) -> list[ObjectStat]: ...

    async def delete_prefix(self, prefix: str) -> int:
        """Delete all objects and open multipart uploads below the prefix; return how many objects went."""
        ...


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


class RootKeyVault(Protocol):
    """The KMS that holds the root key. Wraps tenant keys; the root key itself never leaves it.

    All raise KeyServiceUnavailable when it does not answer, or refuses us.
    """

    @property
    def key_id(self) -> str:
        """Of the root key that wraps. It is kept beside what it wrapped, at most 200 characters."""
        ...

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        """Authenticated encryption; `context` is bound as associated data."""
        ...

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        """Raises KeyUnavailable when `key_id` is not known here, or it or the context is not what wrapped it."""
        ...


class KeyUnavailable(Exception):
    """A key could not be unwrapped. Fail closed."""


class KeyServiceUnavailable(KeyUnavailable):
    """Whoever holds the root key did not answer, or does not let us in: worth another try later. Fail closed."""


class CountriesUnavailable(Exception):
    """The database of countries cannot be read. Fail closed."""


class CountryLookup(Protocol):
    """A database of countries by address."""

    def country(self, address: str) -> str | None:
        """ISO 3166-1 alpha-2; None for an address that the database does not know. Raises CountriesUnavailable."""
        ...


class KeySource(Protocol):
    """Where new content keys come from when we do not draw them ourselves: somebody's key service."""

    async def fetch(
        self, target: VersionRef, labels: Sequence[KeyLabel], scheme: ProtectionScheme
    ) -> Mapping[KeyLabel, ContentKey]:
        """One key for each label, the same ones when asked again. Raises KeyUnavailable."""
        ...


class WorkflowsUnavailable(Exception):
    """The workflow service did not answer. What was committed before is found and started by a sweep later."""


class WorkflowGateway(Protocol):
    """The only way to start or stop a workflow. Every call is idempotent; all raise WorkflowsUnavailable."""

    async def start_publish(self, target: VersionRef) -> None: ...

    async def start_import(self, target: VersionRef) -> None:
        """Fetch the source from its address, then publish."""
        ...

    async def start_replace(self, target: VersionRef, previous: VersionRef) -> None:
        """Publish `target` in the place of `previous`, which stays until its last session has ended."""
        ...

    async def start_rekey(self, target: VersionRef, previous: VersionRef) -> None:
        """Publish the tracks of `previous` as `target` under new keys; `previous` stays as in a replacement."""
        ...

    async def start_delete(self, message: DeleteVideoInput) -> None: ...

    async def start_delivery(self, message: DeliverWebhookInput) -> None:
        """Deliver a webhook; a run of the same round is joined."""
        ...

    async def cancel_publish(self, target: VersionRef) -> None:
        """Ask a running publication, replacement or re-keying to stop and clean up; no error when none is running."""
        ...

    async def wait_for_publish(self, target: VersionRef) -> None:
        """Return when no publication, replacement or re-keying of the video runs, however it ended."""
        ...


class LeasesUnavailable(Exception):
    """The store of leases did not answer. Nothing with a limit is opened."""


@dataclass(frozen=True)
class ViewerRef:
    """One viewer of one tenant; `viewer_id` is the customer's name for them."""

    organisation_id: str
    viewer_id: str = field(repr=False)


@dataclass(frozen=True)
class OpenStream:
    """A session of a viewer as the database has it; its `renewed_at` lags behind while renewals go unrecorded."""

    session_id: str
    started_at: datetime
    renewed_at: datetime


@dataclass(frozen=True)
class Admission:
    """`lapsed` were silent and gave their places up; `taken_over` were playing and lost theirs to this newer one."""

    granted: bool
    lapsed: tuple[str, ...] = ()
    taken_over: tuple[str, ...] = ()


class Leases(Protocol):
    """Who of a viewer's streams gives signs of life. Raises LeasesUnavailable."""

    async def take(
        self,
        viewer: ViewerRef,
        session_id: str,
        limit: int,
        when_full: WhenFull,
        now: datetime,
        known: Sequence[OpenStream],
    ) -> Admission:
        """Decide, in one step, whether one more stream may begin. `known` are all open ones, and only those count."""
        ...

    async def renew(self, viewer: ViewerRef, session_id: str, now: datetime) -> None:
        """Note a sign of life."""
        ...


class AttemptsUnavailable(Exception):
    """The store of attempts did not answer. Nobody is let in uncounted."""


class Attempts(Protocol):
    """Counts tries, so that guessing stays slow. Raises AttemptsUnavailable."""

    async def count(self, limits: Sequence[Limit], window: timedelta) -> timedelta | None:
        """Count one more of each; how long to wait where one is over its limit, None where none is."""
        ...

    async def clear(self, limit: Limit) -> None:
        """Begin anew."""
        ...


class MailUnavailable(Exception):
    """No mail can be sent, or this one was not taken."""


@dataclass(frozen=True)
class Mail:
    """Plain text. It may carry a secret: it is never logged."""

    to: str
    subject: str
    text: str = field(repr=False)


class Mailer(Protocol):
    async def send(self, mail: Mail) -> None:
        """Raises MailUnavailable."""
        ...


@dataclass(frozen=True)
class DeviceReport:
    """What a licence service knows of a device; `device_id` is the system's own name for it, `model` is for people."""

    device_id: str | None = None
    capabilities: DeviceCapabilities = field(default_factory=DeviceCapabilities)
    model: str | None = None


@dataclass(frozen=True)
class Inspection:
    """What only the backend can read of a challenge. `kids` None: as little as we can."""

    kids: frozenset[str] | None = None
    device: DeviceReport = field(default_factory=DeviceReport)


@dataclass(frozen=True)
class LicenceOrder:
    """`grant` and `keys` are what a licence may hold, and None and empty for a release. `content_id` is the video."""

    challenge: Challenge
    session_id: str
    content_id: str
    grant: LicenceGrant | None = None
    keys: Mapping[str, ContentKey] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class IssuedLicence:
    body: bytes = field(repr=False)
    device: DeviceReport = field(default_factory=DeviceReport)


class LicenceBackend(Protocol):
    """Whoever makes licences of one system.

    Raises InvalidInput (CHALLENGE_INVALID), Forbidden (LICENCE_DENIED), Unavailable (LICENCE_SERVICE_FAILED).
    What may have been issued is not asked for again: only a connection that was never made is tried twice.
    """

    async def certificate(self) -> bytes:
        """The service's certificate in the system's own form. Raises NotFound where the system has none."""
        ...

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:
        """Without issuing anything. `device` says that the device's level is needed, if it can be had."""
        ...

    async def issue(self, order: LicenceOrder) -> IssuedLicence: ...


class CustomerUnreachable(Exception):
    """A customer's server gave no answer: no connection, no answer in time, or 5xx."""


class CustomerServer(Protocol):
    async def get(self, url: str) -> tuple[int, bytes]:
        """The same without a body."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer. Raises CustomerUnreachable, also for addresses that may not be called."""
        ...


class PeerFailure(StrEnum):
    """How a server on the internet failed us."""

    NAME = "name"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class PeerFailed(Exception):
    """No answer, or none that could be read. Another try may go better. Holds nothing of the address."""

    def __init__(self, failure: PeerFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True)
class HttpAnswer:
    """Header names are lower-case. The body is as it was sent, not decoded, cut off at the bound when `truncated`."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    truncated: bool = False


class HttpStream(Protocol):
    """An answer whose body is still to come. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    #: Where the answer sends us, absolute and not judged yet: calling it is up to the caller.
    redirect: str | None

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it is sent, not decoded. Raises PeerFailed, also for a body that ends early."""
        ...


class OutboundHttp(Protocol):
    """HTTP to addresses that customers gave. All raise DestinationRefused (never to be called) and PeerFailed.

    Never repeats a request, follows a redirect, keeps a cookie, or uses a proxy of the environment.
    """

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float, *, most: int = 64 * 1024
    ) -> HttpAnswer:
        """`seconds` bound the whole exchange, `most` bytes the answer's body."""
        ...

    def get(
        self, url: str, headers: Mapping[str, str], *, seconds: float, idle: float
    ) -> AbstractAsyncContextManager[HttpStream]:
        """`seconds` bound the time to the answer's head, `idle` seconds each silence within its body."""
        ...
