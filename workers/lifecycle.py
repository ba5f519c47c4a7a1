"""SIGTERM → stop polling → drain → close."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence

import structlog
from temporalio.client import Client

from core.contracts import queues
from core.settings import Settings
from workers.client import connect
from workers.registry import FLEETS, build_worker
from workers.relay import relay
from workers.schedules import reconcile_schedules
from workers.services import Services, open_services

_log = structlog.get_logger(__name__)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGINT or SIGTERM sets. Call it in the main thread, inside the loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


async def run_fleets(client: Client, services: Services, fleets: Sequence[str], stop: asyncio.Event) -> None:
    """Poll the queues until `stop` is set, then drain. A worker that dies takes the process down, loudly."""
    if queues.ORCHESTRATION in fleets:
        await reconcile_schedules(client)
    workers = [build_worker(client, FLEETS[name](services)) for name in fleets]
    runs = [asyncio.create_task(worker.run()) for worker in workers]
    if queues.EGRESS in fleets:
        runs.append(asyncio.create_task(relay(services, stop)))
    stopped = asyncio.create_task(stop.wait())
    _log.info("polling", queues=list(fleets), slots=[FLEETS[name](services).slots for name in fleets])
    try:
        await asyncio.wait([*runs, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        results = await asyncio.gather(*runs, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception):
            raise result


async def run_worker_process(settings: Settings, fleets: Sequence[str]) -> None:
    """What `sealcast worker` runs."""
    stop = stop_on_signals()
    client = await connect(settings)
    async with open_services(settings, client) as services:
        await run_fleets(client, services, fleets, stop)
