"""Every route with every id that one tenant has, asked by another tenant: the same answer as for ids of nobody.

The routes and what they take are read from the API's own description. One that takes something new, or a body that
is not in the tables below, fails here until somebody has said which ids it may hold.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import _ROUTERS as ROUTERS
from core.contracts.version_ref import VersionRef
from core.db.models import OfflineLicence
from core.domain.auth.permissions import Role
from core.domain.media.plan import ProtectionScheme
from core.domain.playback.path_signature import MediaGrant, sign
from core.services.playback.token import PlaybackClaims, issue_token
from tests.api.test_roles import OWN
from tests.fixtures import playready_messages, widevine_messages
from tests.fixtures.api_site import Tenant
from tests.fixtures.fairplay_device import FairPlayDevice
from tests.fixtures.licence_site import LicenceSite, clearkey_request
from tests.fixtures.members import new_member
from tests.fixtures.published_video import PLAN
from tests.fixtures.speke_documents import ROUTE as SPEKE
from tests.fixtures.widevine_client import Signer, aes_signature, b64, inner

pytestmark = pytest.mark.stack

Body = Callable[["Ids", LicenceSite], Any]

NOT_OURS = b"k" * 32
"""A key that no signature of ours is made with."""


@dataclass(frozen=True)
class Ids:
    """What a tenant has, by the names of the parameters; the last five are rights, which only their holder has."""

    organisation_id: str
    video_id: str
    session_id: str
    row_id: str
    kid: str
    copy_id: str
    signer_id: str
    api_key_id: str
    member_id: str
    own_session_id: str
    signer: str
    viewer_id: str
    otp: str = field(repr=False)
    token: str = field(repr=False)
    licence: str = field(repr=False)
    bearer: str = field(repr=False)
    signing: tuple[bytes, bytes] = field(repr=False)

    def with_rights_of(self, other: Ids) -> Ids:
        rights = {name: getattr(other, name) for name in ("otp", "token", "licence", "bearer", "signing")}
        return replace(self, **rights)

    def with_forged_rights(self) -> Ids:
        """As right as whoever knows the ids, and no key, can make them."""
        target = VersionRef(self.organisation_id, self.video_id, 1)
        grant = MediaGrant(self.organisation_id, self.video_id, 1, self.session_id, 2**33)
        return replace(
            self,
            otp=self.organisation_id + "0" * 32,
            token=sign(NOT_OURS, grant),
            licence=sign(NOT_OURS, grant),
            bearer=issue_token(NOT_OURS, PlaybackClaims(target, self.session_id, 2**33)),
            signing=(NOT_OURS, NOT_OURS[:16]),
        )


def nobodys() -> Ids:
    """Ids as ours are, of nothing."""
    names = [each.name for each in dataclasses.fields(Ids) if each.name != "signing"]
    return Ids(**{name: uuid4().hex for name in names}, signing=(NOT_OURS, NOT_OURS[:16])).with_forged_rights()


def playback_info(ids: Ids) -> str:
    return b64(json.dumps({"videoId": ids.video_id}).encode())


def fairplay(ids: Ids, site: LicenceSite) -> bytes:
    return FairPlayDevice(site.rsa, ids.kid.encode()).spc()


def key_request(ids: Ids, _: LicenceSite) -> dict[str, str]:
    raw = json.dumps(inner(bytes.fromhex(ids.video_id), protection_scheme="CBCS")).encode()
    return {"request": b64(raw), "signature": b64(aes_signature(*ids.signing, raw)), "signer": ids.signer}


#: Parameters that name nothing of anybody's.
HARMLESS = {"limit", "cursor", "persistent", "x-speke-version"}
FIXED = {"path": "manifest.mpd"}
#: Bodies with ids in them.
BODIES: dict[str, Body] = {
    "/api/playback/redeem": lambda ids, _: {"otp": ids.otp, "playbackInfo": playback_info(ids)},
    "/keys/widevine/{organisation_id}/getcontentkey": key_request,
    "/auth/otp/generate": lambda ids, _: {"video_id": ids.video_id},
}
for _suffix in ("", "/{licence}"):
    BODIES[f"/api/licences/clearkey{_suffix}"] = lambda ids, _: clearkey_request((ids.kid,))
    BODIES[f"/api/licences/widevine{_suffix}"] = lambda ids, _: widevine_messages.challenge([ids.kid])
    BODIES[f"/api/licences/playready{_suffix}"] = lambda ids, _: playready_messages.challenge([ids.kid])
    BODIES[f"/api/licences/fairplay{_suffix}"] = fairplay
#: Bodies without.
PLAIN: dict[str, Any] = {
    "/v1/uploads": {"filename": "x.mp4", "size": 1},
    "/v1/uploads/{video_id}/parts": {"parts": [1]},
    "/v1/videos/{video_id}/replacement": {"filename": "x.mp4", "size": 1},
    "/v1/videos/{video_id}/playback-sessions": {},
    "/api/videos/{video_id}/otp": {},
    "/api/videos/{video_id}/otp/": {},
    "/v1/videos/{video_id}/rekey": {},
    "/api/playback/heartbeat": {},
    "/v1/key-signers": {"kind": "aes", "name": "x"},
    "/v1/api-keys": {"name": "of a tenant"},
    "/v1/members": {"email": "x@people.test"},
    "/v1/members/{member_id}": {"role": "viewer"},
    "/oauth/token": {},
    "/auth/sso/start": {"organisation": "x"},
    "/auth/sso/finish": {"ticket": "x", "state": "x", "code": "x"},
    "/v1/sso-connection": {"issuer": "https://idp.test", "client_id": "x", "client_secret": "x"},
    "/auth/login": {"email": "x@people.test", "password": "x"},
    "/auth/refresh": {"refresh_token": "x"},
    "/auth/logout": {"refresh_token": "x"},
    "/auth/password": {"old_password": "x", "new_password": "y"},
    "/auth/password/forgotten": {"email": "x@people.test"},
    "/auth/password/set": {"token": "x", "password": "y"},
    "/auth/totp/confirm": {"code": "0"},
    "/auth/totp/remove": {"code": "0"},
    "/v1/api-keys/{api_key_id}/rotate": {},
    "/v1/licence-callback": {"url": "https://customer.test/licence"},
}
#: A content id of somebody else's is one like any other there, under which the caller gets keys of its own:
#: test_a_foreign_kid_and_content_id_are_like_unknown_ones in test_speke.py.
OF_EVERYBODY = {SPEKE}


def routes() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Method, path and operation of whatever the API describes."""
    app = FastAPI()
    for module in ROUTERS:
        app.include_router(module.router)
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            yield method.upper(), path, operation


