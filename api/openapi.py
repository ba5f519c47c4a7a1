"""The API's description: tags, and the schema that all errors share."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.errors import responses
from api.schemas.problem import Problem

_TAGS = [
    {"name": "uploads", "description": "A file goes in: announce, send parts to the object store, complete."},
    {"name": "videos", "description": "What has become of it."},
    {"name": "VdoCipher", "description": "The contract of VdoCipher's server API, for clients written for it."},
    {"name": "progress", "description": "How far it is, as JSON and as server-sent events."},
    {"name": "playback", "description": "Sessions for viewers."},
    {"name": "viewers", "description": "What viewers watch and on which devices: look, end, block."},
    {"name": "licences", "description": "Keys for players."},
    {"name": "key servers", "description": "Keys for other packagers."},
    {"name": "webhooks", "description": "Being told of what happens, and what became of telling."},
    {"name": "auth", "description": "Signing in: sessions, passwords, second factors, public keys of tokens."},
    {"name": "access", "description": "API keys, members, single sign-on, and who changed what."},
    {"name": "media", "description": "Published objects under signed paths."},
    {"name": "player", "description": "The player page."},
    {"name": "health", "description": "For load balancers."},
]


def describe(app: FastAPI) -> None:
    """Replace FastAPI's own validation error by ours, which is what the handlers send."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = "Open, self-hosted platform for selling and protecting video."
            schema = get_openapi(
                title=app.title, version="0.1.0", description=description, routes=app.routes, tags=_TAGS
            )
            schemas = schema.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = Problem.model_json_schema()
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for operation in (each for path in schema["paths"].values() for each in path.values()):
                _mention_bad_json(operation)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _mention_bad_json(operation: dict[str, Any]) -> None:
    """What is no JSON in UTF-8 is refused before a route sees it; some routes describe all their refusals in one."""
    answers = operation["responses"]
    if "application/json" in operation.get("requestBody", {}).get("content", {}) and "4XX" not in answers:
        answers.setdefault("400", responses(400)[400])
