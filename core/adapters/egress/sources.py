"""Whatever can be imported from, by the address's scheme."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from core.adapters.egress.ftp_source import FtpSource
from core.adapters.egress.http_source import HttpSource
from core.adapters.egress.s3_source import S3Source
from core.ports import SourceStream


class AnySource:
    """A Sources."""

    def __init__(self, http: HttpSource, ftp: FtpSource, s3: S3Source) -> None:
        self._by_scheme: dict[str, FtpSource | S3Source | HttpSource] = {
            "http": http,
            "https": http,
            "ftp": ftp,
            "s3": s3,
        }

    def open(self, url: str, start: int = 0, validator: str | None = None) -> AbstractAsyncContextManager[SourceStream]:
        """The address has been judged: it has a scheme that is known here."""
        return self._by_scheme[url.partition(":")[0].lower()].open(url, start, validator)