def parameters(operation: Mapping[str, Any]) -> dict[str, str]:
    """Where each one stands, by name."""
    return {each["name"]: each["in"] for each in operation.get("parameters", ())}


def of_players(operation: Mapping[str, Any]) -> bool:
    return any("PlaybackToken" in scheme for scheme in operation.get("security", ()))


OPERATIONS = {(method, path): operation for method, path, operation in routes()}
WITH_IDS = sorted(
    (method, path)
    for (method, path), operation in OPERATIONS.items()
    if set(parameters(operation)) - HARMLESS or path in BODIES or of_players(operation)
)


def test_whatever_a_route_takes_is_tried_here() -> None:
    known = {each.name for each in dataclasses.fields(Ids)} | FIXED.keys() | HARMLESS
    bodies = BODIES.keys() | PLAIN.keys() | OF_EVERYBODY
    for (method, path), operation in OPERATIONS.items():
        assert set(parameters(operation)) <= known, f"{method} {path} takes an id that nobody tries"
        assert "requestBody" not in operation or path in bodies, f"{method} {path} takes a body that nobody tries"
    assert bodies <= {path for _, path in OPERATIONS}
    assert len(WITH_IDS) >= 40


def test_what_is_not_described_takes_nothing() -> None:
    hidden = {
        (method, route.path)
        for module in ROUTERS
        for route in module.router.routes
        if isinstance(route, APIRoute) and not route.include_in_schema
        for method in route.methods
    }
    assert {path for method, path in hidden if method != "OPTIONS"} <= {"/", "/player", "/docs", "/openapi.json"}


