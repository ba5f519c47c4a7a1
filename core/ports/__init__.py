"""Protocols for everything outside, a subject a module. Whoever uses one imports it from here."""

from core.ports.accounts import Attempts, AttemptsUnavailable, Mail, Mailer, MailUnavailable
from core.ports.antivirus import Antivirus, ScanResult, ScanState
from core.ports.clock import Clock
from core.ports.countries import CountriesUnavailable, CountryLookup
from core.ports.deliveries import DeliveryPlace, DeliveryPlaces, EndpointLimits
from core.ports.keys import KeyServiceUnavailable, KeySource, KeyUnavailable, RootKeyVault
from core.ports.leases import Admission, Leases, LeasesUnavailable, OpenStream, ViewerRef
from core.ports.licences import (
    CustomerServer,
    CustomerUnreachable,
    DeviceReport,
    Inspection,
    IssuedLicence,
    LicenceBackend,
    LicenceOrder,
)
from core.ports.outbound import HttpAnswer, HttpStream, OutboundHttp, PeerFailed, PeerFailure
from core.ports.sources import Sources, SourceStream
from core.ports.storage import (
    ObjectBody,
    ObjectNotFound,
    ObjectStat,
    ObjectStorage,
    PostForm,
    StorageUnavailable,
    UploadedPart,
)
from core.ports.workflows import WorkflowGateway, WorkflowsUnavailable

__all__ = [
    "Admission",
    "Antivirus",
    "Attempts",
    "AttemptsUnavailable",
    "Clock",
    "CountriesUnavailable",
    "CountryLookup",
    "CustomerServer",
    "CustomerUnreachable",
    "DeliveryPlace",
    "DeliveryPlaces",
    "DeviceReport",
    "EndpointLimits",
    "HttpAnswer",
    "HttpStream",
    "Inspection",
    "IssuedLicence",
    "KeyServiceUnavailable",
    "KeySource",
    "KeyUnavailable",
    "Leases",
    "LeasesUnavailable",
    "LicenceBackend",
    "LicenceOrder",
    "Mail",
    "MailUnavailable",
    "Mailer",
    "ObjectBody",
    "ObjectNotFound",
    "ObjectStat",
    "ObjectStorage",
    "OpenStream",
    "OutboundHttp",
    "PeerFailed",
    "PeerFailure",
    "PostForm",
    "RootKeyVault",
    "ScanResult",
    "ScanState",
    "SourceStream",
    "Sources",
    "StorageUnavailable",
    "UploadedPart",
    "ViewerRef",
    "WorkflowGateway",
    "WorkflowsUnavailable",
]
