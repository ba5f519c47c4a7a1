"""From settings to whatever can be imported from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from core.adapters.egress.ftp_source import FtpSource
from core.adapters.egress.http import GuardedHttp
from core.adapters.egress.http_source import HttpSource
from core.adapters.egress.policy import egress_policy
from core.adapters.egress.s3_source import S3Source
from core.adapters.egress.sources import AnySource
from core.adapters.s3 import S3Storage
from core.import_settings import ImportSettings
from core.ports import Sources
from core.settings import Settings


@asynccontextmanager
async def open_sources(settings: Settings) -> AsyncIterator[Sources]:
    policy = egress_policy(settings)
    async with aclosing(GuardedHttp(policy)) as http, aclosing(_s3(settings.imports)) as s3:
        yield AnySource(HttpSource(http), FtpSource(policy), s3)


def _s3(settings: ImportSettings) -> S3Source:
    endpoint = settings.s3_endpoint
    if endpoint is None:
        return S3Source(None)
    return S3Source(
        lambda bucket: S3Storage.at(
            endpoint, settings.s3_access_key, settings.s3_secret_key, settings.s3_region, bucket
        )
    )