@dataclass(frozen=True)
class World:
    """A tenant with one of everything."""

    tenant: Tenant
    ids: Ids
    member: dict[str, str] = field(repr=False)

    def credential(self, path: str) -> dict[str, str]:
        """An API key's, but for what members do in person."""
        return self.member if path in OWN else self.tenant.headers

    async def holdings(self, http: httpx.AsyncClient) -> list[Any]:
        """All of it, as the tenant sees it."""
        return [
            (await http.get(path, params={"viewer_id": self.ids.viewer_id}, headers=self.tenant.headers)).json()
            for path in (
                f"/v1/videos/{self.ids.video_id}",
                f"/v1/videos/{self.ids.video_id}/offline-licences",
                "/v1/playback-sessions",
                "/v1/viewer-devices",
                "/v1/key-signers",
                "/v1/api-keys",
                "/v1/audit-log",
                "/v1/members",
            )
        ]


async def world(site: LicenceSite, scheme: ProtectionScheme) -> World:
    http, tenant = site.site.http, await site.site.tenant()
    published = await site.site.published(tenant, replace(PLAN, scheme=scheme))
    video_id, viewer = published.target.video_id, uuid4().hex
    session = await site.site.session(tenant, video_id, viewer_id=viewer, device_id="tv")
    devices = await http.get("/v1/viewer-devices", params={"viewer_id": viewer}, headers=tenant.headers)
    otp = await http.post(f"/api/videos/{video_id}/otp", headers=tenant.headers)
    signer = await Signer.add(site.site, tenant, uuid4().hex)
    member = await new_member(site.site, tenant.organisation_id, Role.EDITOR)
    address = urlsplit(session["hls_url"])
    ids = Ids(
        organisation_id=tenant.organisation_id,
        video_id=video_id,
        session_id=session["session_id"],
        row_id=devices.json()["devices"][0]["id"],
        kid=published.kids[0],
        copy_id=await offline_copy(site, published.target, session["session_id"]),
        signer_id=signer.id,
        api_key_id=await api_key(http, tenant),
        member_id=member.id,
        own_session_id=member.tokens["session_id"],
        signer=signer.name,
        viewer_id=viewer,
        otp=otp.json()["otp"],
        token=address.path.split("/")[2],
        licence=parse_qs(address.query)["licence"][0],
        bearer=session["token"],
        signing=(signer.key, signer.iv),
    )
    return World(tenant, ids, member.headers)


async def api_key(http: httpx.AsyncClient, tenant: Tenant) -> str:
    answer = await http.post("/v1/api-keys", json={"name": uuid4().hex}, headers=tenant.headers)
    return str(answer.json()["key"]["id"])


async def offline_copy(site: LicenceSite, target: VersionRef, session_id: str) -> str:
    now = site.site.clock.now()
    copy = OfflineLicence(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        session_id=session_id,
        holder="holder",
        device_id="tv",
        license_type="widevine",
        downloads=1,
        challenge_hash="0" * 64,
        issued_at=now,
        expires_at=now + timedelta(days=1),
    )
    async with site.site.services.uow() as uow:
        uow.offline_licences.add(copy)
        await uow.commit()
    return copy.id


