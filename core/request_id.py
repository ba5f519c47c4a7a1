"""The id of the request that this code runs for, so that records can name it without every layer passing it on."""

from __future__ import annotations

import structlog


def current_request_id() -> str:
    """As the API's middleware bound it; empty outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
