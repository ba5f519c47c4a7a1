"""The receiver of the guide, as a process of its own, takes what we send and refuses the rest."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from cli.stack.ports import free_port
from core.adapters.clock import SystemClock
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.webhooks.event_types import EventType
from core.settings import Settings
from tests.fixtures.recording_gateway import RecordingGateway
from tests.fixtures.waiting import until
from tests.fixtures.webhook_site import webhook_site

pytestmark = pytest.mark.stack

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "webhooks.md"


@contextmanager
def receiver(secret: str, port: int, output: Path) -> Iterator[None]:
    [code] = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    with output.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)},
            stdout=out,
            stderr=subprocess.DEVNULL,
        )
    try:
        yield
    finally:
        child.kill()
        child.wait()


def answers(url: str, **headers: str) -> int | None:
    try:
        return httpx.post(url, content=b"{}", headers=headers).status_code
    except httpx.ConnectError:
        return None


async def test_the_guides_receiver_verifies_what_we_send(
    settings: Settings, uow_factory: UnitOfWorkFactory, gateway: RecordingGateway, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    async with webhook_site(settings, uow_factory, SystemClock()) as site:
        made = await site.endpoint(url=url)
        with receiver(made.secret, port, tmp_path / "output"):
            await until(lambda: answers(url) == 400)
            bad = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "nonsense"}
            assert answers(url, **bad) == 400
            await site.tell(EventType.UPLOAD_FINISHED, video_id="a" * 32)
            await site.relay(gateway)
            [row] = await site.deliveries()
            assert (await site.attempt(row)).done
            assert (await site.deliveries())[0].state.value == "delivered"
        assert (tmp_path / "output").read_text().startswith("upload.finished {'video_id': 'aaaa")