def request(site: LicenceSite, method: str, path: str, ids: Ids, api_key: dict[str, str]) -> dict[str, Any]:
    """As httpx takes it."""
    operation = OPERATIONS[method, path]
    values = {name: FIXED.get(name) or getattr(ids, name, None) for name in parameters(operation)}
    query = {name: values[name] for name, place in parameters(operation).items() if place == "query" and values[name]}
    body = BODIES[path](ids, site) if path in BODIES else PLAIN.get(path)
    return {
        "method": method,
        "url": path.format_map(values),
        "params": query,
        "headers": {"Authorization": f"Bearer {ids.bearer}"} if of_players(operation) else api_key,
        **({"content": body} if isinstance(body, bytes) else {"json": body}),
    }


def seen(answer: httpx.Response) -> tuple[int, Any, dict[str, str]]:
    """All that a caller sees, but for what differs from one request to the next."""
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    described = "json" in headers.get("content-type", "") and answer.content
    body = answer.json() if described else answer.content
    if isinstance(body, dict):
        body.pop("request_id", None)
    return answer.status_code, body, headers


def gives_nothing(answer: httpx.Response) -> bool:
    """A refusal, in the words of HTTP or of Widevine's protocol, or a list or a count of nothing."""
    if answer.status_code >= 400:
        return True
    body = answer.json()
    if "response" in body:
        return bool(json.loads(base64.b64decode(body["response"]))["status"] == "SIGNATURE_FAILED")
    return not any(body.values())


#: What an owner does last, because it takes from its own world.
LAST = [
    ("DELETE", "/v1/playback-sessions"),
    ("DELETE", "/v1/playback-sessions/{session_id}"),
    ("POST", "/v1/keys/{kid}/revoke"),
    ("POST", "/v1/viewer-devices/{row_id}/block"),
    ("DELETE", "/v1/viewer-devices/{row_id}/block"),
    ("DELETE", "/v1/viewer-devices"),
    ("DELETE", "/v1/key-signers/{signer_id}"),
    ("DELETE", "/v1/api-keys/{api_key_id}"),
    ("DELETE", "/auth/sessions/{own_session_id}"),
    ("DELETE", "/v1/members/{member_id}"),
    ("DELETE", "/v1/videos/{video_id}"),
]


def in_order(route: tuple[str, str]) -> int:
    return LAST.index(route) if route in LAST else -1


@pytest.mark.parametrize("scheme", [ProtectionScheme.CBCS, ProtectionScheme.AES128], ids=str)
async def test_what_another_tenant_has_is_answered_as_what_nobody_has(
    licence_site: LicenceSite, scheme: ProtectionScheme
) -> None:
    owner, stranger = await world(licence_site, scheme), await world(licence_site, scheme)
    http = licence_site.site.http
    tried = sorted((each for each in WITH_IDS if ("aes128" in each[1]) == (scheme == "aes128")), key=in_order)
    before, refusals = await owner.holdings(http), {}
    for route in tried:
        refusals[route] = await one_answer_for_both(licence_site, route, owner, stranger)
    assert await owner.holdings(http) == before
    # And there was something to be found, each time.
    for route in tried:
        own = await http.request(**request(licence_site, *route, owner.ids, owner.credential(route[1])))
        assert own.status_code in {200, 201, 202, 204, 409}, (route, own.text)
        assert seen(own) != refusals[route], route


async def one_answer_for_both(site: LicenceSite, route: tuple[str, str], owner: World, stranger: World) -> Any:
    """What the stranger sees, whether the ids are the owner's or nobody's."""
    answers = []
    for theirs, of_nobody in (
        (owner.ids.with_forged_rights(), nobodys()),
        (owner.ids.with_rights_of(stranger.ids), nobodys().with_rights_of(stranger.ids)),
    ):
        asked, unknown = (request(site, *route, ids, stranger.credential(route[1])) for ids in (theirs, of_nobody))
        if asked == unknown:
            continue  # rights are all that the route takes, and these are the stranger's own
        foreign = await site.site.http.request(**asked)
        assert gives_nothing(foreign), (route, foreign.text)
        answers.append(seen(foreign))
        assert answers[-1] == seen(await site.site.http.request(**unknown)), route
    return answers[-1]
