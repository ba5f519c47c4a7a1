"""Single sign-on against a provider of another library: strict both ways."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import text

from core.adapters.egress.http import GuardedHttp
from core.adapters.licences.customer_server import HttpCustomerServer
from core.domain.drm.callback_message import DEVELOPMENT_CALLBACKS
from core.domain.drm.key_records import TenantKeyRecord
from core.services.keys.envelope import open_tenant_key
from core.services.sso.sealed_table import SsoTable
from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, new_member
from tests.fixtures.oidc_provider import CLIENT_ID, CLIENT_SECRET, OidcProvider, running_provider

pytestmark = pytest.mark.stack


@dataclass
class Sso:
    """An organisation with a provider."""

    site: ApiSite
    provider: OidcProvider
    owner: Person
    slug: str

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.site.http.post(path, json=body)

    async def leave(self) -> dict[str, str]:
        answer = await self.post("/auth/sso/start", {"organisation": self.slug})
        assert answer.status_code == 200, answer.text
        departure: dict[str, str] = answer.json()
        code, state = self.provider.authorize(departure["authorization_url"])
        return {"ticket": departure["ticket"], "code": code, "state": state}

    async def come_back(self, **change: str) -> httpx.Response:
        return await self.post("/auth/sso/finish", await self.leave() | change)

    async def signed_in(self) -> dict[str, Any]:
        answer = await self.come_back()
        assert answer.status_code == 200, answer.text
        headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        seen: dict[str, Any] = (await self.site.http.get("/auth/verify", headers=headers)).json()
        return seen

    async def set(self, **more: Any) -> httpx.Response:
        body = {"issuer": self.provider.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return await self.site.http.put("/v1/sso-connection", json=body | more, headers=self.owner.headers)


@pytest.fixture
async def sso(site: ApiSite, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Sso]:
    # The provider is on this machine, which customers' servers must not be.
    monkeypatch.setattr(site.services.settings.licences, "callback_private_addresses", True)
    http = GuardedHttp(DEVELOPMENT_CALLBACKS)
    nearby = HttpCustomerServer(http, seconds=5, development=True)
    site.app.state.services = replace(site.services, customers=nearby)
    organisation_id = await new_organisation(site.services.uow)
    owner = await new_member(site, organisation_id)
    async with site.services.uow() as uow:
        organisation = await uow.organisations.get(organisation_id)
        assert organisation is not None
    async with running_provider(site.clock) as provider:
        provider.claims["email"] = f"{uuid4().hex}@people.test"
        found = Sso(site, provider, owner, organisation.slug)
        answer = await found.set(role_claim="groups", role_map={"makers": "editor", "bosses": "admin"})
        assert answer.status_code == 200, answer.text
        assert CLIENT_SECRET not in answer.text
        yield found
    await http.aclose()


async def test_somebody_new_becomes_a_member_and_the_role_follows_the_provider(sso: Sso) -> None:
    first = await sso.signed_in()
    assert (first["kind"], first["roles"]) == ("user", ["viewer"])
    assert first["organisation_id"] == sso.owner.organisation_id
    # Another address and a group: the same person, by what the provider calls them.
    sso.provider.claims |= {"email": f"{uuid4().hex}@people.test", "groups": ["others", "makers"]}
    sso.site.clock.ahead += timedelta(seconds=10)
    again = await sso.signed_in()
    assert (again["id"], again["roles"]) == (first["id"], ["editor"])
    sso.provider.claims |= {"sub": "another"}
    assert (await sso.signed_in())["id"] != first["id"]
    log = (await sso.site.http.get("/v1/audit-log", headers=sso.owner.headers)).json()["entries"]
    assert {"member.create-sso", "member.role", "sso.set"} <= {each["action"] for each in log}


async def test_an_account_that_is_there_is_not_taken_over_by_its_address(sso: Sso) -> None:
    sso.provider.claims["email"] = sso.owner.email.upper()
    answer = await sso.come_back()
    assert (answer.status_code, answer.json()["code"]) == (409, "MEMBER_EXISTS")


async def test_a_removed_member_comes_back_as_somebody_new(sso: Sso) -> None:
    first = await sso.signed_in()
    gone = await sso.site.http.delete(f"/v1/members/{first['id']}", headers=sso.owner.headers)
    assert gone.status_code == 204
    assert (await sso.signed_in())["id"] != first["id"]


CLAIMS: dict[str, dict[str, Any]] = {
    "another audience": {"aud": "somebody else"},
    "audiences without azp": {"aud": [CLIENT_ID, "somebody else"]},
    "another azp": {"azp": "somebody else"},
    "another issuer": {"iss": "https://evil.test"},
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "no expiry": {"exp": None},
    "expired": {"exp": 1_000_000_000},
    "issued in the future": {"iat": 4_000_000_000, "exp": 4_000_000_100},
    "address not vouched for": {"email_verified": False},
    "address vouched for by a text": {"email_verified": "true"},
    "no address": {"email": None},
}


async def test_a_token_for_something_else_opens_nothing(sso: Sso) -> None:
    good = dict(sso.provider.claims)
    for name, change in CLAIMS.items():
        sso.provider.claims = good | change
        answer = await sso.come_back()
        assert (answer.status_code, answer.json()["code"]) == (401, "SSO_REFUSED"), name
    sso.provider.claims = good
    stranger = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    for header, key in (({}, stranger), ({"kid": "two"}, None), ({"jwk": stranger.as_dict(private=False)}, stranger)):
        sso.provider.header, sso.provider.signed_by = header, key
        assert (await sso.come_back()).json()["code"] == "SSO_REFUSED"
    sso.provider.header, sso.provider.signed_by = {}, None
    await sso.signed_in()


async def test_a_sign_in_that_did_not_begin_here_is_refused(sso: Sso) -> None:
    other = await sso.leave()
    for change in ({"state": "x" * 43}, {"ticket": "x"}, {"ticket": other["ticket"]}, {"iss": "https://evil.test"}):
        assert (await sso.come_back(**change)).json()["code"] == "SSO_REFUSED", change
    # Another sign-in's code: its verifier is not ours.
    assert (await sso.come_back(code=other["code"])).json()["code"] == "SSO_REFUSED"
    back = await sso.leave()
    assert (await sso.post("/auth/sso/finish", back)).status_code == 200
    assert (await sso.post("/auth/sso/finish", back)).json()["code"] == "SSO_REFUSED"
    late = await sso.leave()
    sso.site.clock.ahead += timedelta(minutes=10)
    assert (await sso.post("/auth/sso/finish", late)).json()["code"] == "SSO_REFUSED"


async def test_a_provider_that_is_not_who_it_should_be_is_not_used(sso: Sso) -> None:
    sso.provider.described = {"issuer": "https://evil.test"}
    answer = await sso.post("/auth/sso/start", {"organisation": sso.slug})
    assert (answer.status_code, answer.json()["code"]) == (503, "SSO_UNAVAILABLE")


async def test_private_addresses_are_never_called(sso: Sso, monkeypatch: pytest.MonkeyPatch) -> None:
    sso.site.app.state.services = sso.site.services
    answer = await sso.post("/auth/sso/start", {"organisation": sso.slug})
    assert (answer.status_code, answer.json()["code"]) == (503, "SSO_UNAVAILABLE")
    monkeypatch.setattr(sso.site.services.settings.licences, "callback_private_addresses", False)
    for issuer in ("http://idp.test", "https://127.0.0.1", "https://[::1]/x", "https://user:pass@idp.test"):
        assert (await sso.set(issuer=issuer)).status_code == 422


async def test_unknown_organisations_and_those_without_look_alike(sso: Sso) -> None:
    assert (await sso.site.http.delete("/v1/sso-connection", headers=sso.owner.headers)).status_code == 204
    answers = [await sso.post("/auth/sso/start", {"organisation": slug}) for slug in (sso.slug, uuid4().hex)]
    seen = [answer.json() | {"request_id": ""} for answer in answers]
    assert seen[0] == seen[1]
    assert answers[0].status_code == 404


async def test_a_provider_makes_no_owners_and_its_secret_is_sealed(sso: Sso) -> None:
    assert (await sso.set(default_role="owner")).status_code == 422
    async with sso.site.services.uow() as uow:
        found = await uow._session.execute(
            text("SELECT row_to_json(t)::text FROM sso_connections t WHERE organisation_id = CAST(:id AS uuid)"),
            {"id": sso.owner.organisation_id},
        )
        assert CLIENT_SECRET not in found.scalar_one()
        # And it moves with a rotation, here to the same key sealed anew.
        record = await uow.keys.active_tenant_key(sso.owner.organisation_id)
        assert record is not None
        key, table = await open_tenant_key(sso.site.services.vault, record), SsoTable()
        other = TenantKeyRecord("0" * 32, sso.owner.organisation_id, 2, b"", "root")
        rows = await table.left(uow, other, None, 10)
        assert len(rows) == 1
        await table.store(uow, [table.moved(row, key, record, key) for row in rows])
        await uow.commit()
    await sso.signed_in()
