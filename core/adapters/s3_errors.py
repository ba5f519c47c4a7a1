"""What the store's errors mean to us: gone, try again later, or a bug."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from minio.error import InvalidResponseError, S3Error, ServerError
from urllib3.exceptions import HTTPError

from core.ports import ObjectNotFound, StorageUnavailable

_GONE = frozenset({"NoSuchKey", "NoSuchUpload"})
_LATER = frozenset(
    {
        *("SlowDown", "InternalError", "ServiceUnavailable", "RequestTimeout", "RequestTimeTooSkewed", "Busy"),
        # What we sent was hurt on its way.
        *("IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch"),
    }
)


@contextmanager
def translated(action: str, key: str) -> Iterator[None]:
    """Turn the client library's exceptions into the port's; what is neither stays as it is."""
    try:
        yield
    except S3Error as error:
        if error.code in _GONE:
            raise ObjectNotFound(key) from error
        if error.code in _LATER or error.response.status >= 500:
            raise StorageUnavailable(f"{action} {key}: {error.code}") from error
        raise
    except (ServerError, InvalidResponseError) as error:
        if _status(error) < 500:
            raise
        raise StorageUnavailable(f"{action} {key}: HTTP {_status(error)}") from error
    # Refused and reset connections, timeouts, bodies shorter than announced, XML that ends in the middle.
    except (HTTPError, ParseError, ConnectionError, TimeoutError) as error:
        raise StorageUnavailable(f"{action} {key}: {type(error).__name__}") from error


def _status(error: ServerError | InvalidResponseError) -> int:
    if isinstance(error, ServerError):
        return error.status_code
    return int(error._code)  # noqa: SLF001 - the library keeps the status of a non-XML answer to itself
