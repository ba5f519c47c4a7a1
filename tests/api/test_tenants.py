"""Every route with every id that one tenant has, asked by another tenant: the same answer as for ids of nobody.

The routes and what they take are read from the API's own description. One that takes something new, or a body that
is not in the tables below, fails here until somebody has said which ids it may hold.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import _ROUTERS as ROUTERS
from core.domain.media.plan import ProtectionScheme
from tests.fixtures import playready_messages, widevine_messages
from tests.fixtures.fairplay_device import FairPlayDevice
from tests.fixtures.licence_site import LicenceSite, clearkey_request
from tests.fixtures.speke_documents import ROUTE as SPEKE
from tests.fixtures.tenant_world import TUS, Ids, World, nobodys, world
from tests.fixtures.widevine_client import aes_signature, b64, inner

pytestmark = pytest.mark.stack

Body = Callable[["Ids", LicenceSite], Any]


def playback_info(ids: Ids) -> str:
    return b64(json.dumps({"videoId": ids.video_id}).encode())


def fairplay(ids: Ids, site: LicenceSite) -> bytes:
    return FairPlayDevice(site.rsa, ids.kid.encode()).spc()


def key_request(ids: Ids, _: LicenceSite) -> dict[str, str]:
    raw = json.dumps(inner(bytes.fromhex(ids.video_id), protection_scheme="CBCS")).encode()
    return {"request": b64(raw), "signature": b64(aes_signature(*ids.signing, raw)), "signer": ids.signer}


#: Parameters that name nothing of anybody's.
HARMLESS = {
    "Idempotency-Key",
    "limit",
    "cursor",
    "persistent",
    "x-speke-version",
    "event_type",
    "state",
    "since",
    "until",
    "page",
    "q",
    "tags",
    "tag",
}
FIXED = {"path": "manifest.mpd", "title": "x", "language": "en", "name": "1.jpg"}
#: Other names of ids.
ALIASES = {"folderId": "folder_id", "video": "video_id", "videos": "video_id"}
#: Bodies with ids in them, by path, or by method and path where those of other methods have none.
BODIES: dict[str, Body] = {
    "/api/playback/redeem": lambda ids, _: {"otp": ids.otp, "playbackInfo": playback_info(ids)},
    "/keys/widevine/{organisation_id}/getcontentkey": key_request,
    "/v1/webhook-deliveries/replay": lambda ids, _: {
        "endpoint_id": ids.endpoint_id,
        "since": "2020-01-01T00:00:00Z",
        "until": "2120-01-01T00:00:00Z",
    },
    "DELETE /api/hooks": lambda ids, _: {"uuid": ids.hook_id},
    "/auth/otp/generate": lambda ids, _: {"video_id": ids.video_id},
}
for _suffix in ("", "/{licence}"):
    BODIES[f"/api/licences/clearkey{_suffix}"] = lambda ids, _: clearkey_request((ids.kid,))
    BODIES[f"/api/licences/widevine{_suffix}"] = lambda ids, _: widevine_messages.challenge([ids.kid])
    BODIES[f"/api/licences/playready{_suffix}"] = lambda ids, _: playready_messages.challenge([ids.kid])
    BODIES[f"/api/licences/fairplay{_suffix}"] = fairplay
BODIES["/api/videos/tags"] = lambda ids, _: {"videos": [ids.video_id], "tags": ["x"]}
BODIES["/api/videos/folders"] = lambda ids, _: {"name": "x", "parent": ids.folder_id}
BODIES["/v2/otp"] = lambda ids, _: {"clientSecretKey": ids.secret, "video": ids.video_id}
#: Bodies without.
PLAIN: dict[str, Any] = {
    "/v1/uploads": {"filename": "x.mp4", "size": 1},
    "/v1/imports": {"url": "https://files.test/x.mp4"},
    "/api/videos/importUrl": {"url": "https://files.test/x.mp4"},
    "/v1/uploads/{video_id}/parts": {"parts": [1]},
    "/v1/videos/{video_id}/replacement": {"filename": "x.mp4", "size": 1},
    "/v1/videos/{video_id}/playback-sessions": {},
    "/api/videos/{video_id}": {"title": "Sintel"},
    "/api/videos/{video_id}/otp": {},
    "/api/videos/{video_id}/files": b"WEBVTT\n\n00:01.000 --> 00:02.000\nx\n",
    "/api/videos/folders/{folder_id}": {"name": "x"},
    "/api/videos/folders/search": {"name": "x"},
    "/api/account/video-usage": {"date": "2026-01-01"},
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
    "/v1/webhook-endpoints": {"url": "https://customer.test/webhooks"},
    "/v1/webhook-endpoints/{endpoint_id}": {},
    "/v1/webhook-endpoints/{endpoint_id}/rotate-secret": {},
    "/api/hooks": {"value": "https://customer.test/hook"},
    "/v1/storage-events": {"Records": []},
}
#: A content id of somebody else's is one like any other there, under which the caller gets keys of its own:
#: test_a_foreign_kid_and_content_id_are_like_unknown_ones in test_speke.py.
OF_EVERYBODY = {SPEKE}


#: Whoever has the id of a published video may know what it is called, and see its posters.
PUBLIC = {"/api/meta/{video_id}", "/posters/{video_id}/{name}"}


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


def body_with_ids(method: str, path: str) -> Body | None:
    return BODIES.get(f"{method} {path}") or BODIES.get(path)


def of_players(operation: Mapping[str, Any]) -> bool:
    return any("PlaybackToken" in scheme for scheme in operation.get("security", ()))


OPERATIONS = {(method, path): operation for method, path, operation in routes()}
WITH_IDS = sorted(
    (method, path)
    for (method, path), operation in OPERATIONS.items()
    if path not in PUBLIC
    and (
        set(parameters(operation)) - HARMLESS
        or (body_with_ids(method, path) and "requestBody" in operation)
        or of_players(operation)
    )
)


def test_whatever_a_route_takes_is_tried_here() -> None:
    known = {each.name for each in dataclasses.fields(Ids)} | FIXED.keys() | ALIASES.keys() | HARMLESS
    bodies = {key.rpartition(" ")[2] for key in BODIES} | PLAIN.keys() | OF_EVERYBODY
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
    # What clients may write with a slash at its end is described without.
    hidden = {(method, path) for method, path in hidden if (method, path.removesuffix("/")) not in OPERATIONS}
    assert {path for method, path in hidden if method != "OPTIONS"} <= {
        *("/", "/player", "/docs", "/openapi.json"),
        *("/v2", "/v2/", "/v2/{script}"),
    }


def request(site: LicenceSite, method: str, path: str, ids: Ids, api_key: dict[str, str]) -> dict[str, Any]:
    """As httpx takes it."""
    operation = OPERATIONS[method, path]
    values = {name: FIXED.get(name) or getattr(ids, ALIASES.get(name, name), None) for name in parameters(operation)}
    query = {name: values[name] for name, place in parameters(operation).items() if place == "query" and values[name]}
    with_ids = body_with_ids(method, path)
    body = with_ids(ids, site) if with_ids else PLAIN.get(path)
    headers = {"Authorization": f"Bearer {ids.bearer}"} if of_players(operation) else api_key
    return {
        "method": method,
        "url": path.format_map(values),
        "params": query,
        "headers": headers | TUS if path.startswith("/v1/tus") else headers,
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
    if body.get("message") == "Successfully deleted 0 videos":
        return True
    return not any(body.values())


#: What an owner does last, because it takes from its own world.
LAST = [
    ("DELETE", "/v1/playback-sessions"),
    ("DELETE", "/v1/playback-sessions/{session_id}"),
    ("POST", "/v1/keys/{kid}/revoke"),
    ("POST", "/v1/viewer-devices/{row_id}/block"),
    ("DELETE", "/v1/viewer-devices/{row_id}/block"),
    ("DELETE", "/v1/viewer-devices"),
    ("DELETE", "/v1/tus/{upload_id}"),
    ("DELETE", "/v1/key-signers/{signer_id}"),
    ("DELETE", "/api/videos/folders/{folder_id}"),
    ("DELETE", "/api/videos/{video_id}/files/{file_id}"),
    ("DELETE", "/api/videos"),
    ("DELETE", "/v1/api-keys/{api_key_id}"),
    ("DELETE", "/auth/sessions/{own_session_id}"),
    ("DELETE", "/v1/members/{member_id}"),
    ("DELETE", "/v1/videos/{video_id}"),
    ("DELETE", "/api/hooks"),
    ("DELETE", "/v1/webhook-endpoints/{endpoint_id}"),
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
