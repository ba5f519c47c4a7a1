"""Fixtures of the tests of deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from core.db.unit_of_work import UnitOfWorkFactory
from core.settings import Settings
from tests.fixtures.api_site import SteppedClock
from tests.fixtures.database import database_url, uow_factory
from tests.fixtures.recording_gateway import RecordingGateway
from tests.fixtures.webhook_site import WebhookSite, webhook_site

__all__ = ["database_url", "uow_factory"]


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def gateway() -> RecordingGateway:
    return RecordingGateway()


@pytest.fixture
async def site(settings: Settings, uow_factory: UnitOfWorkFactory, clock: SteppedClock) -> AsyncIterator[WebhookSite]:
    async with webhook_site(settings, uow_factory, clock) as opened:
        yield opened
