"""Try once to deliver an event, and record what came back."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from core.contracts.deliver_webhook import AttemptInput, DeliveryProgress
from core.db.models import WebhookDelivery, WebhookEndpoint
from core.db.unit_of_work import UnitOfWork
from core.domain.egress.destination import DestinationRefused
from core.domain.errors import NotFound
from core.domain.webhooks.delivery import (
    LONGEST_EXCERPT,
    TIMEOUT_SECONDS,
    AttemptError,
    DeliveryState,
    FailureReason,
    Tried,
    busy_delay,
    excerpt_of,
)
from core.domain.webhooks.endpoint import EndpointStatus
from core.domain.webhooks.message import signed_headers
from core.ports import DeliveryPlace, EndpointLimits, LeasesUnavailable, OutboundHttp, PeerFailed, PeerFailure
from core.services.webhooks.record_attempt import Measured, close, record_attempt
from core.services.webhooks.secrets import open_secrets
from core.services.webhooks.tools import DeliveryTools

_DONE = DeliveryProgress(done=True)


@dataclass(frozen=True)
class _Due:
    url: str = field(repr=False)
    limits: EndpointLimits
    body: bytes = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)


async def attempt_delivery(tools: DeliveryTools, message: AttemptInput) -> DeliveryProgress:
    """How far the delivery is now. Repeatable: what was recorded is not done again; what was sent but not recorded, is.

    Raises KeyUnavailable, LeasesUnavailable.
    """
    async with tools.uow() as uow:
        due = await _due(uow, tools, message)
        await uow.commit()
    if isinstance(due, DeliveryProgress):
        return due
    so_far, holder = message.so_far, message.delivery.delivery_id
    endpoint_id = message.delivery.endpoint_id
    place = await tools.places.take(endpoint_id, holder, due.limits, reserved=so_far.reserved)
    if not place.granted:
        return _turned_away(message, place)
    try:
        measured = await _send(tools, message, due)
        return await record_attempt(tools.uow, message, measured)
    finally:
        with suppress(LeasesUnavailable):  # it lapses by itself
            await tools.places.give_back(endpoint_id, holder)


def _turned_away(message: AttemptInput, place: DeliveryPlace) -> DeliveryProgress:
    """The rate says when its next place is; how long a slow endpoint takes, nobody knows."""
    attempts, times = message.so_far.attempts, message.so_far.turned_away + 1
    if place.wait_seconds > 0:
        return DeliveryProgress(attempts, place.wait_seconds, place.reserved)
    return DeliveryProgress(attempts, busy_delay(times, message.jitter).total_seconds(), place.reserved, times)


async def _due(uow: UnitOfWork, tools: DeliveryTools, message: AttemptInput) -> _Due | DeliveryProgress:
    """What to send; or how far the delivery is, when there is nothing to send now."""
    which, now = message.delivery, tools.clock.now()
    try:
        row = await uow.webhook_deliveries.lock(which.organisation_id, which.delivery_id)
        endpoint = await uow.webhook_endpoints.get(which.organisation_id, which.endpoint_id)
    except NotFound:
        return _DONE  # the endpoint was removed, with all that was on its way
    if row.round != which.round or row.state is not DeliveryState.PENDING:
        return _DONE
    if row.attempts > message.so_far.attempts:
        # Recorded by an attempt that could not tell of it any more, or by a run before this one.
        return DeliveryProgress(row.attempts, _until(row, now))
    if endpoint.status is EndpointStatus.DISABLED:
        close(row, FailureReason.ENDPOINT_DISABLED, now)
        return _DONE
    return await _opened(uow, tools, row, endpoint, now)


async def _opened(
    uow: UnitOfWork, tools: DeliveryTools, row: WebhookDelivery, endpoint: WebhookEndpoint, now: datetime
) -> _Due:
    sealed = await uow.webhook_endpoints.secrets(row.organisation_id, endpoint.id, now)
    limits = EndpointLimits(endpoint.rate_per_second, endpoint.max_in_flight)
    return _Due(endpoint.url, limits, row.body, await open_secrets(tools.vault, sealed))


def _until(row: WebhookDelivery, now: datetime) -> float:
    return 0.0 if row.next_attempt_at is None else max(0.0, (row.next_attempt_at - now).total_seconds())


async def _send(tools: DeliveryTools, message: AttemptInput, due: _Due) -> Measured:
    started, began = tools.clock.now(), time.monotonic()
    headers = signed_headers(message.delivery.event_id, due.body, due.secrets, started)
    tried = await _post(tools.http, due, headers)
    return Measured(tried, started, round((time.monotonic() - began) * 1000), tools.clock.now())


async def _post(http: OutboundHttp, due: _Due, headers: dict[str, str]) -> Tried:
    try:
        answer = await http.post(due.url, headers, due.body, TIMEOUT_SECONDS, most=LONGEST_EXCERPT)
    except DestinationRefused:
        return Tried(error=AttemptError.ADDRESS_REFUSED)
    except PeerFailed as failed:
        return Tried(error=_ERRORS.get(failed.failure, AttemptError.UNREACHABLE))
    return Tried(answer.status, None, excerpt_of(answer.body), answer.headers.get("retry-after"))


_ERRORS = {PeerFailure.TIMEOUT: AttemptError.TIMEOUT, PeerFailure.PROTOCOL: AttemptError.BAD_ANSWER}
