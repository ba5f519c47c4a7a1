"""What VdoCipher's clients send in bodies, however they say what it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request

from api.bounded_body import read_body
from core.domain.access.lenient_fields import fields_of

_MOST_BYTES = 256 * 1024


async def request_fields(request: Request) -> Mapping[str, Any]:
    """JSON or a form; nothing is no fields. Raises InvalidInput, HTTPException 413."""
    return fields_of(await read_body(request, _MOST_BYTES))


Fields = Annotated[Mapping[str, Any], Depends(request_fields)]


def body_of(**properties: dict[str, Any]) -> dict[str, Any]:
    """For a route's documentation: `openapi_extra`."""
    schema = {"type": "object", "properties": properties}
    content = {"application/json": {"schema": schema}, "application/x-www-form-urlencoded": {"schema": schema}}
    return {"requestBody": {"required": False, "content": content}}
