"""Sealcast as the key service of another Sealcast: the client against our own server, into a video's key records."""

from __future__ import annotations

import uuid

import httpx
import pytest

from core.adapters.clock import SystemClock
from core.adapters.speke_client import SpekeKeySource
from core.contracts.version_ref import VersionRef
from core.domain.drm.speke import SpekeVersion
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures.api_site import ApiSite
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.published_video import queue_version
from tests.fixtures.speke_documents import WIDEVINE, Answer, Ask, contract

pytestmark = pytest.mark.stack

LABELS = tuple(KeyLabel)


def source(site: ApiSite, secret: str, version: SpekeVersion = SpekeVersion.V2_0) -> SpekeKeySource:
    http = httpx.AsyncClient(transport=httpx.ASGITransport(site.app), auth=httpx.BasicAuth("us", secret))
    return SpekeKeySource(http, "http://api.test/keys/speke/v2/copyProtection", version, SystemClock())


@pytest.mark.parametrize("version", list(SpekeVersion))
@pytest.mark.parametrize("scheme", [ProtectionScheme.CBCS, ProtectionScheme.CENC])
async def test_client_and_server_agree(site: ApiSite, version: SpekeVersion, scheme: ProtectionScheme) -> None:
    tenant, target = await site.tenant(), VersionRef(uuid.uuid4().hex, uuid.uuid4().hex, 1)
    keys = await source(site, tenant.secret, version).fetch(target, LABELS, scheme)
    # What the server says of the same KIDs in the clear.
    made = contract("PRESET-VIDEO-3", "PRESET-AUDIO-1")
    labels = {rule[1]: rule for rule in made.rules}
    made.rules[:] = [(str(uuid.UUID(hex=keys[label].kid)), *labels[label.value][1:]) for label in LABELS]
    ask = Ask(made, f"{target.video_id}/v1", scheme=scheme.value, systems=(WIDEVINE,))
    headers = tenant.headers | {"X-Speke-Version": "2.0"}
    answer = await site.http.post("/keys/speke/v2/copyProtection", content=ask.document(), headers=headers)
    assert answer.status_code == 200, answer.text
    clear = Answer.read(answer.content).keys()
    assert {uuid.UUID(kid).hex: key for kid, key in clear.items()} == {key.kid: key.key for key in keys.values()}


async def test_a_video_gets_its_keys_from_the_service_and_keeps_them(site: ApiSite) -> None:
    service, publisher = await site.tenant(), await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, publisher.organisation_id)
    fetched = await source(site, service.secret).fetch(target, LABELS, ProtectionScheme.CBCS)
    for _ in range(2):
        async with site.services.uow() as uow:
            kids = await issue_content_keys(
                uow.keys,
                site.services.vault,
                target,
                LABELS,
                ProtectionScheme.CBCS,
                source=source(site, service.secret),
            )
            await uow.commit()
        assert kids == tuple(fetched[label].kid for label in LABELS)
    async with site.services.uow() as uow:
        assert await unwrap_content_keys(uow.keys, site.services.vault, target, TEST_USE) == fetched


async def test_without_the_service_no_key_is_made(site: ApiSite) -> None:
    publisher = await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, publisher.organisation_id)
    async with site.services.uow() as uow:
        with pytest.raises(KeyUnavailable, match="answered 401"):
            await issue_content_keys(
                uow.keys,
                site.services.vault,
                target,
                LABELS,
                ProtectionScheme.CBCS,
                source=source(site, "0" * 64),
            )
        assert await uow.keys.content_keys(target) == []
