"""Errors as RFC 9457 problem details."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Problem(BaseModel):
    """`code` is stable: branch on it, never on the text."""

    type: str = Field(examples=["urn:sealcast:problem:not-found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["NOT_FOUND"])
    fields: dict[str, str] = Field(default_factory=dict, description="What to change, by field.")
    request_id: str = Field(description="Quote this when you ask for help.")
