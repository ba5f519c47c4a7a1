"""Notifications of the store: they hasten what the sweep does, and are believed nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import boto3
import httpx
import pytest
from pydantic import SecretStr

from api.upload_limits import upload_limits
from cli.stack.probes import s3_client
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.services.uploads.notice_arrivals import notice_arrivals
from core.settings import Settings
from tests.fixtures.api_site import ApiSite
from tests.fixtures.served_api import api_url

__all__ = ["api_url"]

pytestmark = pytest.mark.stack

SECRET = "known-to-the-operator"


def event(*keys: str) -> dict[str, Any]:
    records = [{"eventName": "s3:ObjectCreated:Post", "s3": {"object": {"key": key, "size": 1}}} for key in keys]
    return {"EventName": "s3:ObjectCreated:Post", "Records": records}


async def tell(site: ApiSite, body: Any, authorization: str = f"Bearer {SECRET}") -> httpx.Response:
    return await site.http.post("/v1/storage-events", json=body, headers={"Authorization": authorization})


@pytest.fixture
def told(site: ApiSite) -> ApiSite:
    settings = site.services.settings.model_copy(update={"storage_events_secret": SecretStr(SECRET)})
    site.app.state.services = replace(site.services, settings=settings)
    return site


async def test_an_event_lets_the_sweep_look_at_once_and_is_checked_there(told: ApiSite) -> None:
    site, tenant = told, await told.tenant()
    services = site.services

    async def sweep() -> None:
        await notice_arrivals(
            services.uow, services.storage, site.gateway, upload_limits(services.settings), site.clock.now()
        )

    answer = await site.http.put("/api/videos?title=x", headers=tenant.headers)
    target = VersionRef(tenant.organisation_id, answer.json()["videoId"], 1)
    key = object_keys.form(target)
    assert (await tell(site, event(key))).status_code == 204
    await sweep()
    assert target not in site.gateway.published, "there is no object"
    await services.storage.put_bytes(key, b"here", "video/mp4")
    await sweep()
    assert target not in site.gateway.published, "it is not due yet"
    for _ in range(2):
        assert (await tell(site, event(key.replace("/", "%2F")))).status_code == 204
    await sweep()
    await tell(site, event(key))
    site.clock.ahead += timedelta(hours=1)
    await sweep()
    assert site.gateway.published.count(target) == 1


async def test_keys_of_nothing_are_ignored(told: ApiSite) -> None:
    unknown = object_keys.form(VersionRef("0" * 32, "1" * 32, 1))
    for key in (
        unknown,
        "",
        "x",
        "../../etc/passwd",
        unknown + "/x",
        unknown.replace("v1", "v" + "9" * 30),
        "%00",
    ):
        assert (await tell(told, event(key))).status_code == 204
    assert (await tell(told, {"Event": "s3:TestEvent"})).status_code == 204
    for wrong in ([], {"Records": "x"}, {"Records": [{}] * 1001}, event("x" * 5000)):
        assert (await tell(told, wrong)).status_code == 422


async def test_only_the_store_may_tell(told: ApiSite, site: ApiSite) -> None:
    tenant = await site.tenant()
    basic = base64.b64encode(f"store:{SECRET}".encode()).decode()
    assert (await tell(told, event(), f"Basic {basic}")).status_code == 204
    for wrong in ("", "Bearer", "Bearer x", f"Digest {SECRET}", tenant.headers["Authorization"]):
        assert (await tell(told, event(), wrong)).status_code == 401


async def test_without_a_header_every_record_carries_the_secret(told: ApiSite) -> None:
    def carrying(*secrets: str) -> dict[str, Any]:
        return {"Records": [{**event("x")["Records"][0], "opaqueData": secret} for secret in secrets]}

    statuses = [
        (await told.http.post("/v1/storage-events", json=body)).status_code
        for body in (carrying(SECRET), carrying(SECRET, SECRET), carrying(SECRET, "x"), carrying(""), carrying(), {})
    ]
    assert statuses == [204, 204, 401, 401, 401, 401]


async def test_ceph_tells_of_a_form_that_was_sent(told: ApiSite, api_url: str) -> None:
    tenant, services = await told.tenant(), told.services
    given = (await told.http.put("/api/videos?title=x", headers=tenant.headers)).json()
    target = VersionRef(tenant.organisation_id, given["videoId"], 1)
    with notifying(services.settings, f"{tenant.organisation_id}/", f"{api_url}/v1/storage-events"):
        await services.storage.put_bytes(object_keys.form(target), b"here", "video/mp4")
    limits = upload_limits(services.settings)
    await notice_arrivals(services.uow, services.storage, told.gateway, limits, told.clock.now())
    assert told.gateway.published.count(target) == 1


@contextmanager
def notifying(settings: Settings, prefix: str, url: str) -> Iterator[None]:
    """The store tells of what is created below the prefix, as the guide says how to set it up."""
    known = {
        "endpoint_url": settings.s3_endpoint,
        "region_name": settings.s3_region,
        "aws_access_key_id": settings.s3_access_key.get_secret_value(),
        "aws_secret_access_key": settings.s3_secret_key.get_secret_value(),
    }
    attributes = {"push-endpoint": url, "OpaqueData": SECRET}
    with closing(boto3.client("sns", **known)) as sns, closing(boto3.client("s3", **known)) as s3:
        topic = sns.create_topic(Name="sealcast-test", Attributes=attributes)["TopicArn"]
        rule = {
            "Id": "sealcast-test",
            "TopicArn": topic,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
        }
        configure = partial(s3.put_bucket_notification_configuration, Bucket=settings.s3_bucket)
        configure(NotificationConfiguration={"TopicConfigurations": [rule]})
        try:
            yield
        finally:
            # An extension of Ceph's, which takes no empty configuration.
            keys = (known["aws_access_key_id"], known["aws_secret_access_key"])
            store = s3_client(settings.s3_endpoint, *keys, region=settings.s3_region)
            store._execute("DELETE", settings.s3_bucket, query_params={"notification": ""})
            sns.delete_topic(TopicArn=topic)


async def test_without_a_secret_nobody_may(site: ApiSite) -> None:
    for given in ("Bearer ", "Bearer None", f"Bearer {SECRET}"):
        assert (await tell(site, event(), given)).status_code == 401
