"""From the outbox to one run a delivery, whatever crashes in between; replays; the log's upkeep; two tenants."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from core.contracts.deliver_webhook import AttemptInput, DeliverWebhookInput, DeliveryProgress
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.webhooks.delivery import DeliveryState
from core.domain.webhooks.event_types import EventType
from core.ports import EndpointLimits, KeyUnavailable, WorkflowsUnavailable
from core.services.keys.activate_tenant_key import activate_tenant_key
from core.services.keys.rewrap_secrets import rewrap_secrets
from core.services.webhooks.attempt_delivery import attempt_delivery
from core.services.webhooks.keep_log import KEPT, forget_old, restart_lost
from core.services.webhooks.relay_events import run_of
from core.settings import Settings
from tests.fixtures.api_site import SteppedClock
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.recording_gateway import RecordingGateway
from tests.fixtures.webhook_site import WebhookSite, verified, webhook_site

pytestmark = pytest.mark.stack


def of(site: WebhookSite, gateway: RecordingGateway) -> list[DeliverWebhookInput]:
    """The starts for this organisation: the database has others."""
    return [run for run in gateway.delivered if run.organisation_id == site.organisation_id]


async def test_an_event_goes_to_each_endpoint_that_wants_it(site: WebhookSite, gateway: RecordingGateway) -> None:
    every = await site.endpoint()
    ready = await site.endpoint(events=("video.ready", "upload.finished"))
    await site.endpoint(events=("video.failed",))
    await site.tell()
    await site.relay(gateway)
    await site.relay(gateway)
    runs = of(site, gateway)
    assert {run.endpoint_id for run in runs} == {every.endpoint.id, ready.endpoint.id}
    assert len(runs) == 2
    assert len({run.event_id for run in runs}) == 1


async def test_an_event_of_a_transaction_that_fails_is_not_told(site: WebhookSite, gateway: RecordingGateway) -> None:
    await site.endpoint()

    class Undoing(UnitOfWork):
        async def commit(self) -> None:
            raise OperationalError("COMMIT", None, Exception("gone"))

    tools = site.tools
    async with site.uow() as uow:
        session = uow._session
    site.tools = replace(tools, uow=lambda: Undoing(session))
    with pytest.raises(OperationalError):
        await site.tell()
    site.tools = tools
    await site.relay(gateway)
    assert await site.deliveries() == []


async def test_a_relay_that_dies_before_it_started_anything_leaves_it_to_the_next(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    await site.endpoint()
    await site.tell()
    gateway.down = True
    with pytest.raises(WorkflowsUnavailable):
        await site.relay(gateway)
    [row] = await site.deliveries()
    assert row.started_at is None
    gateway.down = False
    await site.relay(gateway)
    assert of(site, gateway) == [run_of(row)]


async def test_a_relay_that_dies_after_it_started_a_run_starts_the_same_again(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    """Between the start and the commit. The run's id is the same, so that Temporal joins the two."""
    await site.endpoint()
    for _ in range(3):
        await site.tell()

    class Dying(RecordingGateway):
        async def start_delivery(self, message: DeliverWebhookInput) -> None:
            await super().start_delivery(message)
            if len(self.delivered) >= 2:
                raise WorkflowsUnavailable("killed")

    dying = Dying()
    with pytest.raises(WorkflowsUnavailable):
        await site.relay(dying)
    await site.relay(gateway)
    assert len(of(site, gateway)) == 3
    assert set(of(site, dying)) <= set(of(site, gateway))
    await site.relay(gateway)
    assert len(of(site, gateway)) == 3


async def test_two_relays_at_once_share_the_work(site: WebhookSite, gateway: RecordingGateway) -> None:
    await site.endpoint()
    for _ in range(10):
        await site.tell()
    await asyncio.gather(*(site.relay(gateway) for _ in range(4)))
    await site.relay(gateway)
    runs = of(site, gateway)
    assert len(runs) == len(set(runs)) == 10


