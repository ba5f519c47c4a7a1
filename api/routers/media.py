"""Published objects, under paths that are signed for one session. Never originals, never intermediate files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import Services
from api.errors import responses
from api.object_response import ObjectResponse
from api.preconditions import Preconditions
from api.services import ApiServices
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.errors import NotFound
from core.domain.playback.media_types import media_type
from core.domain.playback.path_signature import MediaGrant, object_path, verify
from core.ports import ObjectNotFound
from core.services.playback.licensed_manifest import is_manifest, licensed_manifest

router = APIRouter(prefix="/media", tags=["media"])

Licence = Annotated[str | None, Query(max_length=300, description="From the session's addresses of manifests.")]

#: The address holds the right, so that any page may use it; the content never changes under it.
_HEADERS = {
    "Accept-Ranges": "bytes",
    "Access-Control-Expose-Headers": "Content-Length, Content-Range, ETag",
    "Cache-Control": "private, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
#: A manifest that says where its licences are opens the video: it stays with the player that asked.
_LICENSED_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.get("/{token}/{path:path}", response_class=Response, responses=responses(403, 404, 416, 422, 503))
async def read_object(
    token: str,  # noqa: ARG001
    path: str,  # noqa: ARG001
    request: Request,
    services: Services,
    licence: Licence = None,
) -> Response:
    """Whole or, with a single `Range`, in part; `If-None-Match` and `If-Range` are obeyed.

    A manifest with `licence` says where its licences are, and always comes whole.
    """
    grant, name = _granted(request, services)
    key, asked = _key(grant, name), Preconditions.of(request.headers)
    try:
        if licence is not None and is_manifest(name):
            return await _licensed(services, grant, name, licence)
        etag = (await services.storage.stat(key)).etag if asked.need_etag else None
        if etag is not None and asked.has_current(etag):
            return Response(status_code=304, headers=_HEADERS | {"ETag": f'"{etag}"'})
        body = await services.storage.open(key, asked.range_for(etag))
    except ObjectNotFound:
        raise NotFound("There is no such object.") from None
    return ObjectResponse(body, media_type(name), _HEADERS)


@router.head("/{token}/{path:path}", response_class=Response, responses=responses(403, 404, 422, 503))
async def stat_object(
    token: str,  # noqa: ARG001
    path: str,  # noqa: ARG001
    request: Request,
    services: Services,
    licence: Licence = None,
) -> Response:
    grant, name = _granted(request, services)
    try:
        if licence is not None and is_manifest(name):
            return await _licensed(services, grant, name, licence)
        found = await services.storage.stat(_key(grant, name))
    except ObjectNotFound:
        raise NotFound("There is no such object.") from None
    if Preconditions.of(request.headers).has_current(found.etag):
        return Response(status_code=304, headers=_HEADERS | {"ETag": f'"{found.etag}"'})
    headers = _HEADERS | {"Content-Length": str(found.size), "ETag": f'"{found.etag}"'}
    return Response(headers=headers, media_type=media_type(name))


async def _licensed(services: ApiServices, grant: MediaGrant, name: str, licence: str) -> Response:
    """Raises Forbidden, ObjectNotFound."""
    content = await licensed_manifest(
        services.uow,
        services.storage,
        services.signing_keys,
        services.licence_places,
        grant,
        name,
        licence,
        services.clock.now(),
    )
    return Response(content, headers=_LICENSED_HEADERS, media_type=media_type(name))


def _granted(request: Request, services: ApiServices) -> tuple[MediaGrant, str]:
    """What the path grants, and the object's name. Raises Forbidden, NotFound, EndedSessionsUnknown.

    Looks at the path as it was sent: what the framework hands out is decoded, and `%2e%2e` must not become `..`.
    """
    raw = request.scope["raw_path"].decode("latin-1").partition("/media/")[2]
    token, _, path = raw.partition("/")
    grant = verify(services.signing_keys.media_path, token, services.clock.now().timestamp())
    services.ended_sessions.check(grant.session_id)
    return grant, object_path(path)


def _key(grant: MediaGrant, name: str) -> str:
    target = VersionRef(grant.organisation_id, grant.video_id, grant.version)
    return object_keys.played_object(target, name)
