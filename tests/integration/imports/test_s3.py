"""Sources in buckets of the operator's."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from core.adapters.s3 import S3Storage
from core.domain.egress.destination import DestinationRefused
from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import ANY_ORGANISATION, ImportPolicy
from core.domain.progress import StepProgress
from core.settings import Settings
from tests.integration.imports.conftest import LOOPBACK, Importer

pytestmark = pytest.mark.stack

PART = 8 * 1024**2
DATA = random.Random(4).randbytes(PART + 4321)


@pytest.fixture
async def bucket(settings: Settings, importer: Importer) -> AsyncIterator[str]:
    name = f"theirs-{uuid4().hex[:12]}"
    store = S3Storage.at(settings.s3_endpoint, settings.s3_access_key, settings.s3_secret_key, settings.s3_region, name)
    await store.ensure_bucket()
    await store.put_bytes("films/a film.mp4", DATA, "video/mp4")
    importer.policy = ImportPolicy(LOOPBACK, {name: frozenset({importer.organisation_id})})
    yield name
    await store.close()


async def test_an_object_is_fetched_and_gone_on_from(importer: Importer, bucket: str) -> None:
    def lost(reading: StepProgress) -> None:
        if int(reading.note.split()[0]) > PART:
            raise KeyboardInterrupt

    target = await importer.start(f"s3://{bucket}/films/a film.mp4")
    with pytest.raises(KeyboardInterrupt):
        await importer.fetch(target, lost)
    first: list[StepProgress] = []
    await importer.fetch(target, first.append)
    assert await importer.stored(target) == DATA
    assert int(first[0].note.split()[0]) > PART


async def test_a_missing_object_is_not_found(importer: Importer, bucket: str) -> None:
    target = await importer.start(f"s3://{bucket}/films/none.mp4")
    with pytest.raises(VideoRejected) as rejected:
        await importer.fetch(target)
    assert rejected.value.failure is FailureCode.SOURCE_NOT_FOUND


async def test_only_organisations_that_were_named_import_from_a_bucket(importer: Importer, bucket: str) -> None:
    url = f"s3://{bucket}/films/a film.mp4"
    for others in ({uuid4().hex}, frozenset[str]()):
        importer.policy = ImportPolicy(LOOPBACK, {bucket: frozenset(others)})
        with pytest.raises(DestinationRefused):
            await importer.start(url)
    # What was allowed when it was asked for is judged again.
    target = await importer.start(url, policy=ImportPolicy(LOOPBACK, {bucket: frozenset({ANY_ORGANISATION})}))
    with pytest.raises(VideoRejected) as rejected:
        await importer.fetch(target)
    assert rejected.value.failure is FailureCode.SOURCE_NOT_ALLOWED
