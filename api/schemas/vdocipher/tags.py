"""Lists of tags."""

from __future__ import annotations

from pydantic import BaseModel


class TagsOut(BaseModel):
    """What VdoCipher's rows look like is documented nowhere; here they are the tags."""

    rows: list[str]
