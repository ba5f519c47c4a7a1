"""What endpoints can be told of, and the published JSON Schema (draft 2020-12) of what each event carries.

A schema's version counts up when a field changes its meaning or goes; fields may be added at any time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

SCHEMA_VERSION = 1
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class EventType(StrEnum):
    """Stable names, part of the API. A type is added, never renamed."""

    VIDEO_QUEUED = "video.queued"
    VIDEO_PROCESSING = "video.processing"
    VIDEO_READY = "video.ready"
    VIDEO_FAILED = "video.failed"
    VIDEO_CANCELLED = "video.cancelled"
    VIDEO_DELETED = "video.deleted"
    UPLOAD_CREATED = "upload.created"
    UPLOAD_FINISHED = "upload.finished"
    UPLOAD_ABORTED = "upload.aborted"
    UPLOAD_EXPIRED = "upload.expired"
    SESSION_OPENED = "playback_session.opened"
    SESSION_ENDED = "playback_session.ended"
    LICENCE_GRANTED = "licence.granted"
    LICENCE_REFUSED = "licence.refused"
    ENDPOINT_DISABLED = "webhook_endpoint.disabled"
    TEST = "webhook.test"


@dataclass(frozen=True)
class EventDescription:
    """`data` is the schema of the message's `data`."""

    type: EventType
    description: str
    version: int
    data: Mapping[str, Any]


_ID: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_TEXT: dict[str, Any] = {"type": "string"}
_TEXT_OR_NULL: dict[str, Any] = {"type": ["string", "null"]}
_WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}
_TIME: dict[str, Any] = {"type": "string", "format": "date-time"}

_EVERY: dict[str, Any] = {
    "schema_version": {**_WHOLE, "description": "Of this schema."},
    "object_version": {**_WHOLE, "description": "Grows from one event of an object to the next: drop what is older."},
}
_VIDEO: dict[str, Any] = {
    "video_id": _ID,
    "version": {**_WHOLE, "description": "Which version of the video this is about."},
    "current_version": {"type": ["integer", "null"], "description": "The one that plays."},
    "title": _TEXT,
    "status": {**_TEXT, "description": "Of that version."},
    "duration": {"type": ["integer", "null"], "description": "Seconds."},
    "tags": {"type": ["array", "null"], "items": _TEXT},
    "created_at": _TIME,
}
_FAILURE: dict[str, Any] = {
    "failure": {
        "type": "object",
        "properties": {"code": _TEXT, "sentence": _TEXT},
        "required": ["code", "sentence"],
    }
}
_UPLOAD: dict[str, Any] = {
    "video_id": _ID,
    "version": _WHOLE,
    "filename": _TEXT,
    "size": {**_WHOLE, "description": "Bytes, as announced."},
}
_SESSION: dict[str, Any] = {
    "session_id": _ID,
    "video_id": _ID,
    "version": _WHOLE,
    "viewer_id": _TEXT_OR_NULL,
    "device_id": _TEXT_OR_NULL,
    "expires_at": _TIME,
}
_LICENCE: dict[str, Any] = {"session_id": _ID, "video_id": _ID, "system": _TEXT}


def _described(type_: EventType, description: str, *fields: Mapping[str, Any]) -> EventDescription:
    properties = {name: schema for each in (_EVERY, *fields) for name, schema in each.items()}
    return EventDescription(
        type_,
        description,
        SCHEMA_VERSION,
        {"$schema": _DIALECT, "type": "object", "properties": properties, "required": sorted(properties)},
    )


_ALL = (
    _described(EventType.VIDEO_QUEUED, "A version waits to be processed.", _VIDEO),
    _described(EventType.VIDEO_PROCESSING, "Its processing has begun.", _VIDEO),
    _described(EventType.VIDEO_READY, "A version is published: this is what new sessions play.", _VIDEO),
    _described(EventType.VIDEO_FAILED, "A version cannot be published.", _VIDEO, _FAILURE),
    _described(EventType.VIDEO_CANCELLED, "The processing of a version was cancelled.", _VIDEO),
    _described(EventType.VIDEO_DELETED, "A video is gone, with its objects and keys.", _VIDEO),
    _described(EventType.UPLOAD_CREATED, "An upload was announced.", _UPLOAD),
    _described(EventType.UPLOAD_FINISHED, "All of a file has arrived.", _UPLOAD),
    _described(EventType.UPLOAD_ABORTED, "An upload was given up by its owner.", _UPLOAD),
    _described(EventType.UPLOAD_EXPIRED, "An upload was not finished in time.", _UPLOAD),
    _described(EventType.SESSION_OPENED, "A viewer may play.", _SESSION),
    _described(EventType.SESSION_ENDED, "A session was ended before it expired.", _SESSION, {"reason": _TEXT}),
    _described(
        EventType.LICENCE_GRANTED,
        "A licence was given to a session.",
        _LICENCE,
        {"kids": {"type": "array", "items": _ID}, "persistent": {"type": "boolean"}, "expires_at": _TIME},
    ),
    _described(EventType.LICENCE_REFUSED, "A session was refused a licence.", _LICENCE, {"code": _TEXT}),
    _described(EventType.ENDPOINT_DISABLED, "An endpoint is sent nothing more.", {"endpoint_id": _ID, "reason": _TEXT}),
    _described(EventType.TEST, "You asked for it.", {"endpoint_id": _ID}),
)
EVENT_TYPES: dict[EventType, EventDescription] = {each.type: each for each in _ALL}
