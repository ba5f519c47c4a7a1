"""One attempt: what is sent, what each kind of answer means, and that a repeat of the step sends nothing twice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from core.contracts.deliver_webhook import CloseInput, DeliveryProgress
from core.db.models import WebhookAttempt, WebhookDelivery
from core.domain.webhooks import delivery as rules
from core.domain.webhooks.delivery import DeliveryState
from core.domain.webhooks.endpoint import FAILING_PERIOD, EndpointStatus
from core.domain.webhooks.event_types import EventType
from core.services.webhooks import attempt_delivery as service
from core.services.webhooks.manage_endpoint import remove_endpoint, rotate_secret
from core.services.webhooks.record_attempt import close_delivery
from core.services.webhooks.relay_events import run_of
from tests.fixtures.api_site import SteppedClock
from tests.fixtures.loopback import Answer, Asked
from tests.fixtures.recording_gateway import RecordingGateway
from tests.fixtures.webhook_site import WebhookSite, verified

pytestmark = pytest.mark.stack

VIDEO = {
    "video_id": "a" * 32,
    "version": 1,
    "current_version": 1,
    "title": "Größe",
    "status": "ready",
    "duration": 12,
    "tags": None,
    "created_at": "2026-11-26T02:00:00Z",
}


async def pending(site: WebhookSite, gateway: RecordingGateway) -> WebhookDelivery:
    await site.tell()
    await site.relay(gateway)
    return (await site.deliveries())[0]


async def attempts(site: WebhookSite, row: WebhookDelivery) -> list[WebhookAttempt]:
    async with site.uow() as uow:
        return list(await uow.webhook_deliveries.attempts(site.organisation_id, row.id))


async def test_a_message_is_verified_by_the_public_library(site: WebhookSite, gateway: RecordingGateway) -> None:
    secret = (await site.endpoint()).secret
    row = await pending(site, gateway)
    assert (await site.attempt(row)) == DeliveryProgress(attempts=1, done=True)
    [asked] = site.receiver.asked
    message = verified(asked, secret)
    assert asked.body == row.body
    assert set(message) == {"type", "timestamp", "data"}
    assert message["type"] == "upload.finished"
    assert asked.headers["webhook-id"] == row.event_id
    assert asked.headers["webhook-timestamp"] == str(int(site.tools.clock.now().timestamp()))
    assert asked.path == "/hook?token=x"
    [after] = await site.deliveries()
    assert (after.state, after.attempts, after.next_attempt_at) == (DeliveryState.DELIVERED, 1, None)
    [attempt] = await attempts(site, row)
    assert (attempt.status, attempt.error, attempt.response_excerpt, attempt.number) == (200, None, "ok", 1)


@pytest.mark.parametrize("event", ["video:ready", "video:readyall"])
async def test_a_vdocipher_hook_is_sent_vdociphers_body_and_our_headers(
    site: WebhookSite, gateway: RecordingGateway, event: str
) -> None:
    made = await site.endpoint(hook_event=event)
    await site.tell(EventType.VIDEO_QUEUED, **VIDEO)
    await site.tell(EventType.VIDEO_READY, **VIDEO)
    await site.relay(gateway)
    [row] = await site.deliveries()
    await site.attempt(row)
    message = verified(site.receiver.asked[0], made.secret)
    assert message.pop("time") > 1_700_000_000_000
    assert message == {
        "hookId": made.endpoint.id,
        "event": event,
        "payload": {
            "id": "a" * 32,
            "title": "Größe",
            "upload_time": 1795658400,
            "tags": None,
            "length": 12,
            "status": "ready",
        },
    }


@pytest.mark.parametrize("status", [300, 301, 302, 304, 307, 308, 400, 401, 404, 429, 500, 502, 503, 504])
async def test_only_2xx_is_success_and_nothing_is_followed(
    site: WebhookSite, gateway: RecordingGateway, status: int
) -> None:
    await site.endpoint()
    row = await pending(site, gateway)
    site.receiver.always(status, Location=f"{site.receiver.url}/elsewhere")
    progress = await site.attempt(row)
    assert (progress.done, progress.attempts, progress.wait_seconds) == (False, 1, 5.0)
    assert [each.path for each in site.receiver.asked] == ["/hook?token=x"]
    assert [each.status for each in await attempts(site, row)] == [status]


async def test_410_disables_the_endpoint_and_tells_the_others(site: WebhookSite, gateway: RecordingGateway) -> None:
    gone = await site.endpoint(events=("upload.finished",))
    await site.endpoint(events=("webhook_endpoint.disabled",), url=f"{site.receiver.url}/other")
    row = await pending(site, gateway)
    site.receiver.always(410)
    assert (await site.attempt(row)).done
    assert (await site.deliveries(endpoint_id=gone.endpoint.id))[0].reason == "ENDPOINT_DISABLED"
    await site.tell()
    await site.relay(gateway)
    assert len(await site.deliveries(endpoint_id=gone.endpoint.id)) == 1
    [told] = await site.deliveries(event_type="webhook_endpoint.disabled")
    data = json.loads(told.body)["data"]
    assert (data["endpoint_id"], data["reason"]) == (gone.endpoint.id, "GONE")


@pytest.mark.parametrize(
    ("asked_for", "waited"),
    [("120", 120), ("2", 5), ("999999999999", 24 * 3600), ("-7", 5), ("soon", 5), ("", 5), ("1" * 5000, 24 * 3600)],
)
async def test_retry_after_lengthens_the_wait_within_bounds(
    site: WebhookSite, gateway: RecordingGateway, asked_for: str, waited: float
) -> None:
    await site.endpoint()
    row = await pending(site, gateway)
    site.receiver.always(429, **{"Retry-After": asked_for})
    assert (await site.attempt(row)).wait_seconds == waited


async def test_an_oversize_answer_is_a_success_of_which_the_beginning_is_kept(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    await site.endpoint()
    row = await pending(site, gateway)
    site.receiver.answer = lambda _: Answer(200, b"\0\xff" + "ä".encode() * 100_000)
    assert (await site.attempt(row)).done
    [attempt] = await attempts(site, row)
    assert attempt.response_excerpt == "ä" * 1023
    assert (await site.deliveries())[0].state is DeliveryState.DELIVERED


async def test_a_slow_receiver_is_left_after_the_timeout(
    site: WebhookSite, gateway: RecordingGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rules.TIMEOUT_SECONDS == 15
    monkeypatch.setattr(service, "TIMEOUT_SECONDS", 0.2)
    await site.endpoint()
    row = await pending(site, gateway)
    go_on = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(_: Asked) -> Answer:
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return Answer(200, b"")

    site.receiver.answer = slow
    progress = await site.attempt(row)
    go_on.set()
    assert (progress.done, progress.wait_seconds) == (False, 5.0)
    [attempt] = await attempts(site, row)
    assert (attempt.status, attempt.error) == (None, "TIMEOUT")
    assert attempt.duration_ms >= 200


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://[::1]:1/", "http://localhost.test:1/"])
async def test_an_address_that_turned_private_is_not_called(
    site: WebhookSite, gateway: RecordingGateway, url: str
) -> None:
    made = await site.endpoint()
    row = await pending(site, gateway)
    async with site.uow() as uow:
        (await uow.webhook_endpoints.lock(site.organisation_id, made.endpoint.id)).url = url
        await uow.commit()
    assert not (await site.attempt(row)).done
    [attempt] = await attempts(site, row)
    assert attempt.error in {"ADDRESS_REFUSED", "UNREACHABLE"}
    assert site.receiver.asked == []


async def test_after_a_rotation_both_secrets_verify_until_the_overlap_is_over(
    site: WebhookSite, gateway: RecordingGateway, clock: SteppedClock
) -> None:
    old = await site.endpoint()
    async with site.uow() as uow:
        new = await rotate_secret(
            uow, site.tools.vault, site.organisation_id, old.endpoint.id, timedelta(hours=24), clock.now()
        )
        await uow.commit()
    assert new.secret != old.secret
    row = await pending(site, gateway)
    await site.attempt(row)
    both = site.receiver.asked[0]
    assert verified(both, old.secret) == verified(both, new.secret)
    clock.ahead = timedelta(hours=24, seconds=1)
    row = await pending(site, gateway)
    await site.attempt(row)
    assert len(site.receiver.asked[1].headers["webhook-signature"].split()) == 1


async def test_a_step_that_is_repeated_after_it_was_recorded_sends_nothing(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    """As when the worker dies between its commit and its answer to Temporal."""
    await site.endpoint()
    row = await pending(site, gateway)
    site.receiver.always(500)
    first = await site.attempt(row)
    assert await site.attempt(row) == first
    assert len(site.receiver.asked) == 1
    site.receiver.always(200)
    assert (await site.attempt(row, first)).done
    assert (await site.attempt(row, first)).done
    assert len(site.receiver.asked) == 2


async def test_the_schedule_ends_after_its_last_attempt(site: WebhookSite, gateway: RecordingGateway) -> None:
    await site.endpoint()
    row = await pending(site, gateway)
    site.receiver.always(500)
    progress, waits = DeliveryProgress(), []
    while not progress.done:
        progress = await site.attempt(row, progress)
        waits.append(progress.wait_seconds)
    hour = 3600
    assert waits == [5, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour, 0]
    [after] = await site.deliveries()
    assert (after.state, after.reason, after.attempts) == (DeliveryState.FAILED, "EXHAUSTED", 10)
    assert len({each.headers["webhook-id"] for each in site.receiver.asked}) == 1
    assert {each.body for each in site.receiver.asked} == {row.body}


async def test_five_days_of_nothing_but_failures_disable_an_endpoint(
    site: WebhookSite, gateway: RecordingGateway, clock: SteppedClock
) -> None:
    made = await site.endpoint()
    site.receiver.always(500)
    await site.attempt(await pending(site, gateway))
    clock.ahead = FAILING_PERIOD - timedelta(seconds=1)
    assert not (await site.attempt(await pending(site, gateway))).done
    clock.ahead = FAILING_PERIOD
    assert (await site.attempt(await pending(site, gateway))).done
    async with site.uow() as uow:
        endpoint = await uow.webhook_endpoints.get(site.organisation_id, made.endpoint.id)
    assert (endpoint.status, endpoint.disabled_reason) == (EndpointStatus.DISABLED, "FAILING")


async def test_a_success_between_failures_starts_the_period_anew(
    site: WebhookSite, gateway: RecordingGateway, clock: SteppedClock
) -> None:
    await site.endpoint()
    site.receiver.always(500)
    await site.attempt(await pending(site, gateway))
    site.receiver.always(204)
    clock.ahead = timedelta(days=4)
    await site.attempt(await pending(site, gateway))
    site.receiver.always(500)
    clock.ahead = timedelta(days=6)
    assert not (await site.attempt(await pending(site, gateway))).done


async def test_what_waits_for_a_disabled_or_removed_endpoint_is_given_up(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    made = await site.endpoint()
    row = await pending(site, gateway)
    async with site.uow() as uow:
        (await uow.webhook_endpoints.lock(site.organisation_id, made.endpoint.id)).status = EndpointStatus.DISABLED
        await uow.commit()
    assert (await site.attempt(row)).done
    assert (await site.deliveries())[0].reason == "ENDPOINT_DISABLED"
    async with site.uow() as uow:
        await remove_endpoint(uow, site.organisation_id, made.endpoint.id)
        await uow.commit()
    assert await site.attempt(row) == DeliveryProgress(done=True)
    assert await site.deliveries() == []
    assert site.receiver.asked == []


async def test_closing_is_repeatable_and_leaves_what_has_ended(site: WebhookSite, gateway: RecordingGateway) -> None:
    await site.endpoint()
    row = await pending(site, gateway)
    for _ in range(2):
        async with site.uow() as uow:
            await close_delivery(uow, CloseInput(run_of(row), "CANCELLED"), site.tools.clock.now())
            await uow.commit()
    async with site.uow() as uow:
        await close_delivery(uow, CloseInput(replace(run_of(row), round=7), "INTERNAL"), site.tools.clock.now())
        await uow.commit()
    assert (await site.deliveries())[0].reason == "CANCELLED"
    assert (await site.attempt(row)).done
    assert site.receiver.asked == []
