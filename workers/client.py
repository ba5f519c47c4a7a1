"""The one way to a Temporal client: same converter for API, workers, replayer and tests."""

from __future__ import annotations

import asyncio

import structlog
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from core.settings import Settings

_log = structlog.get_logger(__name__)

DATA_CONVERTER = pydantic_data_converter


async def connect(settings: Settings, patience: float = 60.0) -> Client:
    """Connect, waiting up to `patience` seconds for a server that is still starting."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    delay = 0.2
    while True:
        try:
            return await Client.connect(
                settings.temporal_address, namespace=settings.temporal_namespace, data_converter=DATA_CONVERTER
            )
        except RuntimeError as error:  # what the SDK raises while nobody listens
            if loop.time() + delay > deadline:
                raise ConnectionError(
                    f"Temporal does not answer at {settings.temporal_address} "
                    f"(namespace {settings.temporal_namespace}). Start it, or set TEMPORAL_ADDRESS."
                ) from error
            _log.info("waiting for Temporal", address=settings.temporal_address)
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5.0)
