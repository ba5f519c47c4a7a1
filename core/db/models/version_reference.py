"""The composite foreign key by which a row belongs to one version of one video of one organisation."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint


def version_reference(table: str) -> ForeignKeyConstraint:
    """Carrying the organisation in the key makes a row that points across tenants impossible."""
    return ForeignKeyConstraint(
        ["organisation_id", "video_id", "version"],
        ["video_versions.organisation_id", "video_versions.video_id", "video_versions.version"],
        name=f"fk_{table}_version",
    )
