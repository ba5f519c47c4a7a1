"""What VdoCipher tells anybody about a video (docs server/videomanagement/files/posters)."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.schemas.vdocipher.videos import poster_url
from core.services.videos.public_facts import PublicFacts


class MetaPosterOut(BaseModel):
    url: str
    height: int
    width: int


class MetaOut(BaseModel):
    title: str
    duration: int = Field(description="Seconds.")
    aspectRatio: float | None = Field(description="Width by height.")  # noqa: N815 - VdoCipher's name
    posters: list[MetaPosterOut]


def meta_out(facts: PublicFacts, public_url: str) -> MetaOut:
    return MetaOut(
        title=facts.title,
        duration=facts.duration,
        aspectRatio=facts.aspect_ratio,
        posters=[
            MetaPosterOut(url=poster_url(public_url, each), height=each.height, width=each.width)
            for each in facts.posters
        ],
    )
