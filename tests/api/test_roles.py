"""Each role against each route, from one table: the routes' own, which is what the API describes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.app import _ROUTERS as ROUTERS
from api.dependencies import authorised, authorised_packager, require_licence_path, require_playback_token
from core.domain.auth.permissions import GRANTS, KEY_ROLES, Permission, Role
from tests.api.test_authorisation import BODIES, ENTRANCES, PUBLIC, SIGNED
from tests.fixtures.api_site import ApiSite

pytestmark = pytest.mark.stack

CHECKS = {authorised, authorised_packager}
#: What a member, or any credential, may do with itself.
OWN = {
    "/auth/verify",
    "/auth/sessions",
    "/auth/sessions/{own_session_id}",
    "/auth/password",
    "/auth/totp",
    "/auth/totp/confirm",
    "/auth/totp/remove",
}
OTHER_RIGHTS = {require_licence_path, require_playback_token}


def dependencies(dependant: Dependant) -> Iterator[Dependant]:
    for each in dependant.dependencies:
        yield each
        yield from dependencies(each)


def routes() -> Iterator[tuple[str, str, list[Dependant]]]:
    for module in ROUTERS:
        for route in module.router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods):
                yield method, route.path, list(dependencies(route.dependant))


def permission_of(found: list[Dependant]) -> list[str]:
    return [scope for each in found if each.call in CHECKS for scope in each.own_oauth_scopes or []]


ROUTES = {(method, path): found for method, path, found in routes()}
GUARDED = {route: permission_of(found)[0] for route, found in ROUTES.items() if permission_of(found)}


def test_every_route_asks_for_one_permission_or_says_why_not() -> None:
    for (method, path), found in ROUTES.items():
        permissions = permission_of(found)
        other = any(each.call in OTHER_RIGHTS for each in found) or path in PUBLIC | SIGNED | ENTRANCES | OWN
        assert (len(permissions) == 1) != other, f"{method} {path} asks for {permissions}"
        assert set(permissions) <= set(Permission)
    assert len(GUARDED) > 30


def test_the_description_names_the_permission() -> None:
    app = FastAPI()
    for module in ROUTERS:
        app.include_router(module.router)
    paths = app.openapi()["paths"]
    for (method, path), permission in GUARDED.items():
        # What clients may write with a slash at its end is described without.
        described = (paths.get(name, {}) for name in (path, path.removesuffix("/")))
        operation = next(found[method.lower()] for found in described if method.lower() in found)
        named = [scope for each in operation["security"] for scope in next(iter(each.values()))]
        assert permission in named, path


def test_what_is_ones_own_needs_a_credential_all_the_same() -> None:
    for (method, path), found in ROUTES.items():
        assert path not in OWN or any(each.call in CHECKS for each in found), f"{method} {path}"


@pytest.mark.parametrize("role", sorted(KEY_ROLES))
async def test_a_role_reaches_the_routes_that_its_permissions_name_and_no_other(site: ApiSite, role: Role) -> None:
    tenant = await site.tenant(role)
    reached = 0
    for (method, path), permission in GUARDED.items():
        url = path.format_map(defaultdict(lambda: "0" * 32))
        headers = {**tenant.headers, "Tus-Resumable": "1.0.0"}
        answer = await site.http.request(method, url, json=BODIES.get(path), headers=headers)
        refused = answer.status_code == 403 and (method == "HEAD" or answer.json()["code"] == "FORBIDDEN")
        assert refused == (permission not in GRANTS[role]), (role, method, path, answer.text)
        assert answer.status_code < 500
        reached += not refused
    assert reached == len([each for each in GUARDED.values() if each in GRANTS[role]])