async def test_versions_of_an_object_grow_in_the_order_of_its_events(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    await site.endpoint()
    for _ in range(5):
        await site.tell()
    async with site.uow() as uow:
        now = site.tools.clock.now()
        events = await uow.outbox.between(
            site.organisation_id, now - timedelta(days=1), now + timedelta(days=1), after=0, most=100
        )
    versions = [event.object_version for event in events]
    assert versions == sorted(set(versions))
    assert [event.occurred_at for event in events] == sorted(event.occurred_at for event in events)


@pytest.mark.parametrize("fails_at", [2, 3], ids=["before it is recorded", "while it is recorded"])
async def test_what_was_sent_but_not_recorded_is_sent_again_under_the_same_id(
    site: WebhookSite, gateway: RecordingGateway, fails_at: int
) -> None:
    """A worker that dies there: receivers tell the repeat by its id."""
    await site.endpoint()
    await site.tell()
    await site.relay(gateway)
    [row] = await site.deliveries()
    message = AttemptInput(run_of(row), DeliveryProgress(), 0.5)
    dying = replace(site.tools, uow=failing(site.uow, fails_at))
    with pytest.raises(OperationalError):
        await attempt_delivery(dying, message)
    assert (await site.deliveries())[0].state is DeliveryState.PENDING
    assert (await attempt_delivery(site.tools, message)).done
    assert site.receiver.event_ids() == [row.event_id] * 2
    assert site.receiver.asked[0].body == site.receiver.asked[1].body
    assert (await site.deliveries())[0].attempts == 1


def failing(factory: UnitOfWorkFactory, at: int) -> UnitOfWorkFactory:
    """A database that goes away: 2 at the opening of the second unit of work, 3 at its commit."""
    opened = 0

    def open_one() -> UnitOfWork:
        nonlocal opened
        opened += 1
        if opened == 1:
            return factory()
        if at == 2:
            raise OperationalError("BEGIN", None, Exception("gone"))
        uow = factory()

        async def gone(*_: Any) -> None:
            raise OperationalError("COMMIT", None, Exception("gone"))

        uow.commit = gone  # type: ignore[method-assign]
        return uow

    return open_one


async def test_a_run_that_was_lost_is_started_again_and_goes_on_where_it_was(
    site: WebhookSite, gateway: RecordingGateway, clock: SteppedClock
) -> None:
    """As when an operator terminates it: nothing else would ever try again."""
    await site.endpoint()
    await site.tell()
    await site.relay(gateway)
    [row] = await site.deliveries()
    site.receiver.always(500)
    assert (await site.attempt(row)).attempts == 1
    clock.ahead = timedelta(minutes=14)
    await restart_lost(site.uow, clock.now())
    await site.relay(gateway)
    assert len(of(site, gateway)) == 1
    clock.ahead = timedelta(minutes=16)
    assert await restart_lost(site.uow, clock.now()) >= 1
    await site.relay(gateway)
    [first, second] = of(site, gateway)
    assert first == second
    progress = await site.attempt(second)
    assert (progress.attempts, progress.wait_seconds, len(site.receiver.asked)) == (1, 0, 1)
    assert (await site.attempt(second, progress)).attempts == 2


async def test_old_rows_are_forgotten_and_what_waits_is_kept(
    site: WebhookSite, gateway: RecordingGateway, clock: SteppedClock
) -> None:
    await site.endpoint()
    for _ in range(2):
        await site.tell()
        await site.relay(gateway)
    waiting, done = await site.deliveries()
    await site.attempt(done)
    await forget_old(site.uow, clock.now() + KEPT - timedelta(hours=1))
    assert len(await site.deliveries()) == 2
    assert await forget_old(site.uow, clock.now() + KEPT + timedelta(hours=1)) >= 3
    assert [row.id for row in await site.deliveries()] == [waiting.id]


async def test_secrets_move_under_a_new_tenant_key_and_still_sign(site: WebhookSite, gateway: RecordingGateway) -> None:
    made = await site.endpoint()
    uow, vault, organisation_id = site.uow, site.tools.vault, site.organisation_id
    await activate_tenant_key(uow, vault, organisation_id, 2)
    moved, after = 0, None
    while True:
        page = await rewrap_secrets(uow, vault, organisation_id, after, TEST_USE)
        moved, after = moved + page.rewrapped, page.after
        assert page.refused == 0
        if page.done:
            break
    assert moved == 1
    async with uow() as work:
        [(secret, tenant)] = await work.webhook_endpoints.secrets(
            organisation_id, made.endpoint.id, site.tools.clock.now()
        )
    assert (tenant.version, secret.tenant_key_id) == (2, tenant.id)
    await site.tell()
    await site.relay(gateway)
    await site.attempt((await site.deliveries())[0])
    assert verified(site.receiver.asked[0], made.secret)


async def test_a_secret_that_was_moved_to_another_endpoint_does_not_sign(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    mine, other = await site.endpoint(), await site.endpoint(events=("video.failed",))
    async with site.uow() as uow:
        now = site.tools.clock.now()
        [(here, _)] = await uow.webhook_endpoints.secrets(site.organisation_id, mine.endpoint.id, now)
        [(there, _)] = await uow.webhook_endpoints.secrets(site.organisation_id, other.endpoint.id, now)
        here.wrapped_secret = there.wrapped_secret
        await uow.commit()
    await site.tell()
    await site.relay(gateway)
    with pytest.raises(KeyUnavailable):
        await site.attempt((await site.deliveries())[0])
    assert site.receiver.asked == []


async def test_nobody_hears_of_another_tenant(
    site: WebhookSite,
    gateway: RecordingGateway,
    settings: Settings,
    uow_factory: UnitOfWorkFactory,
    clock: SteppedClock,
) -> None:
    async with webhook_site(settings, uow_factory, clock) as other:
        await site.endpoint()
        await other.endpoint()
        told = await site.tell()
        await site.relay(gateway)
        assert await other.deliveries() == []
        [row] = await site.deliveries()
        assert told not in {run.event_id for run in of(other, gateway)}
        # Ids of the one, said to be the other's: as of nobody.
        stolen = replace(run_of(row), organisation_id=other.organisation_id)
        assert await other.attempt(stolen) == DeliveryProgress(done=True)
        assert other.receiver.asked == site.receiver.asked == []


async def test_a_full_endpoint_turns_deliveries_away_and_lets_them_in_later(
    site: WebhookSite, gateway: RecordingGateway
) -> None:
    made = await site.endpoint(max_in_flight=1)
    for _ in range(2):
        await site.tell(EventType.UPLOAD_CREATED)
    await site.relay(gateway)
    one, two = await site.deliveries()
    limits = EndpointLimits(20, 1)
    assert (await site.tools.places.take(made.endpoint.id, one.id, limits, reserved=False)).granted
    away = await site.attempt(two)
    assert (away.done, away.attempts, away.reserved, away.turned_away) == (False, 0, True, 1)
    assert away.wait_seconds == 2
    assert (await site.attempt(two, away)).wait_seconds == 4
    assert site.receiver.asked == []
    await site.tools.places.give_back(made.endpoint.id, one.id)
    assert (await site.attempt(two, away)).done
    assert (await site.attempt(one)).done
