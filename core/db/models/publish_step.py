"""Progress of a publication: one row a step and item, written by a throttled upsert."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from core.db.models.columns import CREATED, TIMESTAMP, UPDATED, HexUuid, text_enum, utc_now
from core.db.models.version_reference import version_reference
from core.domain.progress import Step, StepState


class PublishStep(SQLModel, table=True):
    """`item` is empty for a step of one piece; `weight` is the item's share of the step, in any unit."""

    __tablename__ = "publish_steps"
    __table_args__ = (version_reference("publish_steps"),)

    video_id: str = Field(primary_key=True, sa_type=HexUuid)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    step: Step = Field(primary_key=True, sa_type=text_enum(Step))
    item: str = Field(default="", primary_key=True, max_length=100)
    organisation_id: str = Field(sa_type=HexUuid)
    state: StepState = Field(default=StepState.WAITING, sa_type=text_enum(StepState))
    weight: float = Field(default=1.0, sa_column_kwargs={"server_default": "1"})
    fraction: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    fps: float | None = None
    speed: float | None = None
    note: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})
    started_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    finished_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    created_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=CREATED)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=TIMESTAMP, sa_column_kwargs=UPDATED)
