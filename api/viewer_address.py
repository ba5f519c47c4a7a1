"""The address a request comes from, as far as our own proxies can be believed."""

from __future__ import annotations

from fastapi import Request

from core.domain.access.addresses import client_address
from core.settings import Settings


def viewer_address(request: Request, settings: Settings) -> str | None:
    """None when it cannot be known: a rule on addresses then refuses."""
    peer = request.client.host if request.client else None
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    found = client_address(peer, forwarded, settings.trusted_proxies)
    return None if found is None else str(found)
