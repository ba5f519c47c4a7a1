"""Typed search attributes. Ids and stages only: the server stores them unencrypted."""

from __future__ import annotations

from temporalio.common import SearchAttributeKey

ORGANISATION_ID = SearchAttributeKey.for_keyword("OrganisationId")
VIDEO_ID = SearchAttributeKey.for_keyword("VideoId")
STAGE = SearchAttributeKey.for_keyword("Stage")

ALL: tuple[SearchAttributeKey[str], ...] = (ORGANISATION_ID, VIDEO_ID, STAGE)
