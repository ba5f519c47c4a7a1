"""Bodies of the import routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.schemas.text import CleanText, Strict
from core.domain.media.plan import ProtectionScheme
from core.domain.video import VideoState

#: Of `PUT /api/videos/importUrl`, for documentation: it is read by hand.
IMPORT_REQUEST: dict[str, Any] = {
    "type": "object",
    "required": ["url"],
    "properties": {
        "url": {"type": "string", "maxLength": 4000, "description": "http, https, ftp, or s3 where configured."},
        "title": {"type": "string", "maxLength": 500, "description": "Without one, the file's name."},
        "folderId": {"type": "string", "default": "root"},
    },
}


class ImportedOut(BaseModel):
    """VdoCipher's video object, of a video that is not there yet."""

    id: str
    title: str
    description: str
    upload_time: int = Field(description="Unix seconds.")
    status: Literal["Queued"] = "Queued"


class ImportIn(Strict):
    """The file is fetched from `url`: http, https, ftp, or s3 where the operator has configured it."""

    url: Annotated[CleanText, Field(min_length=1, max_length=4000)]
    title: Annotated[CleanText, Field(max_length=500)] = Field(default="", description="Without one, the file's name.")
    description: Annotated[CleanText, Field(max_length=10_000)] = ""
    scheme: ProtectionScheme | None = Field(default=None, description="How to encrypt it; the server has a default.")


class ImportOut(BaseModel):
    """Watch it at `GET /v1/videos/{video_id}/progress`."""

    video_id: str
    version: int
    status: VideoState
