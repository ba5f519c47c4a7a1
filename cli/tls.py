"""The API's own TLS, with the operator's certificate, which is looked at again now and then for a renewal."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import structlog

from cli.failures import CommandFailed
from core.settings import Settings

_log = structlog.get_logger(__name__)

_LOOK_EVERY_SECONDS = 60.0


class Certificate:
    """Chain and key as PEM files, and the context that serves them."""

    def __init__(self, chain: Path, key: Path) -> None:
        """Raises CommandFailed when they cannot be read, or do not belong together."""
        self._chain, self._key = chain, key
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._seen = self._times()
        try:
            self.context.load_cert_chain(chain, key)
        except (OSError, ssl.SSLError) as error:
            raise CommandFailed(f"the certificate {chain} cannot be used with the key {key}: {error}") from None

    async def follow_renewals(self, every: float = _LOOK_EVERY_SECONDS) -> None:
        """Until it is cancelled. New connections get the new certificate; one that cannot be used is passed over."""
        while True:
            await asyncio.sleep(every)
            self.reload_if_renewed()

    def reload_if_renewed(self) -> bool:
        """Whether it was. While only one of the two files has been renewed, the old ones stay."""
        seen = self._times()
        if seen == self._seen:
            return False
        try:
            # First elsewhere: a chain without its key would spoil the context that serves.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._chain, self._key)
            self.context.load_cert_chain(self._chain, self._key)
        except (OSError, ssl.SSLError) as error:
            _log.warning("renewed certificate not usable yet", error=type(error).__name__)
            return False
        self._seen = seen
        _log.info("certificate renewed")
        return True

    def _times(self) -> tuple[int, int]:
        try:
            return self._chain.stat().st_mtime_ns, self._key.stat().st_mtime_ns
        except OSError:
            return 0, 0


def certificate_of(settings: Settings) -> Certificate | None:
    """None when the API speaks plain HTTP. Raises CommandFailed."""
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return Certificate(settings.tls_certificate, settings.tls_key)
